"""The last look before paying: everything on one page, with today's prices, and the one button that makes an order of it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from roundtrip.core.errors import AppError
from roundtrip.ecom.address import Address, Recipient
from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.ecom.checkout import shown
from roundtrip.ecom.coupons.model import Problem
from roundtrip.ecom.goods import Good
from roundtrip.ecom.orders.model import Status
from roundtrip.ecom.quote import Availability, Quote
from roundtrip.flows.base import Context, Form, Step, Submitted
from roundtrip.flows.ecom_checkout.draft import CheckoutDraft, Part
from roundtrip.flows.ecom_checkout.params import EcomCheckout
from roundtrip.flows.steps import pay
from roundtrip.flows.steps.buying import Buying, as_found, buying, moment_of, summary_of_quote
from roundtrip.flows.steps.pay_order import owed_in
from roundtrip.flows.steps.refused import refused
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked
from roundtrip.workflows.place_order import place

CHANGED = marked("Something has changed since you saw it. Look at the new amounts before you agree.")
JUST_SOLD = marked("Somebody else has bought some of it meanwhile. Look at what is left.")
NOT_YET = marked("Something is still missing before this can be ordered.")
TOO_MUCH = marked("This comes to more than can be ordered at once. Take some of it out.")
COUPON_MISSING = marked("Enter the code of a coupon.")
COUPON_TEXTS: Mapping[Problem, str] = {
    Problem.UNKNOWN: marked("There is no coupon with this code."),
    Problem.EXPIRED: marked("This coupon isn't good any more."),
    Problem.NOT_YET: marked("This coupon isn't good yet."),
    Problem.USED_UP: marked("This coupon has been used as often as it may be."),
    Problem.USED_BY_CUSTOMER: marked("You have used this coupon already."),
    Problem.TOO_LITTLE: marked("This coupon needs a larger order."),
    Problem.OTHER_GOODS: marked("This coupon isn't for what you are buying."),
    Problem.DISABLED: marked("This coupon isn't good any more."),
}
NOTICES: Mapping[str, str] = {
    "time_over": marked("The time to pay was over, and nothing was charged. You can order again."),
    "cancelled": marked("The shop has cancelled your order, and nothing was charged. You can order again."),
    "refunded": marked("Your payment came when the order was over, and goes back to you. You can order again."),
}
_PARTS: Mapping[str, Part] = {"contact": "contact", "address": "address", "delivery": "delivery"}


def view(tx: Tx, draft: CheckoutDraft, context: Context[EcomCheckout]) -> Mapping[str, object]:
    """All that was said, and what it comes to now."""
    now = as_found(tx, context.params.checkout_id, context)
    said, quote = now.checkout.details, now.quote
    offered = pay.ways(tx, context.site)
    later = [way for way in offered if way.pays_later] if quote.may_be_paid_later else []
    return {
        "step_name": marked("Review"),
        "summary": summary_of_quote(quote),
        "contact": {"email": said.email, "person": (said.billing or said.shipping or Recipient()).contact},
        "address": _address(now),
        "delivery": {"title": quote.chosen.option.terms.title, "time": quote.chosen.option.terms.delivery_time} if quote.chosen else None,
        "is_sent": draft.is_sent,
        "notes": {"buyer": said.buyer_note, "gift": said.gift_note},
        "coupon": {"code": said.coupon_code, "problem": COUPON_TEXTS[quote.coupon_problem] if quote.coupon_problem else None},
        "changes": _changes(draft, quote),
        "notice": NOTICES.get(draft.notice),
        "seen": shown.seen(quote),
        "total": quote.total,
        "is_available": quote.is_available and bool(quote.lines),
        "can_be_fixed": any(line.availability is Availability.AVAILABLE or _left(line.good) for line in quote.lines),
        "methods": pay.methods(tuple(way for way in offered if not way.pays_later)),
        "later": pay.methods(tuple(later[:1])),
    }


def submit(tx: Tx, draft: CheckoutDraft, form: Form, context: Context[EcomCheckout]) -> Submitted[CheckoutDraft]:
    """Change one part, a coupon, or what is not there any more; otherwise order, and go to pay."""
    change = form.get("change", "")
    if change in _PARTS:
        return Submitted(replace(draft, editing=_PARTS[change]))
    match form.get("do", ""):
        case "coupon" | "no_coupon" as wanted:
            _use_coupon(tx, form.get("coupon", "").strip() if wanted == "coupon" else "", wanted, context)
        case "fix":
            _take_what_is_left(tx, context)
        case wanted:
            return _order(tx, draft, form, context, pays_later=wanted == "later")
    return Submitted(replace(draft, notice="", seen=""))


def _order(tx: Tx, draft: CheckoutDraft, form: Form, context: Context[EcomCheckout], *, pays_later: bool) -> Submitted[CheckoutDraft]:
    now = as_found(tx, context.params.checkout_id, context)
    seen = shown.read(form.get("seen", ""))
    if seen is not None and shown.changes(seen, now.quote):
        return Submitted(replace(draft, seen=form["seen"]), refused=refused(("", CHANGED)))
    offered = pay.ways(tx, context.site)
    later = pays_later and any(way.pays_later for way in offered)
    _remember_language(tx, now, context)
    try:
        # Asked once more under the checkout's lock: a price may change between the look above and the order.
        placed = place(tx, now.shop, now.checkout.id, pays_later=later, seen=seen, moment=moment_of(context))
    except AppError as error:
        raise refused(("", _words(error.code))) from error
    kept = replace(draft, order_id=placed.order.id, editing="", notice="", seen="")
    # The order says what is to be paid: it may be another one than was looked at, when its money is on its way.
    if placed.order.status is not Status.INITIALIZED:
        return Submitted(kept)
    method = pay.chosen(tx, form, context)
    return Submitted(kept, pay_at=pay.begin(tx, owed_in(context, placed.order), method, context))


def _words(code: str) -> str:
    """Why it could not be ordered."""
    if code.endswith("OUT_OF_STOCK"):
        return JUST_SOLD
    return {"CHECKOUT_CHANGED": CHANGED, "TOTAL_TOO_HIGH": TOO_MUCH}.get(code, NOT_YET)


def _remember_language(tx: Tx, now: Buying, context: Context[EcomCheckout]) -> None:
    """The order speaks as the buyer reads, whatever language its checkout was made in: on the pages of its payment and in its mails."""
    if now.checkout.details.language != context.language and not now.checkout.is_completed:
        language = context.language
        checkouts.change(tx, context.site.id, now.checkout.id, lambda said: replace(said, language=language), moment_of(context))


def _use_coupon(tx: Tx, code: str, wanted: str, context: Context[EcomCheckout]) -> None:
    if wanted == "coupon" and not code:
        raise refused(("coupon", COUPON_MISSING))
    checkout_id, moment = context.params.checkout_id, moment_of(context)
    try:
        checkouts.set_coupon(tx, context.site.id, checkout_id, code, moment)
    except AppError as error:
        text = next((text for problem, text in COUPON_TEXTS.items() if problem.value == error.code), None)
        if text is None:
            raise
        raise refused(("coupon", text)) from error
    problem = buying(tx, checkout_id, context).quote.coupon_problem
    if problem is not None:
        raise refused(("coupon", COUPON_TEXTS[problem]))


def _take_what_is_left(tx: Tx, context: Context[EcomCheckout]) -> None:
    """The buyer agrees to less: what is gone leaves the checkout, of what is short there is what is left."""
    now = as_found(tx, context.params.checkout_id, context)
    left = {line.id: min(line.quantity, _left(line.good)) for line in now.quote.lines if line.availability is not Availability.AVAILABLE}
    moment = moment_of(context)
    fewer = {line_id: quantity for line_id, quantity in left.items() if quantity}
    if fewer:
        checkouts.set_quantities(tx, context.site.id, now.checkout.id, fewer, moment)
    checkouts.remove_lines(tx, context.site.id, now.checkout.id, [line_id for line_id, quantity in left.items() if not quantity], moment)


def _left(good: Good | None) -> int:
    return (good.available or 0) if good else 0


def _address(now: Buying) -> Address | None:
    said = now.checkout.details
    at = said.shipping if now.quote.ships else said.billing
    return at.address if at else None


def _changes(draft: CheckoutDraft, quote: Quote) -> list[dict[str, object]]:
    before = shown.read(draft.seen) if draft.seen else None
    if before is None:
        return []
    return [{"what": one.what.value, "name": one.name, "before": one.before, "after": one.after} for one in shown.changes(before, quote)]


STEP: Step[CheckoutDraft] = Step(
    name="review",
    needed=lambda draft: True,
    done=lambda draft: bool(draft.order_id) and draft.editing != "review",
    view=view,
    submit=submit,
)
