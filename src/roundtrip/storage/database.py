"""What the rooms see of a database: a transaction they are given, and nothing to wait for.

A transaction is a plain function `fn(tx, ...) -> result`. It may run more than once (a serialization failure, a neighbour's failure in
the same group commit), so it has no effect outside `tx`. Raising undoes all it wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, Literal, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

Value = str | int | float | bool | bytes | None
Row = tuple[Any, ...]
"""Columns in the order of the SELECT; each room's `store.py` turns it into its own dataclass at once."""

Dialect = Literal["sqlite", "postgresql"]


class Tx(Protocol):
    """One open transaction. Parameters are named: `WHERE id = :id` and `id=...`; the same text runs on both databases."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def memo(self) -> dict[Any, Any]:
        """What was read, or worked out from what was read, and nobody can have changed since: shared by all functions of one commit.

        Empty in the next one. Whoever changes rows that are remembered here empties it.
        """
        ...

    def execute(self, sql: str, **params: Value) -> int:
        """Run a statement that changes rows; answers how many it changed."""
        ...

    def one(self, sql: str, **params: Value) -> Row | None:
        """The first row, or None."""
        ...

    def all(self, sql: str, **params: Value) -> list[Row]:
        """Every row. The caller bounds the number with LIMIT."""
        ...


class Database(Protocol):
    """Runs transactions. The async pair is for `api/`, `web/` and `worker/`; the `_now` pair blocks and is for commands and tests."""

    @property
    def dialect(self) -> Dialect: ...

    async def read(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn` on a consistent snapshot that cannot write."""
        ...

    async def write(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn` and commit durably before answering; whatever `fn` raises is raised here, with nothing kept."""
        ...

    def read_now(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T: ...

    def write_now(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T: ...

    def close(self) -> None:
        """Finish what was queued, then release files, threads and connections. Safe to call twice."""
        ...
