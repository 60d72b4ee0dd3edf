"""Reads submitted forms: url-encoded only, small, the last value of each field."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from roundtrip.core.errors import AppError, Kind
from roundtrip.flows.base import Form

MAX_BODY = 64 * 1024
MAX_FIELDS = 200


async def read_form(request: Request) -> Form:
    """The fields of a POST, as people typed them: U+0000 is dropped. Raises as `read_fields`."""
    return {name: value.replace("\x00", "") for name, value in (await read_fields(request)).items()}


async def read_fields(request: Request) -> Form:
    """The fields of a POST, as they came. Raises INVALID `FORM_TOO_LARGE` without reading on, and for anything that is not a form."""
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
    return dict(pairs)
