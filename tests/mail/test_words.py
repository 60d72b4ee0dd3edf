"""What mails say: complete in every language, readable without pictures, and nothing in them that a stranger wrote."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from html.parser import HTMLParser

import pytest

from roundtrip.core.ids import new_id
from roundtrip.core.mail import MailKind
from roundtrip.core.money import Money
from roundtrip.credentials import one_time_code
from roundtrip.text.calendar_file import Entry, calendar
from roundtrip.text.catalogue import LANGUAGES, direction
from roundtrip.text.mail_words import (
    ABOUT_BOOKINGS,
    ABOUT_EVENTS,
    ABOUT_GOODS,
    ABOUT_ORDERS,
    ABOUT_PLANS,
    BookingWords,
    EventWords,
    MailView,
    MailWords,
    OrderWords,
    PlanWords,
    greeted,
    write,
)
from roundtrip.text.when import day, when
from roundtrip.worker.mail_address import BadAddress, wire_address
from roundtrip.worker.mail_message import message
from tests.app_fixture import NOW
from tests.mail.post_office import CODE_KEY, SENDER

CODE_ID = new_id(NOW)
DIGITS = one_time_code.digits(CODE_KEY, CODE_ID)
LINK = f"https://pages.example/verify/{one_time_code.link_token(CODE_KEY, CODE_ID)}"
ATTACKS = [
    "Ann\r\nBcc: victim@evil.example",
    "Ann\nSubject: other",
    "Ann\x00\x0b\x0c\x85\u2028\u2029Bcc: x@evil.example",
    "\r\n\r\n<script>alert(1)</script>",
    '"; <x@evil.example>',
    "=?utf-8?q?=0D=0ABcc=3A_x=40evil.example?=",
    "\u202egro.live",
    "Kiln, Ann <ann@evil.example>",
    "'\"><img src=https://evil.example/x.png>",
    "{{ 7*7 }} %(site)s %s {% raw %}",
    "a" * 5000,
    "Töpferei 陶芸 קדרות",
    "",
]


class Reader(HTMLParser):
    """Text, links and everything that a mail program would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.root: dict[str, str | None] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.attributes |= set(given)
        if tag == "html":
            self.root = given
        if tag == "a":
            self.links.append(given["href"] or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def view(kind: MailKind, language: str = "en", **more: str | None) -> MailView:
    has_code = kind in (MailKind.VERIFY_EMAIL, MailKind.RECOVER)
    fields: dict[str, object] = {"site": "Kiln & Co.", "name": "Ann", "digits": DIGITS if has_code else None, "url": LINK}
    if kind in ABOUT_GOODS:
        fields["item"] = f"Mug ({language})"
    if kind in ABOUT_ORDERS:
        fields["order"] = an_order(language)
    if kind in ABOUT_BOOKINGS:
        fields["booking"] = a_booking(language)
    if kind in ABOUT_PLANS:
        fields["plan"] = a_plan(language)
    if kind in ABOUT_EVENTS:
        fields["event"] = an_event(language)
    return MailView(kind, language, **{**fields, **more})  # type: ignore[arg-type]


def a_booking(language: str) -> BookingWords:
    """With all that can be said of one."""
    at, price = when(NOW, NOW + 2_700_000, "Europe/Berlin", language), Money.parse("40.00", "USD").words(language)
    there = when(NOW, NOW + 2_700_000, "America/New_York", language)
    told = {"message": f"Knee ({language})", "phone": "+1 212 555 0100", "email": "bob@shop.example"}
    return BookingWords(f"Yoga ({language})", at, there, "Sam", f"Studio ({language})", "2", price, to_pay=True, **told)


def a_plan(language: str) -> PlanWords:
    """With all that can be said of one."""
    price, at = Money.parse("79.00", "USD").words(language), day(NOW, "UTC", language)
    return PlanWords(f"Monthly ({language})", price, price, at, at, at, at)


def an_event(language: str) -> EventWords:
    """With all that can be said of one."""
    at, price = when(NOW, NOW + 2_700_000, "Europe/Berlin", language), Money.parse("50.00", "USD").words(language)
    lines = ((f"General ({language})", f"Ben ({language})", price),)
    place, email = f"City Park ({language})", "bob@shop.example"
    return EventWords(f"Live ({language})", at, place, "2ABC-DEFG-HJK", lines, price, f"2 ({language})", to_pay=True, email=email)


def an_order(language: str) -> OrderWords:
    """As the worker reads it, in every part; goods are called and amounts written differently in each language."""
    total, mugs, bowl, five = (Money.parse(amount, "USD").words(language) for amount in ("61.00", "36.00", "20.00", "5.00"))
    lines = ((f"Mug ({language})", "2", mugs), (f"Bowl ({language})", "1", bowl))
    return OrderWords("10001", total, lines, five, five, f"Standard {language}", total, f"Carrier {language}", "1Z 999", pays_later=True)


def sent(words: MailWords, site: str = "Kiln & Co.") -> EmailMessage:
    """As it arrives: printed for the wire and read again."""
    mail = message(words, to="ann@shop.example", sender=SENDER, sender_name=site, language="en", event_id=CODE_ID, at=NOW)
    parsed = message_from_bytes(mail.as_bytes(policy=SMTP), policy=SMTPUTF8)
    assert isinstance(parsed, EmailMessage)
    return parsed


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MailKind)
def test_every_mail_is_complete_in_every_language(kind: MailKind, language: str) -> None:
    """IDN-04, PAG-07."""
    mail = sent(write(view(kind, language)))
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    plain, html = (str(part.get_content()) for part in mail.iter_parts())
    reader = Reader(html)
    assert reader.root == {"lang": language, "dir": direction(language)}
    for text in (plain, reader.text, mail["Subject"]):
        assert not re.search(r"%\(|%s|\{\{|\{%|None|Undefined", text)
    assert "Kiln & Co." in plain
    assert "Kiln & Co." in reader.text
    assert "Ann" in plain or kind is MailKind.WEBHOOK_DISABLED, "which goes to owners, whoever they are"
    assert LINK in plain.splitlines()
    assert set(reader.links) == {LINK}
    assert one_time_code.id_in(CODE_KEY, reader.links[0].rpartition("/")[2]) == CODE_ID
    if kind in (MailKind.VERIFY_EMAIL, MailKind.RECOVER):
        assert DIGITS in [line.strip() for line in plain.splitlines()], "on a line of its own, to be copied"
        assert DIGITS in reader.text
        assert DIGITS not in mail["Subject"]


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
@pytest.mark.parametrize("kind", MailKind)
def test_a_translated_mail_shares_no_sentence_with_the_english_one(kind: MailKind, language: str) -> None:
    lines = [
        {line for line in write(view(kind, code)).text.splitlines() if " " in line.strip() and line != "-- "} for code in ("en", language)
    ]
    assert lines[0]
    assert not lines[0] & lines[1]


@pytest.mark.parametrize("kind", MailKind)
def test_a_mail_loads_nothing_and_follows_nobody(kind: MailKind) -> None:
    html = write(view(kind)).html
    reader = Reader(html)
    assert not reader.tags & {"img", "script", "link", "iframe", "form", "input", "object", "style", "video", "svg"}
    assert not reader.attributes & {"src", "srcset", "background", "onclick", "ping"}
    assert "url(" not in html


@pytest.mark.parametrize("kind", [kind for kind in MailKind if kind not in (MailKind.VERIFY_EMAIL, MailKind.RECOVER)])
def test_a_mail_without_an_address_to_name_has_no_button(kind: MailKind) -> None:
    words = write(view(kind, url=None, name=None))
    assert Reader(words.html).links == []
    assert "None" not in words.text


@pytest.mark.parametrize("kind", sorted(ABOUT_ORDERS))
def test_a_mail_about_an_order_is_not_written_without_one_and_names_what_was_ordered(kind: MailKind) -> None:
    with pytest.raises(ValueError, match="needs an order"):
        write(view(kind, order=None))
    words = write(view(kind))
    assert "10001" in words.subject
    if kind is not MailKind.ORDER_REFUNDED:
        assert "2 × Mug (en): $36.00" in words.text.splitlines()
        assert "$61.00" in Reader(words.html).text


@pytest.mark.parametrize("kind", [MailKind.VERIFY_EMAIL, MailKind.RECOVER])
def test_a_mail_that_needs_a_code_is_not_written_without_one(kind: MailKind) -> None:
    with pytest.raises(ValueError, match="needs a code"):
        write(view(kind, digits=None))


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//evil.example", "https://a.example/ b", "https://a.example/\nx", 'https://a.example/"']
)
def test_a_link_is_a_web_address(url: str) -> None:
    with pytest.raises(ValueError, match="web address"):
        write(view(MailKind.APPROVED, url=url))


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("kind", MailKind)
def test_no_name_adds_a_header_a_recipient_or_markup(kind: MailKind, attack: str) -> None:
    """Site names, nicknames and everything else that people type."""
    usual, attacked = sent(write(view(kind))), sent(write(view(kind, site=attack, name=attack)), attack)
    assert attacked.keys() == usual.keys()
    assert [address.addr_spec for address in attacked["From"].addresses] == [SENDER]
    assert [address.addr_spec for address in attacked["To"].addresses] == ["ann@shop.example"]
    assert not attacked.defects
    assert not re.search(r"[\r\n]", attacked["Subject"])
    reader = Reader(str(attacked.get_body(("html",)).get_content()))  # type: ignore[union-attr]
    assert reader.tags == Reader(write(view(kind)).html).tags
    assert set(reader.links) == {LINK}
    assert "49" not in reader.text.replace(DIGITS, "").replace(LINK, "")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann", "Ann"),
        ("Dr. Ann", "Dr. Ann"),
        ("  Ann \r\n Lee ", "Ann Lee"),
        ("נועה", "נועה"),
        ("win at www.evil.example", None),
        ("https://evil.example", None),
        ("ann@evil.example", None),
        ("a" * 61, None),
        ("\u202e", None),
        ("", None),
        (None, None),
    ],
)
def test_a_name_that_reads_like_an_address_is_not_repeated(name: str | None, shown: str | None) -> None:
    assert greeted(name) == shown


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("ann@shop.example", "ann@shop.example"),
        ("Ann.Lee+x@Shop.Example", "Ann.Lee+x@shop.example"),
        ("ann@töpferei.example", "ann@xn--tpferei-90a.example"),
        ("änn@shop.example", "änn@shop.example"),
    ],
)
def test_addresses_go_out_as_mail_servers_know_them(text: str, wire: str) -> None:
    assert wire_address(text) == wire


@pytest.mark.parametrize(
    "text",
    [
        "", "ann", "@shop.example", "ann@", "a b@shop.example", "ann@shop.example\r\nRCPT TO:<x@evil.example>", "ann@shop.example>",
        "<ann@shop.example", "ann@shop..example", "ann@-shop.example", '"a b"@shop.example', "a,b@shop.example", "ann@[127.0.0.1]",
        "a" * 65 + "@shop.example", "ann@" + "a" * 64 + ".example", ".ann@shop.example", "ann\x00@shop.example", "ann@shop.example\x00",
        "ann@sh\u2028op.example",
    ],
)  # fmt: skip
def test_what_is_no_address_gets_no_mail(text: str) -> None:
    with pytest.raises(BadAddress):
        wire_address(text)


@pytest.mark.parametrize(("brand", "words"), [("#9a4a2f", "#ffffff"), ("#ffe14d", "#111111"), ("#fff", "#111111"), ("#000", "#ffffff")])
def test_the_button_can_be_read_in_every_brand_colour(brand: str, words: str) -> None:
    html = write(view(MailKind.APPROVED, brand=brand)).html
    assert f'bgcolor="{brand}"' in html
    assert f"color:{words};text-decoration" in html


@pytest.mark.parametrize("brand", ["red", "#12345", "#fff;background:url(//evil.example)", ""])
def test_a_colour_that_is_none_is_not_used(brand: str) -> None:
    assert 'bgcolor="#1f4a43"' in write(view(MailKind.APPROVED, brand=brand)).html


def test_a_booking_comes_with_a_file_for_calendars() -> None:
    entry = Entry("b1", 2, NOW, NOW + 2_700_000, "Yoga\r\nATTENDEE:x", "12 Main Street, New York", is_cancelled=True)
    words = replace(write(view(MailKind.BOOKING_CANCELED)), calendar=calendar("Kiln & Co.", [entry], NOW))
    mail = sent(words)
    (attached,) = mail.iter_attachments()
    assert isinstance(attached, EmailMessage)
    assert (attached.get_content_type(), attached.get_filename()) == ("text/calendar", "booking.ics")
    text = attached.get_content().replace("\r\n", "\n")
    assert "STATUS:CANCELLED" in text
    assert "\nATTENDEE" not in text
    body = mail.get_body(("html",))
    assert body is not None
    assert "Yoga" in str(body.get_content())
