"""The shapes all operations share: camelCase structs, and how a decoding failure is told in the contract's words."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.nul import refuse_in_json


class Wire(msgspec.Struct, rename="camel", omit_defaults=True):
    """Base of every request and response body. Unknown fields are ignored."""


class Empty(Wire):
    """`{}`: what a successful call without a result answers, because clients read a JSON body always."""


_PATH = re.compile(r"^(?P<text>.*?)(?: - at `(?P<path>\$[^`]*)`)?$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`")
_LENGTH = re.compile(r"Expected `(?:str|array|object)` of length (?P<op><=|>=|==) (?P<n>\d+)")
_TYPE = re.compile(r"Expected `(?P<expected>[^`]+)`(?:, got `(?P<got>[^`]+)`)?")
_ENUM = re.compile(r"Invalid enum value (?P<got>.+)")
_ZONE = "`datetime` with a timezone"
_SECRET_FIELDS = ("password", "newPassword", "sessionToken", "code", "codeVerifier", "refreshToken", "clientSecret", "token")
_SHOWN = 200


def decode(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    """Decode a body. Raises INVALID: `MALFORMED_JSON`, or a violation that names field, rule, and what was received."""
    refuse_in_json(body)
    try:
        if not body.isascii():
            body.decode()  # fields that nobody reads are skipped unread below, and are no reason to accept what is no text
        return decoder.decode(body or b"{}")
    except msgspec.ValidationError as error:
        raise violation_of(str(error), body) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AppError(
            Kind.INVALID,
            "MALFORMED_JSON",
            f"The body is not valid JSON: {error}. Send one JSON object with Content-Type: application/json.",
        ) from error


def violation_of(text: str, body: bytes) -> AppError:
    """A `msgspec` message as the contract's validation error. `body` is read again only to show what was received."""
    found = _PATH.match(text)
    sentence, path = (found["text"], found["path"] or "$") if found else (text, "$")
    field = path.removeprefix("$").removeprefix(".").removesuffix("[...]")
    missing = _MISSING.search(sentence)
    if missing:
        field = f"{field}.{missing['field']}".removeprefix(".")
        return _refusal(field, "is required and missing", "REQUIRED_FIELD", {})
    received = _received(body, field)
    length = _LENGTH.search(sentence)
    if length:
        rule = {"<=": "MAX_LENGTH", ">=": "MIN_LENGTH", "==": "MAX_LENGTH"}[length["op"]]
        bound = {"<=": "at most", ">=": "at least", "==": "exactly"}[length["op"]]
        return _refusal(field, f"size must be {bound} {length['n']}", rule, {"threshold": int(length["n"]), **received})
    if _ENUM.search(sentence):
        return _refusal(field, f"is not one of the allowed values ({sentence})", "INVALID_ENUM_VALUE", received)
    if "matching regex" in sentence:
        expected = "a GUID (8-4-4-4-12 hexadecimal digits)" if "[0-9a-fA-F]{8}-" in sentence else "another format"
        return _refusal(field, f"must be {expected}", "FORMAT", received)
    if _ZONE in sentence:
        return _refusal(field, "must say which time zone it is in, such as 2026-05-01T12:00:00Z", "FORMAT", received)
    kind = _TYPE.search(sentence)
    if kind:
        got = f", received {kind['got']}" if kind["got"] else ""
        return _refusal(field or "body", f"must be {kind['expected']}{got}", "FORMAT", received)
    return _refusal(field or "body", sentence, "OTHER", received)


def _refusal(field: str, description: str, rule: str, data: dict[str, object]) -> AppError:
    shown = f" (received {data['received']!r})" if "received" in data else ""
    return AppError(
        Kind.INVALID, "INVALID_ARGUMENT", f"{field} {description}{shown}", violations=(Violation(field, description + shown, rule, data),)
    )


def _received(body: bytes, field: str) -> dict[str, object]:
    """The offending value, shortened; nothing for fields that carry secrets."""
    if not field or any(part in _SECRET_FIELDS for part in re.split(r"[.\[\]]+", field)):
        return {}
    try:
        value: Any = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}  # decoding stopped at the violation, and what follows is no JSON
    for part in (part for part in re.split(r"[.\[\]]+", field) if part):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return {}
    if isinstance(value, dict | list):
        return {}
    return {"received": value[:_SHOWN] if isinstance(value, str) else value}
