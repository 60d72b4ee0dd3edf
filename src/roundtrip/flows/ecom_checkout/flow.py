"""The `ecomCheckout` flow: who, where to, how, a last look, payment; and the order is the site's answer."""

from __future__ import annotations

from msgspec.structs import replace

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import ApiKey, App, Caller, Member
from roundtrip.ecom.address import Contact, Recipient
from roundtrip.ecom.cart.model import Owner
from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.ecom.checkout import store
from roundtrip.ecom.checkout.model import Checkout
from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders import store as order_store
from roundtrip.ecom.orders.model import Order, Status
from roundtrip.flows.base import Asked, Began, Context, Flow, Identity, Outcome, Refreshed
from roundtrip.flows.ecom_checkout import address, contact, delivery, review, thanks
from roundtrip.flows.ecom_checkout.draft import CheckoutDraft, Notice
from roundtrip.flows.ecom_checkout.params import INTENT, EcomCheckout
from roundtrip.flows.links import through_entry
from roundtrip.flows.steps.buying import Buying, buying, moment_of
from roundtrip.flows.steps.pay_order import pay_order_step
from roundtrip.members import store as members
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx
from roundtrip.workflows.shop import open_shop


def check(tx: Tx, asked: Asked[EcomCheckout]) -> None:
    """The checkout is this site's, not done yet, and no other member's (decision record 0140). Raises NOT_FOUND, CONFLICT."""
    checkout = store.get(tx, asked.site.id, asked.params.checkout_id)
    if checkout is None or not _may_open(checkout, asked.caller):
        raise checkouts.no_checkout(asked.params.checkout_id)
    if checkout.is_completed:
        text = "An order was made from this checkout already. Make a new checkout from the cart."
        raise AppError(Kind.CONFLICT, "CHECKOUT_ALREADY_PAID", text, data={"checkoutId": checkout.id})


def _may_open(checkout: Checkout, caller: Caller | None) -> bool:
    """A visitor's checkout is opened by whoever knows its unguessable id, as a cart survives a new token; a member's by that member."""
    members_own = checkout.details.member_id or (checkout.owner.id if checkout.owner.kind == "member" else "")
    if not members_own or (isinstance(caller, Member) and caller.member_id == members_own):
        return True
    return isinstance(caller, ApiKey | App)


def begin(tx: Tx, context: Context[EcomCheckout]) -> Began[CheckoutDraft]:
    """A member who has bought here before finds everything filled in, and begins at the last look.

    Only in a checkout that is theirs, when their own token asked for this visit: whoever made a checkout can read it, so nothing may be
    filled in because somebody who happens to be logged in was sent a link to it (decision record 0140).
    """
    member_id = context.session.caller_id if context.session.caller_kind == "member" else None
    checkout = checkouts.locked(tx, context.site.id, context.params.checkout_id, context.now)
    if member_id is not None and not checkout.is_completed and checkout.is_of(Owner("member", member_id)):
        _know(tx, checkout, member_id, context)
    return Began(CheckoutDraft())


def _know(tx: Tx, checkout: Checkout, member_id: str, context: Context[EcomCheckout]) -> None:
    """Fill in what the member said the last time; whatever was said about this checkout stays."""
    member = members.member(tx, context.site.id, member_id)
    if member is None:
        return
    before = next(iter(order_store.of_member(tx, context.site.id, member_id, 1)), None)
    said = checkout.details
    known = before.content if before else None
    filled = replace(
        said,
        member_id=member_id,
        email=said.email or (known.email if known else "") or member.email,
        billing=said.billing or (known.billing if known else None) or _named(member.first_name, member.last_name),
        shipping=said.shipping or (known.shipping if known else None),
        delivery_id=said.delivery_id or (known.delivery.option_id if known and known.delivery else ""),
    )
    saved = checkouts.save(tx, checkout, filled, moment_of(context))
    if filled.delivery_id and not said.delivery_id and buying(tx, checkout.id, context).quote.chosen is None:
        checkouts.save(tx, saved, replace(filled, delivery_id=""), moment_of(context))


def _named(first_name: str | None, last_name: str | None) -> Recipient | None:
    contact_known = Recipient(contact=Contact(first_name or "", last_name or ""))
    return contact_known if first_name or last_name else None


def refresh(tx: Tx, draft: CheckoutDraft, context: Context[EcomCheckout]) -> Refreshed[CheckoutDraft]:
    """What is in the checkout, and what became of its order."""
    now = buying(tx, context.params.checkout_id, context)
    order = order_store.get(tx, context.site.id, now.checkout.order_id) if now.checkout.order_id else None
    over = order is not None and order.status in (Status.REJECTED, Status.CANCELED)
    said = now.checkout.details
    who = (said.billing or said.shipping or Recipient()).contact
    draft = replace(
        draft,
        has_contact="@" in said.email and bool(who.first_name and who.last_name),
        has_address=_has_address(now),
        has_delivery=now.quote.delivery_problem is None,
        is_sent=now.quote.ships,
        costs=bool(now.quote.total),
        order_id=order.id if order is not None and not over else "",
        stands=order is not None and order.status is Status.APPROVED,
        notice=_fate(order) if over and order is not None and order.id == draft.order_id else draft.notice,
    )
    return Refreshed(draft, now)


def _fate(order: Order) -> Notice:
    """Why an order that the visitor had gone to pay does not stand."""
    if order.is_paid:
        return "refunded"
    return "cancelled" if order.status is Status.CANCELED else "time_over"


def _has_address(now: Buying) -> bool:
    said = now.checkout.details
    if now.quote.ships:
        return said.shipping is not None and said.shipping.address.is_complete
    return said.billing is not None and bool(said.billing.address.country)


def finish(tx: Tx, draft: CheckoutDraft, context: Context[EcomCheckout]) -> Outcome:
    """The order stands."""
    return Outcome(ids=orders.ids_of(tx, open_shop(tx, context.site), _order(tx, draft, context)))


def _order(tx: Tx, draft: CheckoutDraft, context: Context[EcomCheckout]) -> Order:
    return orders.require(tx, context.site.id, draft.order_id)


PAY = pay_order_step(
    _order,
    # From the first page on, so that a payment that is tried again is no step more than was announced.
    needed=lambda draft: (draft.costs or bool(draft.order_id)) and not draft.stands,
    done=lambda draft: draft.stands,
    changed=lambda draft: replace(draft, editing="review"),
)

FLOW: Flow[EcomCheckout, CheckoutDraft] = Flow(
    intent=INTENT,
    params=EcomCheckout,
    draft=CheckoutDraft,
    returns_to=Rule.REDIRECT_DOMAIN,
    identity=Identity.VISITOR,
    check=check,
    link=through_entry(lambda params: "/__ecom/checkout", lambda params: {"checkoutId": params.checkout_id}),
    begin=begin,
    refresh=refresh,
    steps=(contact.STEP, address.STEP, delivery.STEP, review.STEP, PAY),
    finish=finish,
    leave=thanks.leave,
    return_params=("orderId",),
)
