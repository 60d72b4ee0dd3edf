"""From the rooms' portable SQL text (`:name`) to what psycopg wants (`%(name)s`). SQLite takes the text as it is."""

from __future__ import annotations

import re
from functools import lru_cache

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


def _literal(text: str) -> str:
    """psycopg reads every percent sign as the start of a parameter, even inside quotes."""
    return text.replace("%", "%%")
