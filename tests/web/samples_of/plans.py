"""The pages of plans and of the account with all that they can show. An invented studio."""

from __future__ import annotations

from roundtrip.core.clock import DAY
from roundtrip.flows.paid_plans_checkout.review import NOT_SOLD
from roundtrip.flows.steps import plan_words as words
from roundtrip.members.sections import Act, Entry, Fact, Link, Tone
from roundtrip.plans.duration import Duration, Unit
from roundtrip.plans.plan.model import Model, Terms
from roundtrip.text import when
from roundtrip.text.catalogue import say
from roundtrip.workflows import booking_account_section, plan_account_section
from tests.web.samples_of.buying import eur

View = dict[str, object]
NOW, HERE = 1_790_000_000_000, "Europe/Berlin"
MONTHLY = Terms(Model.RECURRING, "79.00", "EUR", Duration(1, Unit.MONTH), 0, 7)
PASS = Terms(Model.FOR_TIME, "150.00", "EUR", Duration(3, Unit.MONTH))
NAMES = {
    "en": ("Monthly Unlimited", "Train as often as you like.", "Unlimited classes"),
    "de": ("Monatsmitgliedschaft mit allen Kursen", "Trainiere, so oft du magst.", "Unbegrenzt viele Kursteilnahmen"),
    "es": ("Mensual sin límite", "Entrena cuanto quieras.", "Clases sin límite"),
    "fr": ("Mensuel illimité", "Entraînez-vous autant que vous voulez.", "Cours illimités"),
    "he": ("חודשי ללא הגבלה", "להתאמן כמה שרוצים.", "שיעורים ללא הגבלה"),
    "ja": ("月額通い放題", "好きなだけ通えます。", "クラス受け放題"),
}


def _plan(lang: str, terms: Terms = MONTHLY, **more: object) -> tuple[str, View]:
    name, description, perk = NAMES.get(lang, NAMES["en"])
    view: View = {
        "summary": words.summary(name, terms, NOW, HERE, lang),
        "description": description,
        "perks": [perk, perk],
        "conditions": ["The plan goes on month by month until you cancel it.", "", "Classes can’t be passed on."],
        "no_trial": False,
        "trial_days": terms.trial_days,
        "due": words.due_now(terms),
        "is_free": False,
        "later": words.later(terms, NOW, HERE, lang),
        "can_cancel": True,
        "may_start_later": True,
        "first_day": "2026-09-21",
        "last_day": "2027-09-21",
        "methods": [{"name": "stripe", "title": "Card and more"}, {"name": "test", "title": "Test payment"}],
        "refused": None,
        "no_way": False,
        "email": "ann@example.com",
        "values": {"start_date": "2026-09-21", "method": "stripe"},
        "errors": [],
        "action": "/x",
        "progress": {"number": 2, "total": 3, "name": say(lang, "Your plan")},
    }
    return "plan.html", {**view, **more}


def _thanks(lang: str) -> tuple[str, View]:
    name = NAMES.get(lang, NAMES["en"])[0]
    return "plan_thanks.html", {
        "summary": words.summary(name, MONTHLY, NOW, HERE, lang),
        "plan": name,
        "email": "ann@example.com",
        "starts": None,
        "in_trial": True,
        "next": when.day(NOW + 7 * DAY, HERE, lang),
        "ends": None,
        "price": eur("79"),
        "onward": "https://nordlicht.example/",
    }


def _login(lang: str) -> View:
    summary = words.summary(NAMES.get(lang, NAMES["en"])[0], MONTHLY, NOW, HERE, lang)
    pages = {"sign_up": "/sign-up", "forgot": "/forgot"}
    return {"action": "/x", "values": {}, "errors": [], "pages": pages, "summary": summary, "may_decline": True}


def _choice(lang: str) -> View:
    name, description, _ = NAMES.get(lang, NAMES["en"])
    plans = [{"id": "1", "name": name, "words": description, "price": words.price_words(terms, lang)} for terms in (MONTHLY, PASS)]
    return {"plans": plans, "errors": [], "action": "/x", "progress": {"number": 1, "total": 2, "name": say(lang, "Plan")}}


def _menu(lang: str, current: int) -> View:
    titles = ("Account", "Bookings", "Orders", "Plans")
    return {"menu": [{"title": title, "url": "/x", "is_current": place == current} for place, title in enumerate(titles)], "said": None}


def _plans(lang: str, **more: object) -> tuple[str, View]:
    name, day = NAMES.get(lang, NAMES["en"])[0], when.day(NOW + 30 * DAY, HERE, lang)
    sentence = plan_account_section
    facts = (
        Fact(say(lang, sentence.STARTS), when.day(NOW, HERE, lang)),
        Fact(say(lang, sentence.NEXT), say(lang, sentence.NEXT_ON, price=eur("79").words(lang), day=day)),
        Fact(say(lang, sentence.LEFT), say(lang, sentence.OF, left=3, most=10, service="Yoga")),
    )
    act = Act("cancel", say(lang, sentence.CANCEL), say(lang, sentence.KEEP_TO_END, day=day))
    entries = [
        Entry("1", name, say(lang, "Active"), Tone.GOOD, eur("79"), facts, (), (act,)),
        Entry("2", name, say(lang, sentence.NOT_PAID), Tone.BAD, eur("150"), facts[:1]),
    ]
    title, empty = sentence.SECTION.title, sentence.SECTION.empty
    return "account_list.html", {
        **_menu(lang, 3), "title": title, "empty": empty, "entries": entries, "errors": [], "action": "/x", **more
    }  # fmt: skip


def _account(lang: str) -> tuple[str, View]:
    login = {"since": when.day(NOW, HERE, lang), "seen": when.day(NOW, HERE, lang), "is_here": True}
    return "account.html", {
        **_menu(lang, 0),
        "email": "ann@example.com",
        "since": when.day(NOW, HERE, lang),
        "logins": [login, {**login, "is_here": False}],
        "record_url": "/x",
        "erase_url": "/x",
        "values": {"first_name": "Ann", "last_name": "Example", "nickname": "", "phone": "+49 761 1234"},
        "errors": [],
        "action": "/x",
    }


def pages(lang: str) -> dict[str, tuple[str, View]]:
    """Name of the picture -> template and view."""
    wrong = [{"field": "agree", "message": say(lang, "Agree to the terms to go on.")}]
    bookings = booking_account_section.SECTION
    link = Link(say(lang, booking_account_section.MOVE_OR_CANCEL), "/x")
    booked = Entry("1", "Yoga", say(lang, "Confirmed"), Tone.GOOD, eur("20"), (Fact(say(lang, "With"), "Sam Lee"),), (link,))
    listed = {**_menu(lang, 1), "said": "Done.", "title": bookings.title, "empty": bookings.empty, "errors": [], "action": "/x"}
    frame = {**_menu(lang, 0), "account_url": "/x", "action": "/x"}
    return {
        "plan": _plan(lang),
        "plan_login": ("login.html", _login(lang)),
        "plan_wrong": _plan(lang, PASS, trial_days=0, errors=wrong, no_trial=True),
        "plan_not_sold": _plan(lang, refused=NOT_SOLD),
        "plan_thanks": _thanks(lang),
        "choose_plan": ("choose_plan.html", _choice(lang)),
        "account": _account(lang),
        "account_plans": _plans(lang),
        "account_bookings": ("account_list.html", {**listed, "entries": [booked]}),
        "account_empty": ("account_list.html", {**listed, "said": None, "entries": []}),
        "account_record": ("account_record.html", {**frame, "text": '{\n  "account": []\n}', "file_url": "/x"}),
        "account_erase": ("account_erase.html", {**frame, "email": "ann@example.com", "values": {}, "errors": []}),
    }
