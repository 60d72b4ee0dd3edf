"""When the sessions of a class begin: RFC 5545 rules, by wall clock. Pure.

A rule is kept as it was written; its occurrences are worked out for the days that somebody asks about, so nothing has to be made in advance
and an endless rule costs no more than a short one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache

from dateutil.rrule import rrule, rrulestr

from roundtrip.core.zones import midnight

LONGEST_RULE = 500
MOST_AT_ONCE = 1000
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "DAILY": ("INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTH", "WKST"),
    "WEEKLY": ("INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTH", "WKST"),
    "MONTHLY": ("INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYSETPOS", "WKST"),
}
"""What each frequency may be narrowed by. Only rules that go on giving days are followed: the library would look on until the year 9999."""
_VALUES = {
    "INTERVAL": r"[1-9]\d?",
    "COUNT": r"[1-9]\d{0,2}|1000",
    "UNTIL": r"\d{8}(T\d{6}Z?)?",
    "BYDAY": r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)){0,20}",
    "BYMONTH": r"([1-9]|1[0-2])(,([1-9]|1[0-2])){0,11}",
    "BYMONTHDAY": r"-?([1-9]|[12]\d|3[01])(,-?([1-9]|[12]\d|3[01])){0,30}",
    "BYSETPOS": r"-?[1-4]",
    "WKST": r"MO|TU|WE|TH|FR|SA|SU",
}
_STEPS = {"DAILY": timedelta(days=1), "WEEKLY": timedelta(weeks=1)}


class NotARule(ValueError):
    """A text that is no rule, or one that is not followed here; its words say why."""


def checked(rule: str, first: datetime) -> str:
    """The rule as it is kept: its parts in capital letters, without `RRULE:`. Empty for a single session. Raises `NotARule`."""
    text = rule.strip().upper().removeprefix("RRULE:").strip(";")
    if not text:
        return ""
    if len(text) > LONGEST_RULE:
        raise NotARule(f"is longer than {LONGEST_RULE} characters")
    parts = [part.partition("=") for part in text.split(";")]
    values = {name: value for name, _, value in parts}
    if len(values) < len(parts):
        raise NotARule("names a part twice")
    known = _KNOWN.get(values.pop("FREQ", ""))
    if known is None:
        raise NotARule(f"must have a FREQ that is one of {', '.join(_KNOWN)}")
    for name, value in values.items():
        if name not in known:
            raise NotARule(f"has a part {name[:20]!r}; with this FREQ there are {', '.join(known)}")
        if not re.fullmatch(_VALUES[name], value, re.ASCII):
            raise NotARule(f"has a {name} that is not followed here (received {value[:40]!r})")
    _require_days(text, values)
    text = ";".join(sorted(text.split(";"), key=lambda part: not part.startswith("FREQ")))
    if "UNTIL" in values:
        text = text.replace(values["UNTIL"], values["UNTIL"].removesuffix("Z"))
    try:
        begins(text, first, first.date(), first.date() + timedelta(days=40))
    except (ValueError, TypeError, OverflowError) as reason:
        raise NotARule(f"is not one: {reason}") from None
    return text


def _require_days(text: str, values: Mapping[str, str]) -> None:
    """Raises `NotARule` for what might never give another day."""
    every_time = int(values.get("INTERVAL", "1")) == 1
    numbered = any(sign.isdigit() for sign in values.get("BYDAY", ""))
    if "MONTHLY" not in text:
        if numbered:
            raise NotARule("has a numbered BYDAY, which needs FREQ=MONTHLY")
        if not every_time and ("BYMONTH" in values or ("DAILY" in text and "BYDAY" in values)):
            raise NotARule("has an INTERVAL that may pass over the days it names; leave the INTERVAL out")
        return
    if "BYDAY" in values and "BYMONTHDAY" in values:
        raise NotARule("has BYDAY and BYMONTHDAY, which may never meet; use one of them")
    if "BYSETPOS" in values and (numbered or "BYDAY" not in values):
        raise NotARule("has a BYSETPOS, which needs a BYDAY without numbers")
    rare = "5" in values.get("BYDAY", "") or any(abs(int(day)) > 28 for day in values.get("BYMONTHDAY", "1").split(","))
    if rare and not every_time:
        raise NotARule("has an INTERVAL that may pass over the days it names; leave the INTERVAL out")


def begins(rule: str, first: datetime, since: date, until: date) -> list[datetime]:
    """The wall times at which sessions begin on the days from `since` to `until`, the last included; at most `MOST_AT_ONCE`.

    `first` is when the first one begins; as RFC 5545 has it, it belongs to the sessions whether the rule would give it or not.
    """
    start, end = midnight(since), midnight(until) + timedelta(days=1, microseconds=-1)
    found = [first] if start <= first <= end else []
    if rule and first <= end:
        for one in _nearer(rule, first, start).xafter(start, MOST_AT_ONCE, inc=True):
            if one > end:
                break
            if one > first:
                found.append(one)
    return found


@lru_cache(maxsize=4096)
def _parsed(rule: str, first: datetime) -> rrule:
    found = rrulestr(rule, dtstart=first)
    if not isinstance(found, rrule):
        raise ValueError("it is more than one rule")
    return found


def _nearer(rule: str, first: datetime, start: datetime) -> rrule:
    """The rule, begun late: whole steps of a daily or weekly rule that is not counted are skipped, so nobody walks there from the first."""
    step = _STEPS.get(rule.partition(";")[0].removeprefix("FREQ="))
    if step is None or "COUNT=" in rule or start <= first:
        return _parsed(rule, first)
    interval = re.search(r"INTERVAL=(\d+)", rule)
    step *= int(interval[1]) if interval else 1
    return _parsed(rule, first).replace(dtstart=first + (start - first) // step * step)
