"""How a query comes in (`docs/reference/query.md`: in the body, as `.r`, as plain parameters) and how a page of answers goes out."""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from roundtrip.api.operation import Call
from roundtrip.api.wire import Wire, decode, violation_of
from roundtrip.core.errors import invalid_field
from roundtrip.query.model import Page

R = TypeVar("R", bound=msgspec.Struct)
MOST_PARAMETERS = 100
MOST_ON_PAGE = 100
FARTHEST = 10_000
PACKED = ".r"
PARAMETERS = (
    (PACKED, "The whole request as JSON in base64url without padding. Without it, its fields are plain parameters."),
    ("fields", "May be repeated. Accepted and not needed: answers hold every field."),
)


class FieldMask(Wire):
    """The fields that an update sets; no other is touched."""

    paths: list[str] | None = None


def paths_of(mask: FieldMask | None) -> list[str]:
    """What an update names; nothing without a mask."""
    return (mask.paths if mask else None) or []


class Paging(Wire):
    """Which part of a list."""

    limit: int = 50
    offset: int = 0

    def check(self) -> None:
        """Raises INVALID for a part that is too large or too far away."""
        if not 1 <= self.limit <= MOST_ON_PAGE or not 0 <= self.offset <= FARTHEST:
            text = f"must have a limit from 1 to {MOST_ON_PAGE} and an offset from 0 to {FARTHEST}"
            raise invalid_field("query.paging", f"{text} (received {self.limit}, {self.offset})", "FORMAT")


class QueryBody(Wire):
    """A request with a query. What else clients send is ignored."""

    query: dict[str, Any] | None = None
    include_hidden_products: bool | None = None


class SearchBody(Wire):
    """A request with a search: filter, sort and cursor paging as in a query."""

    search: dict[str, Any] | None = None


class Cursors(Wire):
    """Where to go on. Absent at the ends of a list."""

    next: str | None = None
    prev: str | None = None


class PagingMetadata(Wire, omit_defaults=False):
    """Which part of a list this is. `total` and `offset` come with offset paging, `cursors` with cursor paging."""

    count: int
    has_next: bool
    too_many_to_count: bool
    cursors: Cursors
    offset: int | msgspec.UnsetType = msgspec.UNSET
    total: int | msgspec.UnsetType = msgspec.UNSET


def paging_metadata(page: Page) -> PagingMetadata:
    """What clients read about a page."""
    return PagingMetadata(
        count=len(page.rows),
        has_next=page.has_next,
        too_many_to_count=page.too_many_to_count,
        cursors=Cursors(page.next_cursor, page.previous_cursor),
        offset=msgspec.UNSET if page.total is None else page.offset,
        total=msgspec.UNSET if page.total is None else page.total,
    )


def asked(call: Call, kind: type[R]) -> R:
    """The request, however it was sent. Raises INVALID."""
    if isinstance(call.body, kind):
        return call.body
    if not call.query_string:
        return kind()
    try:
        pairs = parse_qsl(call.query_string.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="strict")
    except ValueError as error:
        raise invalid_field("query", f"must be at most {MOST_PARAMETERS} parameters in UTF-8, percent-encoded", "FORMAT") from error
    packed = dict(pairs).get(PACKED)
    if packed is not None:
        return _read(_unpacked(packed), kind)
    try:
        return msgspec.convert(_nested(pairs), kind, strict=False)
    except msgspec.ValidationError as error:
        raise violation_of(str(error), b"{}") from error


def _unpacked(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid_field(PACKED, "must be JSON in base64url without padding", "FORMAT") from error


def _read(body: bytes, kind: type[R]) -> R:
    found: R = decode(msgspec.json.Decoder(kind), body)
    return found


def _nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`query.paging.limit=10&fields=A&fields=B` as `{"query": {"paging": {"limit": "10"}}, "fields": ["A", "B"]}`."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    result: dict[str, Any] = {}
    for name, given in values.items():
        *way, last = name.split(".")
        place = result
        for part in way:
            inner = place.setdefault(part, {})
            if not isinstance(inner, dict):
                raise invalid_field(name[:100], "stands below a parameter that has a value itself", "FORMAT")
            place = inner
        place[last] = given[0] if len(given) == 1 else given
    return result
