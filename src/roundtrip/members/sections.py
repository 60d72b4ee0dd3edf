"""What a room shows a member in their account: lists of what they have, and what they can do with each (decision 0172).

A room brings a file `account_section.py`, or `..._account_section.py` in `workflows/` where it needs another room, with a `SECTION`;
`flows/member_account_page` finds them all. Nothing here knows pages: words are said in the member's language, addresses are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from roundtrip.core.money import Money
from roundtrip.members.model import Member
from roundtrip.sites.model import Site
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

MOST = 50
"""How many entries a section shows, the ones that matter most first."""


@dataclass(frozen=True, slots=True)
class Looking:
    """Who looks at their account, when, and in which language. `link_key` is what addresses of our own pages are made with."""

    site: Site
    member: Member
    now: int
    language: str
    link_key: bytes = field(default=b"", repr=False)


class Tone(StrEnum):
    """How a state is meant. It is said in words as well."""

    GOOD = "good"
    CALM = "calm"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing about an entry: both in words of the member's language."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Link:
    """A page of ours about an entry."""

    words: str
    path: str


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done with an entry. `asks` is what is said before it is done, because it can't be undone."""

    name: str
    words: str
    asks: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a member has. `id` names it within its section."""

    id: str
    title: str
    state: str
    tone: Tone = Tone.CALM
    amount: Money | None = None
    facts: tuple[Fact, ...] = ()
    links: tuple[Link, ...] = ()
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the account. `name` is what redirect sessions call it, `place` where it stands in the menu.

    `title` and `empty` are sentences to be translated. `entries` answers at most `MOST`. `act` does what an `Act` of an entry says, for
    this member's own only; it raises CONFLICT when that is not possible (any more), and NOT_FOUND for what is not theirs.
    """

    name: str
    place: int
    title: str
    empty: str
    entries: Callable[[Tx, Looking], Sequence[Entry]]
    act: Callable[[Tx, Looking, str, str, Moment], None] | None = None
