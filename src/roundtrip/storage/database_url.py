"""Reading a database address. Opening it is `connect.py`, changing its schema `migrate.py`."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")


def is_postgres(database_url: str) -> bool:
    """True for an address that psycopg understands."""
    return database_url.startswith(_POSTGRES)


def sqlite_path(database_url: str) -> Path:
    """The file that `sqlite:///relative.db` or `sqlite:////absolute.db` names; percent escapes are decoded.

    Raises `ValueError` for any other address. The text shows the scheme only, because the rest may hold a password.
    """
    if not database_url.startswith(_SQLITE):
        scheme = database_url.partition(":")[0][:32] or "nothing"
        raise ValueError(
            f"ROUNDTRIP_DATABASE_URL starts with {scheme!r}; expected sqlite:///file.db (a path from the root has a fourth slash) "
            "or postgresql://user:password@host/database"
        )
    text = unquote(database_url.removeprefix(_SQLITE))
    if not text or text == ":memory:" or "?" in text or "\0" in text:
        raise ValueError(f"ROUNDTRIP_DATABASE_URL must name a file after {_SQLITE}, without options; got {text!r}")
    return Path(text)
