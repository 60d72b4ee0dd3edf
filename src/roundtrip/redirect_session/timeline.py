"""The flight recorder of one redirect session as sentences: from the creation to the return, nothing left out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roundtrip.redirect_session.model import RedirectSession
from roundtrip.redirect_session.moments import Moment, MomentKind
from roundtrip.sites.explain import RULE_NAMES
from roundtrip.sites.verdict import Rule

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class EventBeside:
    """The domain event of the same move. `state` is `sent` (it is in the feed and on its way to endpoints) or `waiting`."""

    id: str
    slug: str
    state: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `since` is the time since the entry before, in milliseconds; None for the first.

    `tone` is `good`, `bad`, `warn`, `busy` or `calm`; `marked` an address cut where its fault lies (`sites/refusals/marking.py`).
    """

    kind: str
    at: int
    since: int | None
    sentence: str
    tone: str
    details: tuple[Fact, ...] = ()
    marked: tuple[str, str, str] | None = None
    event: EventBeside | None = None


@dataclass(frozen=True, slots=True)
class Creation:
    """What the first entry tells that no moment holds: who asked, by name, and the created event, if there was one."""

    asked_by: str
    facts: tuple[Fact, ...] = ()
    event: EventBeside | None = None


_STEPS = {
    "login": "Logged in",
    "sign_up": "Signed up",
    "continue": "Agreed to where the answer goes",
    "logout_confirm": "Agreed to log out",
    "contact": "Filled in the contact details",
    "delivery": "Chose the delivery",
    "review": "Looked over the order",
    "pay": "Went to pay",
}
"""What having done a step is called; of others the name is said."""

_OUTCOMES = {
    "completed": "The flow was completed",
    "login_required": "Ended: nobody was logged in, and the site had asked for no page",
    "interaction_required": "Ended: the visitor would have had to confirm, and the site had asked for no page",
}

_RULES = {
    "REQUIRED_FIELD": "was empty",
    "MIN_LENGTH": "was too short",
    "MAX_LENGTH": "was too long",
    "FORMAT": "could not be read",
    "INVALID_ENUM_VALUE": "was none of the choices",
    "OTHER": "was not accepted",
}


def entries(session: RedirectSession, moments: Sequence[Moment], creation: Creation) -> list[Entry]:
    """The whole timeline, in order."""
    first, rest = _beginning(session, moments, creation)
    lines = [first]
    for place, moment in enumerate(rest):
        before = rest[place - 1] if place else None
        lines.append(_entry(moment, before, lines[-1].at))
    return lines


def _beginning(session: RedirectSession, moments: Sequence[Moment], creation: Creation) -> tuple[Entry, Sequence[Moment]]:
    again = moments[0] if moments and moments[0].kind is MomentKind.STARTED_AGAIN and "of" in moments[0].details else None
    if again is not None:
        facts = (("Instead of", str(again.details["of"])), *creation.facts)
        return Entry("created", session.created_at, None, "Started again, in the browser of the visit before", "calm", facts), moments[1:]
    sentence = creation.asked_by
    return Entry("created", session.created_at, None, sentence, "calm", creation.facts, event=creation.event), moments


def _entry(moment: Moment, before: Moment | None, last_at: int) -> Entry:
    sentence, tone, facts = _SAID[moment.kind](moment.details, before)
    pieces = moment.details.get("marked")
    marked = (str(pieces[0]), str(pieces[1]), str(pieces[2])) if isinstance(pieces, list) and len(pieces) == 3 else None
    slug = "opened" if moment.kind is MomentKind.REOPENED else moment.kind.value
    event = None if moment.is_told is None else EventBeside(moment.id, slug, "sent" if moment.is_told else "waiting")
    return Entry(moment.kind.value, moment.at, moment.at - last_at, sentence, tone, facts, marked, event)


Said = tuple[str, str, tuple[Fact, ...]]
_Details = Mapping[str, Any]


def _opened(details: _Details, before: Moment | None) -> Said:
    came_from = details.get("from")
    return f"A browser opened it{f', from {came_from}' if came_from else ''}", "busy", ()


def _started_again(details: _Details, before: Moment | None) -> Said:
    return "The visitor started again", "calm", (("Goes on as", str(details.get("as", ""))),)


def _step_done(details: _Details, before: Moment | None) -> Said:
    step = str(details.get("step", ""))
    return _STEPS.get(step, f"Filled in the page “{step.replace('_', ' ')}”"), "busy", (("Page", step),)


def _step_refused(details: _Details, before: Moment | None) -> Said:
    step, fields = str(details.get("step", "")), details.get("fields") or []
    facts = [(str(one.get("field") or "The form"), _RULES.get(str(one.get("rule")), str(one.get("rule")))) for one in fields]
    word = f"The form of the page “{step.replace('_', ' ')}” came back"
    if facts:
        word += f": {facts[0][0]} {facts[0][1]}" if len(facts) == 1 and fields[0].get("rule") in _RULES else " with errors"
    return word, "warn", (("Code", str(details.get("code", ""))), *facts)


def _sent_to_login(details: _Details, before: Moment | None) -> Said:
    return f"Sent to the site's own login page{_at(details)}", "busy", ()


def _sent_to_pay(details: _Details, before: Moment | None) -> Said:
    return "Sent to the payment page", "busy", ()


def _continued(details: _Details, before: Moment | None) -> Said:
    return f"Went on as {details.get('as')}", "busy", (("Was", str(details.get("from", ""))),)


def _completed(details: _Details, before: Moment | None) -> Said:
    outcome = str(details.get("outcome", "completed"))
    sentence = _OUTCOMES.get(outcome, f"Ended with {outcome}")
    if outcome == "completed" and before is not None and before.kind is MomentKind.OPENED:
        sentence = "The flow was completed without showing a page"
    return sentence, "good" if outcome == "completed" else "warn", (("Outcome", outcome),)


def _expired(details: _Details, before: Moment | None) -> Said:
    by = details.get("by")
    return (f"{by} ended it" if by else "Its time was over"), "warn", ()


def _returned(details: _Details, before: Moment | None) -> Said:
    if details.get("page") and details.get("to"):
        return f"Read our own page, whose button leads to {details['to']}", "good", (("Page", str(details["page"])),)
    if details.get("page"):
        return "Stayed on our own page: the site named no address to go back to", "good", (("Page", str(details["page"])),)
    names = [str(name) for name in details.get("with") or []]
    if details.get("by") == "message":
        return f"Answered by a message to the window of {details.get('to')}", "good", (("Carried", ", ".join(names)),)
    carried = f" with {', '.join(names)}" if names else ""
    return f"Went back to {details.get('to') or 'the site'}{carried}", "good", (("Carried", ", ".join(names) or "nothing"),)


def _returned_again(details: _Details, before: Moment | None) -> Said:
    sentence, _, facts = _returned(details, before)
    return f"{sentence}, once more", "calm", facts


def _refused_to_leave(details: _Details, before: Moment | None) -> Said:
    rule = str(details.get("rule", ""))
    name = RULE_NAMES[Rule(rule)] if rule in Rule.__members__ else "address"
    facts = (("Rule", name), ("Reason", str(details.get("reason", ""))), ("What differs", str(details.get("said", ""))))
    return f"Was not sent on: the address isn't listed as an allowed {name}", "bad", facts


_SAID: Mapping[MomentKind, Callable[[_Details, Moment | None], Said]] = {
    MomentKind.OPENED: _opened,
    MomentKind.REOPENED: lambda details, before: ("The visitor came back and went on", "busy", ()),
    MomentKind.STARTED_AGAIN: _started_again,
    MomentKind.STEP_DONE: _step_done,
    MomentKind.STEP_REFUSED: _step_refused,
    MomentKind.SENT_TO_LOGIN: _sent_to_login,
    MomentKind.SENT_TO_PAY: _sent_to_pay,
    MomentKind.CONTINUED: _continued,
    MomentKind.COMPLETED: _completed,
    MomentKind.ABANDONED: lambda details, before: ("The visitor walked away", "warn", ()),
    MomentKind.EXPIRED: _expired,
    MomentKind.RETURNED: _returned,
    MomentKind.RETURNED_AGAIN: _returned_again,
    MomentKind.REFUSED_TO_LEAVE: _refused_to_leave,
    MomentKind.WRONG_BROWSER: lambda details, before: (
        "The link was opened again, in another browser, which saw only a way back",
        "warn",
        (),
    ),
}


def _at(details: _Details) -> str:
    return f", {details['to']}" if details.get("to") else ""
