"""The pages of buying with all that they can show. An invented shop."""

from __future__ import annotations

from decimal import Decimal

from roundtrip.core.money import Money
from roundtrip.ecom.address import Address, Contact
from roundtrip.flows.ecom_order_payment_request.flow import WHY_ENDED
from roundtrip.flows.steps import pay as pay_words
from roundtrip.text.catalogue import say

DOT = "/media/sample"
EUROPE = frozenset("AT BE CH DE DK ES FR GB IE IT LU NL NO PL PT SE".split())
HOME = Address("DE", "", "Freiburg im Breisgau", "79098", "Konviktstraße 12")
ANN = Contact("Ann", "Example", "+41 44 668 18 00")
NAMES = {
    "en": ("Stoneware bowl, speckled", "Espresso cup", "Glaze", "Sea green"),
    "de": ("Steinzeugschüssel, gesprenkelt", "Espressotassenuntersetzer", "Glasur", "Meergrün"),
    "es": ("Cuenco de gres moteado", "Portavasos para café expreso", "Esmaltado", "Verde mar"),
    "fr": ("Bol en grès moucheté", "Tasse à expresso", "Émaillage", "Vert de mer"),
    "he": ("קערת קרמיקה מנומרת", "ספל אספרסו", "זיגוג", "ירוק ים"),
    "ja": ("まだら模様の陶器ボウル", "エスプレッソカップ", "釉薬", "シーグリーン"),
}

View = dict[str, object]


def eur(amount: str) -> Money:
    """Euros."""
    return Money.of(Decimal(amount), "EUR")


def summary(lang: str, *, is_short: bool = False) -> View:
    """Two things, a coupon, delivery and taxes."""
    bowl, cup, glaze, green = NAMES.get(lang, NAMES["en"])
    picture = {"url": DOT, "double": DOT, "width": 56, "height": 56}
    return {
        "lines": [
            {
                "name": bowl,
                "unit": eur("29"),
                "full_unit": eur("34"),
                "quantity": 2,
                "amount": eur("58"),
                "details": [{"name": glaze, "value": green}],
                "picture": picture,
                "left": 1 if is_short else None,
            },
            {
                "name": cup,
                "unit": eur("20"),
                "full_unit": None,
                "quantity": 1,
                "amount": eur("20"),
                "details": [],
                "picture": picture,
                "left": 0 if is_short else None,
            },
        ],
        "subtotal": eur("78"),
        "discount": eur("-7.80"),
        "coupon": "WELCOME10",
        "delivery": {"title": "DHL", "price": eur("6.90")},
        "tax": eur("12.31"),
        "tax_included": True,
        "total": eur("77.10"),
    }


def pages(lang: str) -> dict[str, tuple[str, View]]:
    """Name of the picture -> template and view."""
    base: View = {"action": "/x", "values": {}, "errors": [], "notice": None, "summary": summary(lang)}
    return {**_steps(base, lang), **_reviews(base, lang), **_payments(base, lang), "buy_product": ("product.html", _product(base, lang))}


def _step(number: int, lang: str, name: str) -> View:
    return {"number": number, "total": 4, "name": say(lang, name)}


def _steps(base: View, lang: str) -> dict[str, tuple[str, View]]:
    wrong = [
        {"field": "email", "message": say(lang, "Enter an email address like name@example.com.")},
        {"field": "last_name", "message": say(lang, "Enter your last name.")},
    ]
    typed = {"email": "ann@", "first_name": "Ann", "last_name": "", "phone": "", "buyer_note": "", "gift_note": ""}
    contact: View = {
        **base,
        "progress": _step(1, lang, "Contact"),
        "questions": [],
        "offers_gift_note": True,
        "values": {**typed, "email": ""},
    }
    address: View = {
        **base,
        "progress": _step(2, lang, "Address"),
        "is_sent": True,
        "countries": EUROPE,
        "values": {"country": "DE", "line": HOME.line, "city": HOME.city, "postal_code": HOME.postal_code},
    }
    delivery: View = {
        **base,
        "progress": _step(3, lang, "Delivery"),
        "country": "DE",
        "values": {"delivery": "b"},
        "offers": [
            {"id": "a", "title": "Standard", "time": "3–5 days", "pickup": None, "price": eur("6.90")},
            {"id": "b", "title": "Express", "time": "1–2 days", "pickup": None, "price": eur("15")},
            {"id": "c", "title": "Pick up", "time": "", "pickup": HOME, "price": eur("0")},
        ],
    }
    return {
        "buy_contact": ("contact.html", contact),
        "buy_contact_error": ("contact.html", {**contact, "values": typed, "errors": wrong, "questions": [_question()]}),
        "buy_address": ("address.html", address),
        "buy_delivery": ("delivery.html", delivery),
        "buy_nowhere": ("delivery.html", {**delivery, "offers": []}),
    }


def _reviews(base: View, lang: str) -> dict[str, tuple[str, View]]:
    changed = {"field": "", "message": say(lang, "Something has changed since you saw it. Look at the new amounts before you agree.")}
    meanwhile: View = {
        "summary": summary(lang, is_short=True),
        "errors": [changed],
        "changes": [{"what": "delivery", "name": "", "before": eur("4.90"), "after": eur("6.90")}],
        "is_available": False,
    }
    return {
        "buy_review": ("review.html", _review(base, lang)),
        "buy_review_changed": ("review.html", {**_review(base, lang), **meanwhile}),
    }


def _payments(base: View, lang: str) -> dict[str, tuple[str, View]]:
    pay: View = {
        **base,
        "progress": _step(4, lang, "Payment"),
        "amount": eur("77.10"),
        "state": "declined",
        "methods": [{"name": "stripe", "title": "Card and more"}],
        "chosen": "stripe",
        "kept": pay_words.KEPT,
        "change": pay_words.CHANGE,
    }
    return {
        "buy_pay_declined": ("pay.html", pay),
        "buy_pay_ended": ("pay.html", {**pay, "state": "ended", "why": WHY_ENDED["CANCELED"]}),
        "buy_waiting": ("pay.html", {**pay, "state": "waiting"}),
        "buy_thanks": ("thank_you.html", _thanks(lang)),
    }


def _product(base: View, lang: str) -> View:
    bowl, _, glaze, green = NAMES[lang]
    return {
        **base,
        "values": {"quantity": "1"},
        "product": {
            "name": bowl,
            "description": "<p>Thrown by hand.</p>",
            "ribbon": "",
            "brand": "Kiln & Co",
            "lowest": eur("29"),
            "is_from": False,
            "full": eur("34"),
            "state": "IN_STOCK",
            "left": 4,
            "picture": {"url": DOT, "double": DOT, "width": 560, "height": 560},
            "others": [{"url": DOT, "double": DOT, "width": 96, "height": 96}],
            "sections": [{"title": "Care", "text": "<p>Dishwasher safe.</p>"}],
        },
        "options": [
            {
                "field": "option_0",
                "name": glaze,
                "is_colour": True,
                "choices": [{"value": "a", "words": green, "is_offered": True}, {"value": "b", "words": "Ash", "is_offered": False}],
            }
        ],
    }


def _question() -> View:
    return {"field": "answer_0", "title": "Your order number", "is_required": True}


def _review(base: View, lang: str) -> View:
    return {
        **base,
        "progress": {"number": 4, "total": 4, "name": say(lang, "Review")},
        "contact": {"email": "ann@example.com", "person": ANN},
        "address": HOME,
        "delivery": {"title": "DHL", "time": "3–5 days"},
        "is_sent": True,
        "notes": {"buyer": "", "gift": "Alles Gute!"},
        "coupon": {"code": "WELCOME10", "problem": None},
        "changes": [],
        "seen": "c2Vlbg==",
        "total": eur("77.10"),
        "is_available": True,
        "can_be_fixed": True,
        "methods": [{"name": "stripe", "title": "Card and more"}, {"name": "test", "title": "Test payment"}],
        "later": [{"name": "offline", "title": "Pay later"}],
    }


def _thanks(lang: str) -> View:
    return {
        "summary": summary(lang),
        "number": 10001,
        "email": "ann@example.com",
        "is_paid": True,
        "costs": True,
        "total": eur("77.10"),
        "delivery": _Delivery(),
        "address": HOME,
        "person": ANN,
        "onward": "https://nordlicht.example/",
    }


class _Delivery:
    title = "DHL"
    delivery_time = "3–5 days"
    pickup = None
