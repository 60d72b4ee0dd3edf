"""What is sent to reserve tickets and to order them, in both generations."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from roundtrip.api.wire import Wire

Id = Annotated[str, Meta(max_length=36)]
Quantity = Annotated[int, Meta(ge=0, le=1000)]
Amount = Annotated[str, Meta(max_length=40)]
Short = Annotated[str, Meta(max_length=1000)]


class DetailIn(Wire):
    """What is special about some of the tickets: their price among several, or what is given. `capacity`: of how many; 0: of all."""

    pricing_option_id: Id | None = None
    price_override: Amount | None = None
    capacity: Quantity | None = None


class QuantityIn(Wire):
    """So many tickets of one kind."""

    ticket_definition_id: Id
    quantity: Quantity = 1
    price_override: Amount | None = None
    ticket_details: Annotated[list[DetailIn], Meta(max_length=50)] | None = None


class ReserveV1(Wire):
    """Tickets to be kept for a while."""

    event_id: Id
    ticket_quantities: Annotated[list[QuantityIn], Meta(max_length=50)] = msgspec.field(default_factory=list)


class PriceIn(Wire):
    """The price among several, or what is given."""

    pricing_option_id: Id | None = None
    guest_price: Amount | None = None


class TicketIn(Wire):
    """So many tickets of one kind."""

    ticket_definition_id: Id
    quantity: Quantity = 1
    ticket_info: PriceIn | None = None


class ReservationIn(Wire):
    """What is to be kept; all of one event."""

    tickets: Annotated[list[TicketIn], Meta(min_length=1, max_length=50)]


class ReserveV3(Wire):
    """Tickets to be kept for a while."""

    ticket_reservation: ReservationIn


class ReservationAnswer(Wire, omit_defaults=False):
    """One reservation."""

    ticket_reservation: dict[str, Any]


class InputIn(Wire):
    """One field of a form."""

    input_name: Annotated[str, Meta(max_length=200)] = ""
    value: Short = ""


class FormIn(Wire):
    """What somebody filled in."""

    input_values: Annotated[list[InputIn], Meta(max_length=50)] = msgspec.field(default_factory=list)


class GuestIn(Wire):
    """Who comes with one ticket."""

    form: FormIn = msgspec.field(default_factory=FormIn)


class BuyerIn(Wire):
    """Who buys."""

    first_name: Annotated[str, Meta(max_length=100)] = ""
    last_name: Annotated[str, Meta(max_length=100)] = ""
    email: Annotated[str, Meta(max_length=254)] = ""
    phone: Annotated[str, Meta(max_length=100)] = ""


class DiscountIn(Wire):
    """A coupon by its code."""

    coupon_code: Annotated[str, Meta(max_length=100)] = ""


class OptionsIn(Wire):
    """`payInPerson`: the order stands before it is paid, where the site allows that."""

    pay_in_person: bool = False


class CheckoutBody(Wire):
    """An order of what is reserved."""

    event_id: Id
    reservation_id: Id
    buyer: BuyerIn | None = None
    guests: Annotated[list[GuestIn], Meta(max_length=200)] = msgspec.field(default_factory=list)
    discount: DiscountIn | None = None
    options: OptionsIn | None = None


class InvoiceBody(Wire):
    """What it comes to with a coupon."""

    event_id: Id | None = None
    with_discount: DiscountIn | None = None
