"""Reads submitted forms: url-encoded only, small, the last value of each field."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from roundtrip.core.card_numbers import has_card_number
from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.nul import refuse_in_fields
from roundtrip.flows.base import Form
from roundtrip.text.marks import marked

MAX_BODY = 64 * 1024
MAX_FIELDS = 200
CARD_NUMBER = marked("This looks like the number of a payment card. Nobody needs it here: leave it out.")


async def read_form(request: Request) -> Form:
    """The fields of a POST. Raises INVALID `FORM_TOO_LARGE` without reading on, and for anything that is not a form."""
    parts: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            raise AppError(Kind.INVALID, "FORM_TOO_LARGE", f"The form is larger than {MAX_BODY} bytes.")
        parts.append(chunk)
    try:
        pairs = parse_qsl(b"".join(parts).decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise AppError(Kind.INVALID, "FORM_NOT_READABLE", f"The form can't be read: {error}.") from error
    refuse_in_fields(pairs)
    return dict(pairs)


def refuse_card_numbers(form: Form) -> None:
    """Raises INVALID `CARD_NUMBER` with a violation for each field that a card number was typed into (PAY-01). Passwords are hashed."""
    found = [Violation(name, CARD_NUMBER) for name, value in form.items() if _has_card(name, value)]
    if found:
        raise AppError(Kind.INVALID, "CARD_NUMBER", CARD_NUMBER, violations=found)


def without_card_numbers(form: Form) -> Form:
    """What can be shown again."""
    return {name: "" if _has_card(name, value) else value for name, value in form.items()}


def _has_card(name: str, value: str) -> bool:
    return "password" not in name.lower() and has_card_number(value)
