"""Lists for spreadsheet programs (RFC 4180). What people typed stays text: no program takes it for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

CONTENT_TYPE = b"text/csv; charset=utf-8"
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  spreadsheets read full-width signs too
_MARK = "\ufeff"
"""Some programs read UTF-8 only where a file begins with it."""


def csv_file(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The file. Cells that begin like a formula get an apostrophe in front, which spreadsheets do not show."""
    out = StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return (_MARK + out.getvalue()).encode()


def inert(cell: str) -> str:
    """The text of a cell so that no spreadsheet computes with it."""
    plain = cell.replace("\0", "")
    return f"'{plain}" if plain.lstrip(" ").startswith(_STARTS) else plain
