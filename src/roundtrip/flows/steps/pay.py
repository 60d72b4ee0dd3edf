"""The shared step of everything that has to be paid: the thing is there and waits, and the visitor goes to pay, as often as it takes.

The pages on which money moves are those of `web/payments.py`. What happened there is read back by the flow's `refresh`; this step is over
when that says so, never because a browser says so (PAY-05).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from roundtrip.flows.base import Context, Form, Step, Submitted
from roundtrip.flows.steps.refused import refused
from roundtrip.payments import actions, store
from roundtrip.payments.model import Attempt, Owed, Purpose, Status
from roundtrip.payments.providers import Known
from roundtrip.payments.site_settings import store as site_settings
from roundtrip.sites.model import Site
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked
from roundtrip.workflows.cashier import PAGE_PREFIX

D = TypeVar("D", bound=msgspec.Struct)

NAME = "pay"
KEPT = marked("We are waiting for the word that it has arrived. You can close this page: your order is kept, and we send you a mail.")
CHANGE = marked("Change the order")
NO_WAY = marked("This way to pay isn't offered any more. Choose another one.")


@dataclass(frozen=True, slots=True)
class Paying(Generic[D]):
    """What a flow says about paying. `owed` is what the draft owes, `summary` what stands beside the step.

    `changed` is the draft of a visitor who wants to change what they buy; None: it can't be changed. `ended` is a sentence that says why
    there is nothing to pay any more, which then stands in place of the way to pay; None: there is. `kept` and `change` are sentences for
    what is called an order here by default: what becomes of it while its money is on its way, and the way back to change it.
    """

    owed: Callable[[Tx, D, Context[Any]], Owed]
    summary: Callable[[Tx, D, Context[Any]], Mapping[str, object]]
    needed: Callable[[D], bool]
    done: Callable[[D], bool]
    changed: Callable[[D], D] | None = None
    ended: Callable[[D], str | None] = lambda draft: None
    kept: str = KEPT
    change: str = CHANGE


def return_path(context: Context[Any], name: str = NAME) -> str:
    """Where on our own host a visitor comes back to from paying."""
    return f"/session/{context.session.id}/{name}"


def online(tx: Tx, site: Site) -> tuple[Known, ...]:
    """The ways to pay now."""
    return tuple(way for way in ways(tx, site) if not way.pays_later)


def ways(tx: Tx, site: Site) -> tuple[Known, ...]:
    """All ways that this site's visitors are offered, best first."""
    return site_settings.of_site(tx, site.id).ways_to_pay(site)


def methods(offered: tuple[Known, ...]) -> list[dict[str, str]]:
    """For a page: names and titles; the titles are sentences to be translated."""
    return [{"name": way.name, "title": way.title} for way in offered]


def page_of(attempt: Attempt, context: Context[Any]) -> str:
    """The path of the page where this attempt is paid."""
    return PAGE_PREFIX + actions.page_token(context.payment_key, attempt.id)


def begin(tx: Tx, owed: Owed, method: str, context: Context[Any]) -> str:
    """Begin to pay, or go on with what was begun: the path of its page."""
    return page_of(actions.begin(tx, owed, method, context.now), context)


def chosen(tx: Tx, form: Form, context: Context[Any]) -> str:
    """The online way that a form names, the first one when it names none. Raises INVALID for one that is not offered."""
    offered = [way.name for way in online(tx, context.site)]
    wanted = form.get("method") or (offered[0] if offered else "")
    if wanted not in offered:
        raise refused(("", NO_WAY))
    return wanted


def pay_step(paying: Paying[D], name: str = NAME) -> Step[D]:
    """The step for one flow; each has a name of its own, and all look alike."""

    def view(tx: Tx, draft: D, context: Context[Any]) -> Mapping[str, object]:
        why = paying.ended(draft)
        if why is not None:
            return {"step_name": marked("Payment"), "summary": paying.summary(tx, draft, context), "state": "ended", "why": why}
        owed = paying.owed(tx, draft, context)
        last = store.latest_attempt(tx, owed.site_id, owed.kind, owed.id)
        return {
            "step_name": marked("Payment"),
            "summary": paying.summary(tx, draft, context),
            "amount": owed.amount,
            "only_keeps": owed.purpose is Purpose.KEEP,
            "state": _state(last),
            "methods": methods(online(tx, context.site)),
            "chosen": last.provider if last else "",
            "change": paying.change if paying.changed is not None else None,
            "kept": paying.kept,
        }

    def submit(tx: Tx, draft: D, form: Form, context: Context[Any]) -> Submitted[D]:
        if paying.ended(draft) is not None:
            return Submitted(draft)  # the same page, which says so
        if form.get("change") and paying.changed is not None:
            return Submitted(paying.changed(draft))
        return Submitted(draft, pay_at=begin(tx, paying.owed(tx, draft, context), chosen(tx, form, context), context))

    return Step(name=name, needed=paying.needed, done=paying.done, view=view, submit=submit, template=NAME)


def _state(attempt: Attempt | None) -> str:
    """What the page says: `waiting` for money that is on its way, `open` before and while the visitor pays, or how it ended."""
    match attempt.status if attempt else None:
        case Status.PENDING | Status.CAPTURED:
            return "waiting"
        case Status.DECLINED:
            return "declined"
        case Status.CANCELLED:
            return "cancelled"
        case Status.EXPIRED:
            return "expired"
        case _:
            return "open"
