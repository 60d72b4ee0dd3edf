"""Renders refusals as JSON. The only place (with its siblings for OAuth and for pages) where a kind becomes a status."""

from __future__ import annotations

import msgspec

from roundtrip.core.errors import AppError, Kind

STATUS = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.GONE: 410,
    Kind.LIMITED: 429,
}


class HttpError(Exception):
    """A refusal about HTTP itself, before any room is asked: wrong method, body too large, unknown path."""

    def __init__(self, status: int, code: str, description: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(description)
        self.status = status
        self.code = code
        self.description = description
        self.headers = headers


def body(error: AppError) -> bytes:
    """The contract's error body (`docs/reference/errors.md`): a validation error when fields are named, else an application error."""
    if error.violations:
        details: dict[str, object] = {
            "validationError": {
                "fieldViolations": [
                    {
                        "field": violation.field,
                        "description": violation.description,
                        "violatedRule": violation.rule,
                        "ruleName": "",
                        "data": violation.data,
                    }
                    for violation in error.violations
                ]
            }
        }
    else:
        details = {"applicationError": {"code": error.code, "description": error.description, "data": error.data}}
    return msgspec.json.encode({"message": error.message, "details": details})


def status_body(error: AppError) -> bytes:
    """A refusal for clients that ask which status it is: the official SDK makes a code of the number only when the body has none.

    What the code would have been stands under another name, for people.
    """
    told = {"code": error.code, "description": error.description, "data": error.data}
    return msgspec.json.encode({"message": error.message, "details": {"statusError": told}})


def error_key_body(error: AppError) -> bytes:
    """A refusal for clients that look for `details.error_key`: the official SDK hands them the body only when it has no code of its own."""
    return msgspec.json.encode({"message": error.message, "details": {"error_key": error.code}})


def plain_body(code: str, description: str, data: dict[str, object] | None = None) -> bytes:
    """The same shape for refusals that no room made."""
    return msgspec.json.encode(
        {"message": description, "details": {"applicationError": {"code": code, "description": description, "data": data or {}}}}
    )
