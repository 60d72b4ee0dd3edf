"""What is wrong with a field, in the visitor's language. Violations are written for developers; these sentences are for visitors."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.core.errors import Violation
from roundtrip.text.catalogue import is_ours, say
from roundtrip.text.durations import duration
from roundtrip.text.marks import marked

TEXTS: Mapping[tuple[str, str], str] = {
    ("email", "REQUIRED_FIELD"): marked("Enter your email address."),
    ("email", "FORMAT"): marked("Enter an email address like name@example.com."),
    ("code", "REQUIRED_FIELD"): marked("Enter the six digits from the mail."),
    ("password", "REQUIRED_FIELD"): marked("Enter your password."),
    ("password", "MIN_LENGTH"): marked("Use at least %(threshold)s characters."),
    ("password", "MAX_LENGTH"): marked("Use at most %(threshold)s characters."),
    ("password", "OTHER"): marked("This password is easy to guess. Choose one that is yours alone."),
}
"""By the field's own name and the violated rule."""

GENERIC = marked("Please check this field.")
PAUSE = marked("That was too often in a row. Please wait %(duration)s, then try again.")


def pause_text(lang: str, seconds: int) -> str:
    """How long to wait, in words. Says the same for every address."""
    return say(lang, PAUSE, duration=duration(lang, seconds))


def field_text(lang: str, violation: Violation) -> str:
    """One sentence about one field. A description that is one of our own marked sentences is shown as it is, translated."""
    if is_ours(violation.description):
        return say(lang, violation.description)
    sentence = TEXTS.get((violation.field.rpartition(".")[2], violation.rule), GENERIC)
    try:
        return say(lang, sentence) % violation.data
    except KeyError:  # the rule was broken in a way that the sentence has no number for
        return say(lang, GENERIC)
