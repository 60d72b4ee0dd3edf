"""What the pages of plans say about a price, a time and what is paid when, in words of the page's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.units import format_unit

from roundtrip.bookings.business import store as business
from roundtrip.core.clock import DAY
from roundtrip.core.money import Money
from roundtrip.plans.duration import Duration, Unit
from roundtrip.plans.plan.model import Model, Terms
from roundtrip.storage.database import Tx
from roundtrip.text import when
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked

FREE = marked("Free")
EVERY_ONE: Mapping[Unit, str] = {
    Unit.DAY: marked("%(price)s every day"),
    Unit.WEEK: marked("%(price)s every week"),
    Unit.MONTH: marked("%(price)s every month"),
    Unit.YEAR: marked("%(price)s every year"),
}
EVERY = marked("%(price)s every %(length)s")
FOR_TIME = marked("%(price)s once, for %(length)s")
FOR_EVER = marked("%(price)s once")
PAYMENT, TRIAL, RUNS, STARTS, LATER = marked("Payment"), marked("Free trial"), marked("Runs"), marked("Starts"), marked("Later")
UNTIL_CANCELED = marked("until it is cancelled")
FOR_LENGTH = marked("for %(length)s")
WITHOUT_END = marked("without an end")
FIRST_ON = marked("%(price)s, for the first time on %(day)s")
TODAY = marked("Today")


def zone_of_site(tx: Tx, site_id: str) -> str:
    """By whose clock days are told."""
    return business.business(tx, site_id).terms.zone


def length(duration: Duration, language: str) -> str:
    """`3 months`."""
    return format_unit(duration.count, f"duration-{duration.unit.value.lower()}", locale=language)


def price_words(terms: Terms, language: str) -> str:
    """`$79.00 every month`, `$150.00 once, for 3 months`, `Free`."""
    price = terms.amount
    if not price:
        return say(language, FREE)
    said, duration = price.words(language), terms.duration
    if duration is None:
        return say(language, FOR_EVER, price=said)
    if terms.model is Model.FOR_TIME:
        return say(language, FOR_TIME, price=said, length=length(duration, language))
    if duration.count == 1:
        return say(language, EVERY_ONE[duration.unit], price=said)
    return say(language, EVERY, price=said, length=length(duration, language))


def runs_words(terms: Terms, language: str) -> str:
    """How long it goes on."""
    if terms.duration is None:
        return say(language, WITHOUT_END)
    if terms.recurs and not terms.cycles:
        return say(language, UNTIL_CANCELED)
    whole = Duration(terms.duration.count * max(1, terms.cycles), terms.duration.unit)
    return say(language, FOR_LENGTH, length=length(whole, language))


def due_now(terms: Terms) -> Money:
    """What is paid when buying."""
    return Money.zero(terms.currency) if terms.trial_days else terms.amount


def summary(name: str, terms: Terms, starts_at: int, zone: str, language: str, *, is_later: bool = False) -> dict[str, Any]:
    """What stands beside the steps: the plan, what it costs today, and what later."""
    facts = [(PAYMENT, price_words(terms, language)), (RUNS, runs_words(terms, language))]
    if terms.trial_days:
        facts.append((TRIAL, length(Duration(terms.trial_days, Unit.DAY), language)))
    if is_later:
        facts.append((STARTS, when.day(starts_at, zone, language)))
    line = {
        "name": name,
        "unit": terms.amount,
        "full_unit": None,
        "quantity": 1,
        "amount": terms.amount,
        "details": [{"name": say(language, fact), "value": value} for fact, value in facts],
        "picture": None,
        "left": None,
    }
    parts = {"subtotal": terms.amount, "discount": None, "coupon": None, "delivery": None, "tax": None, "tax_included": False}
    return {
        "lines": [line],
        **parts,
        "total": due_now(terms),
        "total_label": say(language, TODAY) if terms.recurs and terms.amount else None,
        "later": later(terms, starts_at, zone, language),
    }


def later(terms: Terms, starts_at: int, zone: str, language: str) -> str | None:
    """The payments after the one of today; None when there are none."""
    if not terms.recurs or terms.duration is None or not terms.amount or (terms.cycles == 1 and not terms.trial_days):
        return None
    first_cycle = starts_at + terms.trial_days * DAY
    first = first_cycle if terms.trial_days else terms.duration.after(first_cycle)
    return say(language, FIRST_ON, price=price_words(terms, language), day=when.day(first, zone, language))
