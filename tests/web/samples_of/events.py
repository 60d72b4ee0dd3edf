"""The pages of buying tickets, of tickets and of answers with all that they can show. An invented evening."""

from __future__ import annotations

from roundtrip.core.money import Money
from roundtrip.events.orders.model import Guest, Status
from roundtrip.events.rsvps.model import Status as Said
from roundtrip.flows.events_checkout.details import MAY_TRY_AGAIN, WHY
from roundtrip.text import when
from roundtrip.text.catalogue import say
from roundtrip.web.events import ANSWERS, NOT_HELD, STATES
from tests.web.samples_of.buying import DOT, eur

View = dict[str, object]
START, END = 1_790_000_000_000, 1_790_000_000_000 + 3 * 3_600_000
THERE = "Europe/Berlin"
NAMES = {
    "en": ("Summer Night Live", "General admission", "Balcony with supper", "Courtyard"),
    "de": ("Sommernachtskonzert unter Sternen", "Allgemeiner Einlass", "Balkonplatz mit Abendessen", "Innenhof"),
    "es": ("Noche de verano en directo", "Entrada general", "Balcón con cena", "Patio"),
    "fr": ("Nuit d’été en concert", "Entrée générale", "Balcon avec dîner", "Cour"),
    "he": ("לילה של קיץ", "כניסה כללית", "יציע עם ארוחת ערב", "החצר"),
    "ja": ("夏の夜のライブ", "一般入場", "バルコニー席（夕食付き）", "中庭"),
}


def _words(lang: str) -> tuple[str, str, str, str]:
    return NAMES.get(lang, NAMES["en"])


def _money(amount: Money, lang: str) -> Money | str:
    return amount or say(lang, "Free")


def _summary(lang: str) -> View:
    title, general, balcony, yard = _words(lang)
    facts = [
        {"name": say(lang, "When"), "value": when.when(START, END, THERE, lang)},
        {"name": say(lang, "Where"), "value": f"{yard}, Konviktstraße 12, 79098 Freiburg"},
    ]
    picture = {"url": DOT, "double": DOT, "width": 56, "height": 56}
    lines = [
        {"name": name, "unit": _money(eur(unit), lang), "full_unit": None, "quantity": quantity, "amount": eur(amount), "details": details,
         "picture": shown, "left": None}
        for name, unit, quantity, amount, details, shown in (
            (general, "25", 2, "50", facts, picture), (balcony, "60", 1, "60", [], None))
    ]  # fmt: skip
    sums: View = {"subtotal": eur("110"), "discount": -eur("11"), "coupon": "WELCOME10", "delivery": None, "fees": eur("2.48"),
                  "tax": eur("18.81"), "tax_included": False, "total": eur("120.29")}  # fmt: skip
    return {"title": title, "lines": lines, **sums}


def _details(lang: str, **more: object) -> tuple[str, View]:
    _, general, balcony, _ = _words(lang)
    guests = [
        {"number": number, "total": 3, "ticket": balcony if number == 2 else general, "prefix": f"guest_{number}_", "questions": []}
        for number in range(3)
    ]
    view: View = {
        "is_over": False,
        "summary": _summary(lang),
        "kept": {"seconds": 754, "words": "12:34"},
        "again": False,
        "questions": [],
        "guests": guests,
        "policies": [{"name": say(lang, "Refund policy"), "body": "Until two days before.\nWrite to us."}],
        "notes": ["Please bring a blanket."],
        "is_free": False,
        "values": {},
        "errors": [],
        "action": "/x",
        "progress": {"number": 1, "total": 3, "name": say(lang, "Details")},
    }
    return "tickets_details.html", {**view, **more}


def _over(lang: str, over: str) -> tuple[str, View]:
    title, text = WHY[over]
    view: View = {"is_over": True, "title": title, "text": text, "may_try_again": over in MAY_TRY_AGAIN, "errors": [], "action": "/x"}
    return "tickets_details.html", {**view, "values": {}, "progress": {"number": 1, "total": 1, "name": None}}


def _review(lang: str, **more: object) -> tuple[str, View]:
    view: View = {
        "summary": _summary(lang),
        "kept": {"seconds": 65, "words": "1:05"},
        "again": True,
        "buyer": Guest("Ann-Katrin", "Donaudampfschifffahrt", "ann.katrin@example.com", "+44 20 7946 0100"),
        "guests": ["Ann-Katrin Donaudampfschifffahrt", "Ben Example"],
        "coupon": {"code": "WELCOME10", "problem": None},
        "seen": "120.29",
        "total": eur("120.29"),
        "can_order": True,
        "methods": [{"name": "test", "title": "Test payment"}],
        "later": [{"name": "offline", "title": "Pay later"}],
        "values": {},
        "errors": [],
        "action": "/x",
        "progress": {"number": 2, "total": 3, "name": say(lang, "Review")},
    }
    return "tickets_review.html", {**view, **more}


def _bought(lang: str) -> View:
    title, general, balcony, yard = _words(lang)
    one: View = {"number": "2ABC-DEFG-HJK-01", "name": general, "guest": "Ann Example", "code": "https://pages.example/ticket/1",
                 "url": "/x", "is_valid": True, "is_used": False}  # fmt: skip
    other = {**one, "number": "2ABC-DEFG-HJK-02", "name": balcony, "guest": "Ben Example", "is_used": True}
    gone = {**one, "number": "2ABC-DEFG-HJK-03", "guest": "", "is_valid": False}
    return {
        "number": "2ABC-DEFG-HJK",
        "title": title,
        "when": when.when(START, END, THERE, lang),
        "place": f"{yard}, Konviktstraße 12, 79098 Freiburg",
        "total": eur("120.29"),
        "to_pay": False,
        "email": "ann@example.com",
        "tickets": [one, other, gone],
        "calendar_url": "/x",
        "own_url": "/y",
        "onward": "https://nordlicht.example/",
    }


def _rsvp(lang: str, said: Said, **more: object) -> tuple[str, View]:
    title, _, _, yard = _words(lang)
    view: View = {
        "state": say(lang, ANSWERS[said]),
        "refusal": None,
        "title": title,
        "when": when.when(START, END, THERE, lang),
        "place": yard,
        "guests": 2,
        "may_take": said is Said.OFFERED,
        "may_withdraw": True,
        "waits": said is not Said.YES,
        "calendar_url": "/x" if said is Said.YES else None,
        "action": "/x",
    }
    return "rsvp_page.html", {**view, **more}


def pages(lang: str) -> dict[str, tuple[str, View]]:
    """Name of the picture -> template and view."""
    wrong = [{"field": "guest_1_last_name", "message": say(lang, "Enter your last name.")}]
    wrong.append({"field": "agreed", "message": say(lang, "Say that you agree, or don't buy these tickets.")})
    order: View = {**_bought(lang), "state": say(lang, STATES[Status.PAID]), "refusal": None, "pdf_url": "/x.pdf"}
    return {
        "tickets_details": _details(lang, again=True),
        "tickets_details_wrong": _details(lang, errors=wrong),
        "tickets_over": _over(lang, "time_over"),
        "tickets_refunded": _over(lang, "refunded"),
        "tickets_review": _review(lang),
        "tickets_thanks": ("tickets_thanks.html", _bought(lang)),
        "order_page": ("order_page.html", order),
        "order_page_over": ("order_page.html", {**order, "refusal": say(lang, NOT_HELD), "calendar_url": None, "pdf_url": None}),
        "rsvp_page": _rsvp(lang, Said.YES),
        "rsvp_page_offered": _rsvp(lang, Said.OFFERED),
    }
