"""From the rooms' portable SQL text (`:name`) to what the drivers take: `%(name)s` for psycopg, `?` for SQLite."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

# Everything in which a colon is not the start of a parameter is matched as a whole, before `:name` is looked for.
_TOKEN = re.compile(
    r"""
      (?<!\w)[eE]'(?:[^'\\]|\\.|'')*'   # text with backslash escapes
    | '(?:[^']|'')*'                    # text
    | "(?:[^"]|"")*"                    # quoted name
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$   # dollar-quoted text
    | --[^\n]*                          # comment to the end of the line
    | /\*.*?\*/                         # comment
    | ::                                # cast
    | :(?P<name>[A-Za-z_]\w*)           # parameter
    """,
    re.VERBOSE | re.DOTALL,
)


@lru_cache(maxsize=2048)
def to_psycopg(sql: str) -> str:
    """Translate one statement. Done once per text: the rooms' statements are constants."""
    pieces: list[str] = []
    position = 0
    for match in _TOKEN.finditer(sql):
        pieces.append(_literal(sql[position : match.start()]))
        name = match.group("name")
        pieces.append(f"%({name})s" if name else _literal(match.group()))
        position = match.end()
    pieces.append(_literal(sql[position:]))
    return "".join(pieces)


@dataclass(frozen=True, slots=True)
class Positional:
    """A statement with `?` in it, and what puts named values into their order."""

    text: str
    values: Callable[[Mapping[str, Any]], tuple[Any, ...]]


@lru_cache(maxsize=2048)
def to_sqlite(sql: str) -> Positional:
    """Translate one statement. SQLite would take names too, but looks each one up again at every run: half the cost of binding a row."""
    pieces: list[str] = []
    names: list[str] = []
    position = 0
    for match in _TOKEN.finditer(sql):
        name = match.group("name")
        if name:
            pieces += [sql[position : match.start()], "?"]
            names.append(name)
            position = match.end()
    return Positional("".join([*pieces, sql[position:]]), _in_order(names))


def _in_order(names: list[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda params: tuple(params[name] for name in names)


def _literal(text: str) -> str:
    """psycopg reads every percent sign as the start of a parameter, even inside quotes."""
    return text.replace("%", "%%")
