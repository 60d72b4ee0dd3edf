"""What a redirect session is, and which moves it can make. Pure.

    created --open--> opened --complete--> completed --.
       |                 |-----abandon---> abandoned --+--return--> returned
       '----expire-------'-----expire----> expired   --'

*Abandoned* is something the visitor did; *expired* is the clock. `outcome` keeps how it ended once the status is `returned`. There is one
move against the arrows: `returned` with outcome `abandoned` may be reopened by the browser it is bound to (its Back button) until it
expires. Expiry is enforced whenever a row is read (`status_at`); the worker only tidies up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from roundtrip.core.clock import HOUR, MINUTE
from roundtrip.core.identity import ApiKey, App, Caller, Member, Visitor
from roundtrip.core.told import told


class Status(StrEnum):
    """Where a redirect session is in its life; the names of our own API and of the domain events."""

    CREATED = "created"
    OPENED = "opened"
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    EXPIRED = "expired"
    RETURNED = "returned"


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.CREATED: frozenset({Status.OPENED, Status.EXPIRED}),
    Status.OPENED: frozenset({Status.COMPLETED, Status.ABANDONED, Status.EXPIRED}),
    Status.COMPLETED: frozenset({Status.RETURNED}),
    Status.ABANDONED: frozenset({Status.RETURNED}),
    Status.EXPIRED: frozenset({Status.RETURNED}),
    Status.RETURNED: frozenset(),
}
EVENTS: Mapping[str, Mapping[str, str]] = {
    "redirect_session": {
        "created": told(
            "A site made a redirect session. Carries its address without one-time values.",
            "id fullUrl urlDetails:map shortUrl clientId intent",
        ),
        "opened": told(
            "A browser opened it and is bound to it (`again` when the visitor came back to a visit it had walked away from).",
            "clientId intent again?:yesno",
        ),
        "completed": told(
            "The flow is through. Carries the outcome (`completed`, or an error such as `login_required`) and the documented ids.",
            "clientId intent outcome result:map",
        ),
        "abandoned": told("The visitor walked away.", "clientId intent"),
        "expired": told("Its time was over, or its owner ended it.", "clientId intent"),
        "returned": told("The visitor was sent back to the site.", "clientId intent outcome"),
    }
}
"""What is told to the world about a redirect session, by slug."""
LIVING = frozenset({Status.CREATED, Status.OPENED})


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a redirect session lives, in milliseconds."""

    open_within: int = 30 * MINUTE
    """From creation until the visitor has to have arrived."""
    finish_within: int = 24 * HOUR
    """From arrival until the visitor has to be done."""
    keep_for: int = 90 * 24 * HOUR
    """From creation until an ended session is deleted."""


class Callbacks(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the visitor may be sent, as re-serialised addresses that the allow-list has judged (RED-04)."""

    post_flow_url: str | None = None
    thank_you_page_url: str | None = None
    login_url: str | None = None
    cart_page_url: str | None = None
    bookings_service_list_url: str | None = None
    plan_list_url: str | None = None
    state: str | None = None


class Preferences(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the caller wants the pages to be."""

    use_generic_pages: bool = True
    maintain_identity: bool = True
    additional_query_parameters: dict[str, str] = msgspec.field(default_factory=dict)
    create_short_url: bool = False
    check_if_published: bool = False


class Begun(msgspec.Struct, frozen=True):
    """What a visit was asked to be before it went on as another flow."""

    intent: str
    params: msgspec.Raw


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was asked for at creation; `params` is the intent's own message.

    Nothing in it ever changes (AUT-17), but that our own flow may go on as another one, with the message of that one's intent; then `begun`
    keeps what was asked for.
    """

    params: msgspec.Raw
    callbacks: Callbacks = Callbacks()
    preferences: Preferences = Preferences()
    origin: str | None = None
    begun: Begun | None = None


class RedirectSession(msgspec.Struct, frozen=True):
    """One visit, as stored. `draft` and `result` are JSON texts that only the session's flow understands; `person` is whom they name: a
    member's id or the key of an address."""

    id: str
    site_id: str
    client_id: str
    intent: str
    status: Status
    outcome: str | None
    caller_kind: str
    caller_id: str | None
    caller_grant_id: str | None
    caller_login_id: str | None
    language: str
    request: Request
    entry_hash: str
    browser_hash: str | None
    draft: str | None
    draft_revision: int
    result: Mapping[str, str] | None
    created_at: int
    changed_at: int
    expires_at: int
    person: str | None = None

    def status_at(self, now: int) -> Status:
        """The status as the clock sees it: a living session past its end is expired, whether or not a row says so."""
        return Status.EXPIRED if self.status in LIVING and now >= self.expires_at else self.status

    @property
    def may_reopen(self) -> bool:
        """True for a visit that ended because the visitor walked away."""
        return self.outcome == Status.ABANDONED.value and self.status in (Status.ABANDONED, Status.RETURNED)


def caller_columns(caller: Caller | None) -> tuple[str, str | None, str | None, str | None]:
    """A caller as (kind, id, grant id, login id). None: a standard client that came straight to the authorize address."""
    match caller:
        case Visitor():
            return "visitor", caller.visitor_id, caller.grant_id, None
        case Member():
            return "member", caller.member_id, caller.grant_id, caller.login_id
        case ApiKey():
            return "api_key", caller.key_id, None, None
        case App():
            return "app", caller.client_id, None, None
        case None:
            return "browser", None, None, None


def caller_identity(session: RedirectSession) -> dict[str, str]:
    """Who caused the session, in the form that domain events carry (`docs/reference/webhooks.md`)."""
    match session.caller_kind:
        case "visitor":
            return {"identityType": "ANONYMOUS_VISITOR", "anonymousVisitorId": session.caller_id or ""}
        case "member":
            return {"identityType": "MEMBER", "memberId": session.caller_id or ""}
        case "api_key" | "app":
            return {"identityType": "APP", "appId": session.caller_id or ""}
        case _:
            return {"identityType": "ANONYMOUS_VISITOR"}
