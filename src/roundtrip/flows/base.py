"""What a flow is made of. A folder under `flows/` fills in one `Flow`; the runner, the API and the pages read it.

Nothing here knows HTTP. What must be random or waited for is made by the edge and handed in (`Fresh`, `Work`), because a transaction
may run twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from roundtrip.core.errors import AppError, Refused
from roundtrip.core.identity import Caller
from roundtrip.members.model import Login
from roundtrip.redirect_session.entry_url import EntryUrl
from roundtrip.redirect_session.model import Callbacks, RedirectSession
from roundtrip.sites.model import Client, Site
from roundtrip.sites.readiness import Lack, needs_an_entry
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx
from roundtrip.text.catalogue import spoken

P = TypeVar("P", bound=msgspec.Struct)
D = TypeVar("D", bound=msgspec.Struct)

Form = Mapping[str, str]
"""A submitted form: the last value of each field."""


class NamesSomebody(Protocol):
    """A draft that may name a person has this, so that the visit is found when they ask for their data or want it erased (OPS-08)."""

    @property
    def person(self) -> str | None:
        """The key of the address that was typed (`core.email.email_key`), else the id of the member; None while nobody is known."""


class Identity(StrEnum):
    """Who has to be there. `MEMBER` puts the shared login step in front of the flow's own steps."""

    ANYONE = "anyone"
    VISITOR = "visitor"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser showed: its secret for this redirect session, and one login secret per site."""

    session_secret: str | None = None
    login_secrets: Mapping[str, str] = field(default_factory=dict)
    sent_away: frozenset[str] = frozenset()
    """Clients whose own login page this browser was sent to in the last minutes."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Random values made once per request by the edge, so that a repeated transaction uses the same ones."""

    browser_secret: str
    login_id: str
    login_secret: str
    member_id: str
    code: str
    event_id: str
    mail_id: str
    """Names a mail, and the one-time code in it."""


@dataclass(frozen=True, slots=True)
class Context(Generic[P]):
    """What a flow may look at while it decides: the stored session and who sits in front of it."""

    now: int
    issuer: str
    session: RedirectSession
    params: P
    client: Client
    site: Site
    login: Login | None
    fresh: Fresh
    referrer_origin: str | None = None
    """The origin of the page that the browser came from, if it said so."""
    address: str = ""
    """The network address that the request came from: what guesses are counted by (IDN-02)."""
    code_key: bytes = b""
    """What codes in mails are derived from (`credentials/one_time_code.py`)."""
    payment_key: bytes = b""
    """What addresses of payment pages are made with (`payments/actions.py`)."""
    chosen_language: str = ""
    """What the visitor chose on the pages, if they did; see `language`."""
    work: object | None = None
    """What the job named by `prepare` came back with."""
    found: object | None = None
    """What `refresh` found at the beginning of this transaction. What a step has changed since is not in it."""

    @property
    def language(self) -> str:
        """What the visitor reads, on these pages and in mails about this visit (PAG-07). A session keeps what its site named, which may
        be `en-US`, or a language that we do not have."""
        return spoken(self.chosen_language, self.session.language, self.site.language)


@dataclass(frozen=True, slots=True)
class Work:
    """A job that waits (hash a password, ask a payment provider). The edge runs it between a read and `submit`."""

    run: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Submitted(Generic[D]):
    """What a step made of a form. `login_started`: this browser is logged in from now on, with `Fresh.login_secret`."""

    draft: D
    login_started: bool = False
    revoked: tuple[str, ...] = ()
    """Subjects whose tokens are dead from now on, as in `Outcome`."""
    refused: AppError | None = None
    """The step says no, and the draft is kept all the same (what was typed, for the next page)."""
    gone: Leaving | None = None
    """The step has ended the visit by deleting it, with everything else about its visitor: the way back, made before that."""
    pay_at: str | None = None
    """A path of our own host where this visit is paid for (`workflows/cashier.py`); the visit stays as it is, and goes on at its step."""


@dataclass(frozen=True, slots=True)
class Began(Generic[D]):
    """How a visit starts: a draft with what is known already, or an error that is answered without showing a page."""

    draft: D
    login_started: bool = False
    error: AppError | None = None


@dataclass(frozen=True, slots=True)
class Refreshed(Generic[D]):
    """A draft with what has happened elsewhere. `found` is for the step of the same transaction, so that it need not look again."""

    draft: D
    found: object | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a flow ended. `ids` are the documented return parameters; `error` is an OAuth error name, for an end without success."""

    ids: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None
    login_ended: bool = False
    revoked: tuple[str, ...] = ()
    """Subjects (`login:...`, `grant:...`) whose tokens are dead from now on; the edge stops honouring them at once."""


@dataclass(frozen=True, slots=True)
class Continue:
    """The flow is through, and the visit goes on as another one: the same session, the same callbacks, the message of that intent."""

    intent: str
    params: msgspec.Struct


@dataclass(frozen=True, slots=True)
class Redirect:
    """Leave for this address (made by `redirect_session/return_url.py`)."""

    url: str


@dataclass(frozen=True, slots=True)
class Message:
    """Answer by a message to the window that framed or opened us, for exactly one origin (AUT-07)."""

    target_origin: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Post:
    """Leave by a form that is sent to this address (made by `redirect_session/return_url.py`) with these hidden fields."""

    url: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stay:
    """The visit ends on our own page (the template of this name): nowhere to go, or a thank-you page with a button that leads `onward`."""

    page: str = "done"
    view: Mapping[str, object] = field(default_factory=dict)
    onward: Redirect | None = None


@dataclass(frozen=True, slots=True)
class Farewell:
    """As `Redirect`, or nowhere, by way of a page that frames the site's own logout pages (made by `redirect_session/return_url.py`)."""

    redirect: Redirect | None
    frames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Onward:
    """On to another visit of this browser on our own host: the one that this visit interrupted."""

    session_id: str


Leaving = Redirect | Post | Message | Stay | Farewell | Onward


class Asked(msgspec.Struct, Generic[P], frozen=True):
    """A creation as a flow sees it, before anything is stored."""

    params: P
    caller: Caller | None
    client: Client
    site: Site
    now: int


class Check(Protocol):
    """Raises when a session with these params may not be created."""

    def __call__(self, tx: Tx, asked: Asked[Any]) -> None: ...


class Place(msgspec.Struct, frozen=True):
    """What an entry address is made of besides the intent's params.

    `extras` are parameters that the caller wants on the page's address; `hints` those that clients of the wire look for there.
    """

    base_url: str
    session_id: str
    secret: str
    callbacks: Callbacks
    extras: Mapping[str, str]
    hints: Mapping[str, str]


class Link(Protocol):
    """Makes the entry address of one session."""

    def __call__(self, params: Any, place: Place) -> EntryUrl: ...


@dataclass(frozen=True, slots=True)
class Download:
    """In place of a page: a file, to be saved. A step's view answers it as `download`."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Step(Generic[D]):
    """One page. `name` is also its URL segment and, with `.html`, its template; steps of several flows may share a `template`.

    `alternatives` are other ways through the same step (signing up instead of logging in), each with a page of its own.
    """

    name: str
    needed: Callable[[D], bool]
    done: Callable[[D], bool]
    view: Callable[[Tx, D, Context[Any]], Mapping[str, object]]
    submit: Callable[[Tx, D, Form, Context[Any]], Submitted[D] | Refused]
    """Returns `Refused` for a refusal that keeps what it wrote (a counted guess); raises for one that keeps nothing."""
    prepare: Callable[[Tx, D, Form, Context[Any]], Work | None] | None = None
    alternatives: tuple[Step[D], ...] = ()
    template: str = ""
    counts: bool = True
    """False for a page on which one looks around for as long as one likes: it is no step of so many."""


class Ready(Protocol):
    """What a flow misses before a visitor of this client could use it; empty when it is ready. The doctor asks."""

    def __call__(self, tx: Tx, flow: Flow[Any, Any], site: Site, client: Client) -> list[Lack]: ...


def can_return(tx: Tx, flow: Flow[Any, Any], site: Site, client: Client) -> list[Lack]:
    """What every flow needs: an entry of the kind that it returns to."""
    why = "Creating a session is refused, so the visitor's button leads nowhere."
    return needs_an_entry(client, flow.returns_to, flow.intent, why)


@dataclass(frozen=True, slots=True)
class Flow(Generic[P, D]):
    """One intent, complete.

    `client_id` names the client when the params do (auth, logout); None means the client of the caller's token. `leave` runs in the
    transaction that marks the session returned, so what it makes (an authorization code) is made once per return.
    """

    intent: str
    params: type[P]
    draft: type[D]
    returns_to: Rule
    identity: Identity
    check: Check
    link: Link
    begin: Callable[[Tx, Context[P]], Began[D]]
    steps: tuple[Step[D], ...]
    finish: Callable[[Tx, D, Context[P]], Outcome | Continue]
    leave: Callable[[Tx, D, Context[P]], Leaving]
    client_id: Callable[[P], str] | None = None
    return_params: tuple[str, ...] = ()
    keep: Callable[[P], P] = lambda params: params
    """What of the params is stored: a flow replaces secrets in them by their hashes here."""
    answers_silently: Callable[[P], bool] = lambda params: False
    """True for params that are answered without a page, so that no browser has to be recognised first."""
    refresh: Callable[[Tx, D, Context[P]], Refreshed[D]] | None = None
    """Reads into the draft what has happened elsewhere since it was kept (a payment came in, the site changed the checkout). Changes
    nothing; steps decide by what it gives."""
    own_targets: Callable[[P], tuple[str, ...]] = lambda params: ()
    """Addresses in the params that a visitor may end up at, besides the callbacks."""
    beside_login: Callable[[Tx, Context[P]], Mapping[str, object]] | None = None
    """The summary that stands beside the pages of logging in, for who may see what they get before they say who they are."""
    without_login: Callable[[D], D] | None = None
    """The draft of who does not want to log in after all, for flows in which that is a choice; None: it is none."""
    prefilled: Callable[[P], Mapping[str, str]] = lambda params: {}
    """What forms already have in their fields when they are first shown."""
    answer_again_within: int | None = None
    """Milliseconds after the return in which the same browser may have the answer again; None: always. For answers that are secrets."""
    ready: Ready = can_return
    """A flow that needs more than a way back (a catalogue, a payment provider) brings a function that also asks for that."""
    logs_in_here: Callable[[P], bool] = lambda params: False
    """True for params that must not be answered by the site's own login page (`site_login.py`)."""
    blank_in_frame: bool = False
    """Opened in a frame with no callbacks, this flow answers an empty page that sets nothing (the SDK's pre-warming)."""
