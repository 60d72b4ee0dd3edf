"""Mails in words: subject, plain text and HTML of one mail, in one language. Templates are `mails/<kind>.txt` and `mails/<kind>.html`.

The first line of a text template is the subject. HTML mails use inline styles and tables, because that is what mail programs understand;
they load nothing from anywhere and follow nobody. How a mail is addressed and sent is in `worker/`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import jinja2

from roundtrip.core.mail import MailKind
from roundtrip.text.catalogue import direction, translations

T = TypeVar("T", str, str | None)

FOLDER = Path(__file__).resolve().parent / "mails"
PLAIN_BRAND = "#1f4a43"
LONGEST_NAME = 60
WITH_CODE = frozenset({MailKind.VERIFY_EMAIL, MailKind.RECOVER})
"""Kinds that cannot be written without digits and a link."""

ABOUT_ORDERS = frozenset(kind for kind in MailKind if kind.value.startswith("order_"))
"""Kinds that cannot be written without an order."""
ABOUT_BOOKINGS = frozenset(kind for kind in MailKind if kind.value.startswith("booking_"))
"""Kinds that cannot be written without a booking."""
ABOUT_PLANS = frozenset(kind for kind in MailKind if kind.value.startswith("plan_"))
"""Kinds that cannot be written without an order of a plan."""
ABOUT_EVENTS = frozenset(kind for kind in MailKind if kind.value.startswith("event_"))
"""Kinds that cannot be written without an event."""
ABOUT_ANSWERS = frozenset({MailKind.EVENT_COMING, MailKind.EVENT_WAITING, MailKind.EVENT_PLACE_FREE})
"""Those of them that are about an answer, and not about an order of tickets."""
ABOUT_GOODS = frozenset({MailKind.BACK_IN_STOCK, MailKind.WEBHOOK_DISABLED})
"""Kinds that cannot be written without the name of what they are about: something that is sold, or a server that is told."""
TO_THE_SHOP = frozenset(
    {
        MailKind.APPROVAL_WANTED,
        MailKind.ORDER_RECEIVED,
        MailKind.ORDER_TOO_LATE_SHOP,
        MailKind.BOOKING_RECEIVED,
        MailKind.BOOKING_CANCELED_SHOP,
        MailKind.EVENT_RECEIVED,
        MailKind.WEBHOOK_DISABLED,
    }
)
"""Kinds whose name is not that of who gets them."""

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_BREAKING = ("Cc", "Zl", "Zp", "Cs")
_JOINERS = "\u200c\u200d"
"""Format characters that some scripts need for spelling; the others turn text around or hide it."""
_LIKE_AN_ADDRESS = re.compile(r"[/@:]|\w\.\w")


@dataclass(frozen=True, slots=True)
class OrderWords:
    """What a mail says about an order; amounts are in words of its language. `lines` holds name, number of pieces and price of each."""

    number: str
    total: str
    lines: tuple[tuple[str, str, str], ...] = ()
    tax: str = ""
    delivery: str = ""
    delivery_title: str = ""
    refund: str = ""
    carrier: str = ""
    tracking: str = ""
    pays_later: bool = False


@dataclass(frozen=True, slots=True)
class BookingWords:
    """What a mail says about a booking; `when` is in words of its language, `there` the same by the clock of the business, where that is
    another. `to_pay` is true while nothing is paid. `message`, `phone` and `email` are told to the business only."""

    service: str
    when: str
    there: str = ""
    staff: str = ""
    place: str = ""
    participants: str = ""
    price: str = ""
    to_pay: bool = False
    message: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class PlanWords:
    """What a mail says about an order of a plan; days and amounts are in words of its language. `retry` is when a refused card is tried
    again."""

    name: str
    price: str = ""
    paid: str = ""
    starts: str = ""
    next: str = ""
    ends: str = ""
    retry: str = ""


@dataclass(frozen=True, slots=True)
class EventWords:
    """What a mail says about an event and what somebody has for it; amounts and times are in words of its language. `lines` holds name,
    guest and price of each ticket. `to_pay` is true while nothing is paid. `email` is told to the organizer only."""

    title: str
    when: str
    place: str = ""
    number: str = ""
    lines: tuple[tuple[str, str, str], ...] = ()
    total: str = ""
    guests: str = ""
    to_pay: bool = False
    email: str = ""


@dataclass(frozen=True, slots=True)
class MailView:
    """What fills a mail. `brand` is the site's colour (`#rgb` or `#rrggbb`); `url` is ours, or the site's own and judged;
    `name` is what a person calls itself: who gets the mail, or who asks for approval. `item` is what the shop calls its goods."""

    kind: MailKind
    language: str
    site: str
    brand: str | None = None
    name: str | None = None
    digits: str | None = None
    url: str | None = None
    order: OrderWords | None = None
    item: str | None = None
    booking: BookingWords | None = None
    plan: PlanWords | None = None
    event: EventWords | None = None


@dataclass(frozen=True, slots=True)
class MailWords:
    """A mail in words. `subject` is one line without control characters; `calendar` is a file for calendar programs, `tickets` one to
    print (PDF), or empty."""

    subject: str
    text: str
    html: str
    calendar: bytes = b""
    tickets: bytes = b""


def one_line(text: str, longest: int) -> str:
    """`text` without control, format and line-breaking characters, its blanks single, at most `longest` characters."""
    seen = [(c, unicodedata.category(c)) for c in text]
    plain = "".join(" " if kind in _BREAKING else c for c, kind in seen if kind != "Cf" or c in _JOINERS)
    # What looks like an encoded word (RFC 2047) would be decoded by the reader's program, into whatever its writer wanted.
    return " ".join(plain.replace("=?", "= ?").split())[:longest].rstrip()


def greeted(name: str | None) -> str | None:
    """The name to greet somebody by. None for one that reads like an address: strangers would send their links in our mails."""
    line = one_line(name or "", LONGEST_NAME + 1)
    return line if line and len(line) <= LONGEST_NAME and not _LIKE_AN_ADDRESS.search(line) else None


def write(view: MailView) -> MailWords:
    """Put a mail into words. Raises `ValueError` when its kind needs digits and a link, an order, a booking, an event, a plan, or goods,
    and has none; for a strange link."""
    _require_subject(view)
    if view.url is not None and (urlsplit(view.url).scheme not in ("https", "http") or re.search(r"[\s<>\"\\]", view.url)):
        raise ValueError("the link of a mail must be a web address")
    brand = view.brand if view.brand and _HEX.fullmatch(view.brand) else PLAIN_BRAND
    name = _apart(greeted(view.name), view.language)
    is_about_another = view.kind in TO_THE_SHOP
    places = {
        "language": view.language,
        "direction": direction(view.language),
        "site": _apart(one_line(view.site, 100), view.language),
        "brand": brand,
        "on_brand": _words_on(brand),
        "name": None if is_about_another else name,
        "applicant": name if is_about_another else None,
        "digits": view.digits,
        "url": view.url,
        "order": _plain(view.order, view.language),
        "booking": _booked(view.booking, view.language),
        "plan": _subscribed(view.plan, view.language),
        "event": _attended(view.event, view.language),
        "item": _apart(one_line(view.item, 120), view.language) if view.item else None,
    }
    templates = _environment(view.language)
    subject, _, text = templates.get_template(f"{view.kind.value}.txt").render(places).partition("\n")
    html = templates.get_template(f"{view.kind.value}.html").render(places)
    return MailWords(one_line(subject, 200), re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", html)


def _require_subject(view: MailView) -> None:
    """What a mail of its kind is about has to be there."""
    needed = (
        (WITH_CODE, view.digits and view.url, "a code and a link"),
        (ABOUT_ORDERS, view.order, "an order"),
        (ABOUT_BOOKINGS, view.booking, "a booking"),
        (ABOUT_PLANS, view.plan, "a plan"),
        (ABOUT_EVENTS, view.event, "an event"),
        (ABOUT_GOODS, view.item, "the name of what it is about"),
    )
    for kinds, found, what in needed:
        if view.kind in kinds and not found:
            raise ValueError(f"a mail of the kind {view.kind.value} needs {what}")


def _subscribed(plan: PlanWords | None, language: str) -> PlanWords | None:
    """The name of a plan is the site's, yet one line."""
    return replace(plan, name=_apart(one_line(plan.name, 120), language)) if plan is not None else None


def _plain(order: OrderWords | None, language: str) -> OrderWords | None:
    """Names of goods and carriers are the shop's, yet one line each."""
    if order is None:
        return None
    lines = tuple((_apart(one_line(name, 120), language), number, price) for name, number, price in order.lines)
    return replace(
        order,
        lines=lines,
        delivery_title=one_line(order.delivery_title, 120),
        carrier=one_line(order.carrier, 60),
        tracking=one_line(order.tracking, 100),
    )


def _booked(booking: BookingWords | None, language: str) -> BookingWords | None:
    """What people and the business typed is one line each."""
    if booking is None:
        return None
    return replace(
        booking,
        service=_apart(one_line(booking.service, 120), language),
        staff=_apart(one_line(booking.staff, 120), language),
        place=_apart(one_line(booking.place, 250), language),
        message=_apart(one_line(booking.message, 500), language),
        phone=one_line(booking.phone, 50),
        email=one_line(booking.email, 254),
    )


def _attended(event: EventWords | None, language: str) -> EventWords | None:
    """What people and the organizer typed is one line each."""
    if event is None:
        return None
    lines = tuple(
        (_apart(one_line(name, 120), language), _apart(one_line(guest, 120), language), price) for name, guest, price in event.lines
    )
    return replace(
        event,
        title=_apart(one_line(event.title, 120), language),
        place=_apart(one_line(event.place, 250), language),
        lines=lines,
        email=one_line(event.email, 254),
    )


@cache
def _environment(language: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=jinja2.select_autoescape(["html"], default=False),
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    return environment


def _apart(name: T, language: str) -> T | str:
    """A name inside a sentence that runs from right to left keeps its own order (Unicode UAX 9, isolates), its last dot included."""
    return f"\u2068{name}\u2069" if name and direction(language) == "rtl" else name


def _words_on(brand: str) -> str:
    """White or near-black, whichever can be read on this colour (WCAG 2.2, relative luminance)."""
    digits = brand[1:] if len(brand) == 7 else "".join(2 * digit for digit in brand[1:])
    red, green, blue = (part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in bytes.fromhex(digits))
    return "#ffffff" if 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5 else "#111111"
