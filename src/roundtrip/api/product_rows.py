"""Reads products from a CSV file: one row each, columns by name (`docs/how-to/import-products.md`)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final

import msgspec

from roundtrip.api.wire import violation_of
from roundtrip.core.errors import AppError, Kind, Violation, invalid_field
from roundtrip.ecom.catalogue.draft import ProductDraft, sent
from roundtrip.ecom.catalogue.importing import COLLECTIONS, MOST_ROWS, Row, of_row, refused

MOST_BYTES = 5 * 1024 * 1024
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")


def read_rows(content: bytes) -> list[Row]:
    """The rows of a file. Raises INVALID `NOT_A_CSV_FILE`, or `PRODUCTS_REFUSED` with a violation for each field that cannot be read."""
    try:
        text = content.decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        said = ((reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells))
        lines = list(islice(said, MOST_ROWS + 2))  # the names, and one row more than is read: a small file may have millions
    except UnicodeDecodeError as error:
        raise _not_csv(f"it is not UTF-8 (byte {error.start})") from error
    except csv.Error as error:
        raise _not_csv(f"{error}") from error
    if "\0" in text:
        raise _not_csv("it contains the character U+0000")
    if len(lines) < 2:
        raise _not_csv("it has no row below its first one, which names the columns")
    if len(lines) - 1 > MOST_ROWS:
        raise _not_csv(f"it has more rows than can be imported at once (at most {MOST_ROWS})")
    names = [name.strip() for name in lines[0][1]]
    _check_names(names)
    rows: list[Row] = []
    wrong: list[Violation] = []
    for number, (line, cells) in enumerate(lines[1:]):
        try:
            rows.append(Row(line, _fields(names, cells)))
        except AppError as error:
            wrong += of_row(error, number, line)
    if wrong:
        raise refused(wrong)
    return rows


def _not_csv(reason: str) -> AppError:
    return AppError(
        Kind.INVALID, "NOT_A_CSV_FILE", f"The file was not imported: {reason}. Send CSV in UTF-8, columns named in its first row."
    )


def _check_names(names: list[str]) -> None:
    for place, name in enumerate(names):
        if name not in COLUMNS:
            known = ", ".join(COLUMNS)
            raise invalid_field(f"columns[{place}]", f"is {name[:50]!r}; there are {known}", "INVALID_ENUM_VALUE", received=name[:50])
        if name in names[:place]:
            raise invalid_field(f"columns[{place}]", f"comes twice: {name}", "FORMAT")


def _fields(names: list[str], cells: list[str]) -> dict[str, Any]:
    if len(cells) > len(names):
        raise invalid_field("columns", f"are {len(names)}, but the row has {len(cells)} cells; put texts with commas into quotes", "FORMAT")
    raw: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=False):
        if cell.strip():
            field, read = COLUMNS[name]
            value = read(name, cell.strip())
            raw[field] = {**raw[field], **value} if isinstance(value, dict) and field in raw else value
    slugs = raw.pop(COLLECTIONS, [])
    try:
        draft = msgspec.convert(raw, ProductDraft)
    except msgspec.ValidationError as error:
        raise violation_of(str(error), msgspec.json.encode(raw)) from error
    fields = sent(draft)
    return fields | {COLLECTIONS: slugs} if slugs else fields


def _as_it_is(name: str, cell: str) -> str:
    return cell


def _boolean(name: str, cell: str) -> bool:
    if cell.lower() not in (*_YES, *_NO):
        raise invalid_field(name, f"must be one of {', '.join((*_YES, *_NO))} (received {cell[:20]!r})", "FORMAT")
    return cell.lower() in _YES


def _quantity(name: str, cell: str) -> Mapping[str, Any]:
    if not (cell.isascii() and cell.isdecimal() and len(cell) < 12):
        raise invalid_field(name, f"must be a whole number (received {cell[:20]!r})", "FORMAT")
    return {"quantity": int(cell)}


def _discount(name: str, cell: str) -> Mapping[str, Any]:
    return {"type": "PERCENT", "value": cell[:-1].strip()} if cell.endswith("%") else {"type": "AMOUNT", "value": cell}


def _list(name: str, cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _media(name: str, cell: str) -> list[Mapping[str, Any]]:
    return [{"id": one} for one in _list(name, cell)]


def _options(name: str, cell: str) -> list[Mapping[str, Any]]:
    """`Size: S | M; Color: Black = #000000 | White = #ffffff`."""
    made: list[Mapping[str, Any]] = []
    for part in _list(name, cell):
        title, colon, choices = part.partition(":")
        if not colon:
            raise invalid_field(name, f"must be like Size: S | M; Color: Black = #000000 (received {part[:50]!r})", "FORMAT")
        texts = [choice.partition("=") for choice in choices.split("|") if choice.strip()]
        is_color = any(equals for _, equals, _ in texts)
        drafts = [{"description": text.strip(), "value": (value or text).strip()} for text, _, value in texts]
        made.append({"name": title.strip(), "optionType": "color" if is_color else "drop_down", "choices": drafts})
    return made


COLUMNS: Final[Mapping[str, tuple[str, Callable[[str, str], Any]]]] = {
    "name": ("name", _as_it_is),
    "price": ("price", _as_it_is),
    "slug": ("slug", _as_it_is),
    "description": ("description", _as_it_is),
    "productType": ("productType", _as_it_is),
    "visible": ("visible", _boolean),
    "discount": ("discount", _discount),
    "sku": ("sku", _as_it_is),
    "weight": ("weight", _as_it_is),
    "quantity": ("stock", _quantity),
    "inStock": ("stock", lambda name, cell: {"inStock": _boolean(name, cell)}),
    "ribbon": ("ribbon", _as_it_is),
    "brand": ("brand", _as_it_is),
    "taxGroup": ("taxGroup", _as_it_is),
    "collections": (COLLECTIONS, _list),
    "options": ("productOptions", _options),
    "media": ("media", _media),
}
"""Each column with the field it sets and how its cells are read. An empty cell says nothing."""
