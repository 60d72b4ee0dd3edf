"""Who somebody is, as forms ask it: email, names and telephone, checked in one way whatever is bought or booked."""

from __future__ import annotations

from collections.abc import Iterator

from roundtrip.core.errors import AppError
from roundtrip.credentials import passwords
from roundtrip.flows.base import Form
from roundtrip.text.marks import marked

LONGEST_NAME = 100
EMAIL_WRONG = marked("Enter an email address like name@example.com.")
FIRST_NAME_MISSING = marked("Enter your first name.")
LAST_NAME_MISSING = marked("Enter your last name.")
PHONE_WRONG = marked("Enter a phone number with digits, such as +1 212 555 0100.")
TOO_LONG = marked("This is too long.")
_PHONE_SIGNS = frozenset("0123456789 +-()./")


def said(form: Form, name: str) -> str:
    """What was typed into a field, without the blanks around it."""
    return form.get(name, "").strip()


def wrong_with_person(form: Form) -> Iterator[tuple[str, str]]:
    """What is wrong with the fields `email`, `first_name`, `last_name` and `phone`, as (field, sentence)."""
    try:
        passwords.check_email(said(form, "email"))
    except AppError:
        yield "email", EMAIL_WRONG
    for field, missing in (("first_name", FIRST_NAME_MISSING), ("last_name", LAST_NAME_MISSING)):
        text = said(form, field)
        if not text or len(text) > LONGEST_NAME:
            yield field, TOO_LONG if text else missing
    if not is_phone(said(form, "phone")):
        yield "phone", PHONE_WRONG


def is_phone(text: str) -> bool:
    """True for what can be a telephone number, and for none."""
    return not text or (len(text) <= LONGEST_NAME and _PHONE_SIGNS.issuperset(text) and any(sign.isdigit() for sign in text))
