"""U+0000: no text of ours has it, because nobody means it and PostgreSQL keeps no text that does. Refused where texts come in: in
addresses, JSON bodies and forms. Behind these doors nobody has to ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from roundtrip.core.errors import AppError, Kind

_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def refuse_in_address(path: str, query_string: bytes) -> None:
    """`path` as it was decoded, `query_string` as it came. Raises NOT_FOUND for a path, which names nothing then, and else INVALID
    `NUL_CHARACTER`."""
    if "\0" in path:
        raise AppError(Kind.NOT_FOUND, "NOT_FOUND", "Nothing is at an address with the character U+0000 (%00).")
    if b"%00" in query_string:
        raise _refused("The address contains the character U+0000 (%00). Leave it out.")


def refuse_in_json(body: bytes) -> None:
    """Raises INVALID `NUL_CHARACTER` for a JSON body that holds it in one of its texts."""
    if b"\\u0000" in body and _IN_JSON.search(body):
        raise _refused("A text of the body contains the character U+0000. Leave it out.")


def refuse_in_fields(pairs: Iterable[tuple[str, str]]) -> None:
    """The names and values of a form. Raises INVALID `NUL_CHARACTER`."""
    if any("\0" in name or "\0" in value for name, value in pairs):
        raise _refused("A field of the form contains the character U+0000. Leave it out.")


def _refused(text: str) -> AppError:
    return AppError(Kind.INVALID, "NUL_CHARACTER", text, oauth_error="invalid_request")
