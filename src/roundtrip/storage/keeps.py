"""What it takes to hand out and erase what is kept about one person (OPS-08): who that is, and how a room says what it keeps.

Every room that keeps something about people has a `personal.py` with `KEEPS`; `workflows/personal_record.py` finds them all, and a test
fails for a table that no room has spoken for. Rows that are not found by a member's id carry `person`: the key of an address, or an id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from roundtrip.storage.database import Tx

ERASED = "(erased)"
"""What stands where a name was, in rows that have to stay."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a site knows: a member, or an address that somebody typed who is none (`member_id` None)."""

    site_id: str
    email_key: str
    member_id: str | None

    @property
    def keys(self) -> tuple[str, str]:
        """What the column `person` may hold about them: the key of the address, and the member's id."""
        return self.email_key, self.member_id or self.email_key


@dataclass(frozen=True, slots=True)
class Keeps:
    """What one room keeps about people.

    `name` is what it is called in the hand-out, `tables` where it lies. `hand_out` answers it as JSON-able mappings without secrets (no
    hashes either), times as UTC milliseconds in fields that end in `_at`. `erase` deletes it, or takes out of rows that have to stay
    whatever says who it was, and answers the number of rows. It may refuse, by a CONFLICT that says what has to be done first. Both run in
    one transaction with those of all other rooms: a refusal undoes everything.
    """

    name: str
    tables: tuple[str, ...]
    hand_out: Callable[[Tx, Person], Sequence[dict[str, Any]]]
    erase: Callable[[Tx, Person], int]
    place: int = 50
    """Handed out from the lowest to the highest, erased from the highest to the lowest: an account goes last, and what a purchase is made
    of is locked in the order in which everybody locks it (decision 0135)."""
    ids_of: Callable[[Tx, Person], list[str]] | None = None
    """Asked before erasing: what stays without this person and is announced afterwards, because others keep copies (decision 0047)."""
    announce: Callable[[Tx, str, list[str], Any], None] | None = None
    """Tells the world of a site that these changed; the last argument is the `sites.moment.Moment` of the erasing."""
