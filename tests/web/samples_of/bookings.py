"""The pages of booking with all that they can show. An invented studio."""

from __future__ import annotations

from datetime import date, timedelta

from roundtrip.bookings.book.model import Status
from roundtrip.flows.steps.choose_time import GONE
from roundtrip.text import when
from roundtrip.text.catalogue import say
from roundtrip.web.bookings import NOT_PAID_BACK, STATES, TOO_LATE
from tests.web.samples_of.buying import DOT, eur

View = dict[str, object]
START, END = 1_790_000_000_000, 1_790_000_000_000 + 45 * 60_000
THERE, HERE = "America/New_York", "Europe/Berlin"
NAMES = {
    "en": ("Morning Yoga", "Wake up slowly", "Throwing on the wheel", "Studio"),
    "de": ("Morgenyoga für Frühaufsteherinnen", "Langsam aufwachen", "Töpferscheibengrundkurs", "Werkstatt"),
    "es": ("Yoga de la mañana", "Despertar despacio", "Iniciación al torno", "Estudio"),
    "fr": ("Yoga du matin", "Se réveiller en douceur", "Initiation au tour", "Atelier"),
    "he": ("יוגה של בוקר", "להתעורר לאט", "עבודה על האובניים", "סטודיו"),
    "ja": ("朝のヨガ", "ゆっくり目覚める", "ろくろ入門", "スタジオ"),
}


def _picture(side: int) -> View:
    return {"url": DOT, "double": DOT, "width": side, "height": side}


def _offered(lang: str, side: int) -> View:
    yoga, wake, _, _ = NAMES.get(lang, NAMES["en"])
    price, length = eur("20").words(lang), when.length(45, lang)
    return {"name": yoga, "tag_line": wake, "price": price, "length": length, "picture": _picture(side)}


def _facts(lang: str) -> View:
    yoga, _, _, studio = NAMES.get(lang, NAMES["en"])
    return {
        "service": yoga,
        "when": when.when(START, END, HERE, lang),
        "there": when.when(START, END, THERE, lang),
        "staff": "Sam Lee",
        "place": f"{studio}, 12 Main Street, New York",
        "participants": 2,
        "price": eur("40"),
        "to_pay": True,
    }


def _summary(lang: str) -> View:
    facts = [
        {"name": say(lang, "When"), "value": when.when(START, END, HERE, lang)},
        {"name": say(lang, "There"), "value": when.when(START, END, THERE, lang)},
    ]
    facts.append({"name": say(lang, "With"), "value": "Sam Lee"})
    line = {
        "name": NAMES.get(lang, NAMES["en"])[0],
        "unit": eur("20").words(lang),
        "full_unit": None,
        "quantity": 1,
        "amount": eur("20"),
        "details": facts,
        "picture": _picture(56),
        "left": None,
    }
    sums = {
        "subtotal": eur("20"),
        "discount": None,
        "coupon": None,
        "delivery": None,
        "tax": None,
        "tax_included": False,
        "total": eur("20"),
    }
    return {"title": say(lang, "Your booking"), "lines": [line], **sums, "deposit": {"now": eur("5"), "later": eur("15")}}


def _details(lang: str, **more: object) -> tuple[str, View]:
    view: View = {
        "summary": _summary(lang),
        "most": 4,
        "left": 7,
        "waits": False,
        "needs_approval": False,
        "is_free": False,
        "online": True,
        "at_place": True,
        "policy": "Please come ten minutes early.",
        "questions": [{"field": "answer_0", "title": "Do you have a mat?", "is_required": True}],
        "may_change_time": True,
        "others": "https://nordlicht.example/classes",
        "plans": {
            "usable": [{"value": "plan-1", "name": "10-Class Pass", "left": 3, "most": 10}],
            "used_up": ["Community"],
            "may_log_in": True,
            "buy_url": "https://nordlicht.example/plans",
            "may_buy_here": False,
        },
        "values": {"participants": "1", "method": "online"},
        "errors": [],
        "action": "/x",
        "progress": {"number": 1, "total": 3, "name": say(lang, "Details")},
    }
    return "booking_details.html", {**view, **more}


def _time(lang: str, **more: object) -> tuple[str, View]:
    first = date(2026, 9, 21)
    days = [first + timedelta(days=number) for number in range(14)]
    view: View = {
        "service": _offered(lang, 56),
        "days": [
            {"value": one.isoformat(), "words": when.short_day(one, lang), "has_times": one.weekday() < 5, "is_chosen": one == days[1]}
            for one in days
        ],
        "day_words": when.day_of(days[1], lang),
        "times": [
            {
                "value": str(hour),
                "words": when.time(START + hour * 3_600_000, HERE, lang),
                "left": hour,
                "is_full": hour == 0,
                "with": "Sam Lee" if hour % 2 else "",
            }
            for hour in range(6)
        ],
        "earlier": "2026-09-07",
        "later": "2026-10-05",
        "zone_words": when.zone_name(HERE, START, lang),
        "there": when.zone_name(THERE, START, lang),
        "staff": [{"id": "a", "name": "Alex Kim"}, {"id": "b", "name": "Sam Lee"}],
        "staff_only": "a",
        "others": None,
        "from_list": True,
        "notice": None,
        "values": {"zone": HERE},
        "errors": [],
        "action": "/x",
        "progress": {"number": 2, "total": 2, "name": say(lang, "Time")},
    }
    return "time.html", {**view, **more}


def _page(lang: str, status: Status, **more: object) -> tuple[str, View]:
    own: View = {
        "state": say(lang, STATES[status]),
        "refusal": None,
        "is_over": False,
        "not_paid_back": None,
        "may_take": False,
        "may_cancel": True,
        "waits": False,
        "move_url": "/x/move",
        "calendar_url": "/x/event.ics",
        "action": "/x",
    }
    return "booking_page.html", {**_facts(lang), **own, **more}


def _services(lang: str) -> tuple[str, View]:
    _, _, wheel, studio = NAMES.get(lang, NAMES["en"])
    one: View = {"id": "1", **_offered(lang, 96)}
    other = {**one, "id": "2", "name": wheel, "tag_line": "", "price": eur("150").words(lang), "length": "", "picture": None}
    progress = {"number": 1, "total": 2, "name": say(lang, "Service")}
    groups = [{"name": studio, "services": [one, other]}]
    return "service.html", {"groups": groups, "others": None, "errors": [], "action": "/x", "progress": progress}


def pages(lang: str) -> dict[str, tuple[str, View]]:
    """Name of the picture -> template and view."""
    gone: View = {"service": None, "notice": None, "from_list": False, "others": "https://nordlicht.example/", "values": {}, "action": "/x"}
    over: View = {"may_cancel": False, "move_url": None, "calendar_url": None, "is_over": True, "refusal": say(lang, TOO_LATE)}
    offered: View = {"may_take": True, "may_cancel": False, "move_url": None, "calendar_url": None}
    waits: View = {"waits": True, "move_url": None, "calendar_url": None}
    thanks: View = {
        **_facts(lang),
        "email": "ann@example.com",
        "calendar_url": "/x",
        "own_url": "/y",
        "onward": "https://nordlicht.example/",
    }
    paid = say(lang, NOT_PAID_BACK, site="Nordlicht")
    wrong = [{"field": "email", "message": say(lang, "Enter an email address like name@example.com.")}]
    return {
        "service": _services(lang),
        "time": _time(lang),
        "time_taken": _time(
            lang, notice=say(lang, GONE), times=[], staff=[], there=None, from_list=False, others="https://nordlicht.example/"
        ),
        "time_gone": ("time.html", {**gone, "progress": {"number": 1, "total": 1, "name": None}}),
        "booking_details": _details(lang),
        "booking_details_wrong": _details(lang, errors=wrong),
        "booking_details_full": _details(
            lang, waits=True, online=False, most=1, questions=[], plans=None, summary={**_summary(lang), "deposit": None}
        ),
        "booking_details_request": _details(lang, needs_approval=True, online=False, is_free=True, others=None, plans=None),
        "booking_thanks": ("booking_thanks.html", {**thanks, "status": "CONFIRMED", "is_pending": False, "waits": False}),
        "booking_thanks_pending": ("booking_thanks.html", {**thanks, "status": "PENDING", "is_pending": True, "waits": False}),
        "booking_thanks_waiting": ("booking_thanks.html", {**thanks, "status": "WAITING_LIST", "is_pending": False, "waits": True}),
        "booking_page": _page(lang, Status.CONFIRMED, not_paid_back=paid, to_pay=False),
        "booking_page_over": _page(lang, Status.CANCELED, **over),
        "booking_page_offered": _page(lang, Status.CREATED, **offered),
        "booking_page_waiting": _page(lang, Status.WAITING_LIST, **waits),
    }
