"""Cursors: where a page begins, and the filter and order it belongs to, as one opaque text.

A cursor is not secret and not signed: it is read with the same care as a query that a caller writes, and cannot ask for more.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec

from roundtrip.storage.database import Value


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True, rename={"filter": "f", "sort": "s", "values": "v", "backwards": "b"}):
    """What a cursor says. `filter` and `sort` are as their caller sent them."""

    values: tuple[str | int | bool, ...]
    filter: dict[str, Any] | None = None
    sort: list[Any] | None = None
    backwards: bool = False


class NotACursor(ValueError):
    """A text that no answer of ours held."""


_decode = msgspec.json.Decoder(Cursor).decode
_LONGEST = 16_384


def written(cursor: Cursor) -> str:
    """The text for it."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def read(text: str) -> Cursor:
    """What a text says. Raises `NotACursor`."""
    if len(text) > _LONGEST or not text.isascii():
        raise NotACursor
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return _decode(raw)
    except (binascii.Error, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise NotACursor from None


def values_of(row: tuple[Any, ...], count: int) -> tuple[str | int | bool, ...]:
    """The last `count` columns of a row: those that it was sorted by."""
    found: tuple[Value, ...] = row[len(row) - count :]
    return tuple(value for value in found if isinstance(value, str | int))
