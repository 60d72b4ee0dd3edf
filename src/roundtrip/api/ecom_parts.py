"""What carts, checkouts and orders share on the wire: references, addresses, amounts, pictures (`docs/reference/wire.md`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import quote

from msgspec import Meta

from roundtrip.api.operation import Call
from roundtrip.api.settings_calls import change_of, own_site
from roundtrip.api.stores_views import Front, front_of, words
from roundtrip.api.wire import Wire
from roundtrip.core.errors import invalid_field
from roundtrip.core.identity import ApiKey, App, Caller, Member, Visitor
from roundtrip.core.ids import new_id
from roundtrip.core.money import Money
from roundtrip.ecom.address import Address, Contact, Place, Recipient
from roundtrip.ecom.goods import DescriptionLine, Good, Picture, Reference
from roundtrip.ecom.shop import Shop
from roundtrip.media import placeholder
from roundtrip.sites.model import Site
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows.shop import open_shop

Json = dict[str, Any]
Short = Annotated[str, Meta(max_length=250)]
Note = Annotated[str, Meta(max_length=1000)]
Link = Annotated[str, Meta(max_length=2048)]
Email = Annotated[str, Meta(max_length=320)]
CARRIER = "0a7f5c1e-6f0b-4b5e-9a35-2f1d6c3b8e10"
"""What delivery as this server works it out is called as a carrier."""
LARGEST_OPTIONS = 8_192
MOST_AT_ONCE = 100
NO_PICTURE = Picture(placeholder.ID, "", placeholder.SIDE, placeholder.SIDE, "")


class WireReference(Wire):
    """What is wanted, in the words of the app that sells it."""

    app_id: Annotated[str, Meta(max_length=100)]
    catalog_item_id: Annotated[str, Meta(max_length=100)]
    options: dict[str, Any] | None = None


class WireLine(Wire):
    """So many of it. What else clients send about a line, prices too, is ignored."""

    catalog_reference: WireReference
    quantity: int = 1


class StreetAddress(Wire):
    """A street and a number, for who keeps them apart."""

    name: Short | None = None
    number: Short | None = None
    apt: Short | None = None


class WireAddress(Wire):
    """A postal address."""

    country: Annotated[str, Meta(max_length=2)] | None = None
    subdivision: Annotated[str, Meta(max_length=10)] | None = None
    city: Short | None = None
    postal_code: Annotated[str, Meta(max_length=20)] | None = None
    address_line: Short | None = None
    address_line2: Short | None = None
    street_address: StreetAddress | None = None


class WireContact(Wire):
    """A person."""

    first_name: Short | None = None
    last_name: Short | None = None
    phone: Annotated[str, Meta(max_length=50)] | None = None
    company: Short | None = None


class WireRecipient(Wire):
    """A person at an address."""

    address: WireAddress | None = None
    contact_details: WireContact | None = None


class ChosenOption(Wire):
    """A way of delivery, by its code."""

    code: Annotated[str, Meta(max_length=100)] | None = None
    carrier_id: str | None = None


@dataclass(frozen=True, slots=True)
class Counter:
    """Where something is sold: the site, its shop, and how amounts and pictures are shown."""

    site: Site
    shop: Shop
    shown: Front


def counter(tx: Tx, call: Call) -> Counter:
    """That of the caller's site."""
    site = own_site(tx, call)
    return Counter(site, open_shop(tx, site), front_of(site, call))


def moment(call: Call) -> Moment:
    """This request. Make it before the transaction."""
    return Moment(call.now, new_id(call.now), identity_of(call.caller))


def owners_moment(tx: Tx, call: Call, now: Moment) -> Moment:
    """The same for a call of the owner's server code, whose changes are written down."""
    return replace(now, change=change_of(tx, call, now.id))


def identity_of(caller: Caller | None) -> dict[str, str] | None:
    """Who acts, as domain events say it."""
    match caller:
        case Visitor():
            return {"identityType": "ANONYMOUS_VISITOR", "anonymousVisitorId": caller.visitor_id}
        case Member():
            return {"identityType": "MEMBER", "memberId": caller.member_id}
        case ApiKey():
            return {"identityType": "APP", "appId": caller.key_id}
        case App():
            return {"identityType": "APP", "appId": caller.client_id}
        case None:
            return None


def wanted(lines: Sequence[WireLine] | None, custom: Sequence[Any] | None) -> list[tuple[Reference, int]]:
    """What is to be put in. Raises INVALID for lines that bring their own price: only goods of the catalogue are sold."""
    if custom:
        text = "are not sold here: a price that a client names would be nobody's price. Sell a product instead"
        raise invalid_field("customLineItems", text, "OTHER")
    if lines is None:
        return []
    if len(lines) > MOST_AT_ONCE:
        raise invalid_field("lineItems", f"must be at most {MOST_AT_ONCE}", "MAX_LENGTH", threshold=MOST_AT_ONCE)
    found = []
    for place, line in enumerate(lines):
        sent = line.catalog_reference
        reference = Reference(sent.app_id.lower(), sent.catalog_item_id.lower(), sent.options or {})
        if len(reference.options_text) > LARGEST_OPTIONS:
            field = f"lineItems[{place}].catalogReference.options"
            raise invalid_field(field, f"must be at most {LARGEST_OPTIONS} characters as JSON", "MAX_LENGTH", threshold=LARGEST_OPTIONS)
        found.append((reference, line.quantity))
    return found


def address_in(sent: WireAddress | None) -> Address:
    """An address as it is kept. A street that came in parts is one line."""
    if sent is None:
        return Address()
    place = Place.of(sent.country or "", sent.subdivision or "")
    line = sent.address_line or ""
    if not line and sent.street_address is not None:
        line = f"{sent.street_address.number or ''} {sent.street_address.name or ''}".strip()
    line2 = sent.address_line2 or (sent.street_address.apt if sent.street_address else None) or ""
    return Address(place.country, place.subdivision, sent.city or "", sent.postal_code or "", line, line2)


def recipient_in(sent: WireRecipient | None) -> Recipient | None:
    """A person at an address as they are kept; None when nothing was said."""
    if sent is None:
        return None
    who = sent.contact_details or WireContact()
    contact = Contact(who.first_name or "", who.last_name or "", who.phone or "", who.company or "")
    return Recipient(address_in(sent.address), contact)


def address_out(address: Address) -> Json:
    """An address on the wire; parts that nobody said are left out."""
    return _filled(
        country=address.country,
        subdivision=address.subdivision,
        city=address.city,
        postalCode=address.postal_code,
        addressLine=address.line,
        addressLine2=address.line2,
    )


def recipient_out(recipient: Recipient) -> Json:
    """A person at an address on the wire."""
    who = recipient.contact
    contact = _filled(firstName=who.first_name, lastName=who.last_name, phone=who.phone, company=who.company)
    return {"address": address_out(recipient.address), "contactDetails": contact}


def prices(money: Money, language: str) -> Json:
    """An amount of a cart or checkout. Nothing is converted, so both currencies are the same."""
    said = words(money, language)
    return {"amount": money.text, "convertedAmount": money.text, "formattedAmount": said, "formattedConvertedAmount": said}


def picture_out(picture: Picture | None, shown: Front) -> Json:
    """A picture; there is always one, because clients look at its fields without asking."""
    found = picture or NO_PICTURE
    picture_id = found.id or placeholder.ID
    url = found.url or f"{shown.media_url}/media/{quote(picture_id, safe='~')}"
    named = {"altText": found.alt} if found.alt else {}
    # Without an id clients take the address as it is, which is right for pictures that are kept elsewhere.
    return {"id": "" if found.url and not found.id else picture_id, "url": url, "width": found.width, "height": found.height, **named}


def text(value: str) -> Json:
    """A text in the only language that goods have."""
    return {"original": value, "translated": value}


def description_out(lines: Sequence[DescriptionLine]) -> list[Json]:
    """What was chosen of an option."""
    return [
        {"name": text(one.name), "colorInfo": {**text(one.value), "code": one.colour}}
        if one.colour
        else {"name": text(one.name), "plainText": text(one.value)}
        for one in lines
    ]


def reference_out(reference: Reference) -> Json:
    """A reference as it was sent."""
    found: Json = {"appId": reference.app_id, "catalogItemId": reference.item_id}
    if reference.options:
        found["options"] = dict(reference.options)
    return found


def properties_out(good: Good) -> Json:
    """What it is like to carry."""
    weight = {} if good.weight_grams is None else {"weight": good.weight_grams / 1000}
    return {"sku": good.sku, "shippable": good.ships, **weight}


def page_out(path: str, shown: Front) -> Json:
    """The page of a good on its site."""
    return {"relativePath": path, "url": shown.home_url + path}


def buyer_out(kind: str, owner_id: str, email: str = "") -> Json:
    """Who buys."""
    return _filled(**{f"{kind}Id": owner_id, "email": email})


def _filled(**fields: str) -> Json:
    return {name: value for name, value in fields.items() if value}
