"""What the allow-list says about one address: the words, without the deciding (`allow_list.py`) and without sentences (`explain.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from roundtrip.core.urls import Flaw, Url


class Rule(StrEnum):
    """Which list an address is held against, and how."""

    REDIRECT_URI = "REDIRECT_URI"
    REDIRECT_DOMAIN = "REDIRECT_DOMAIN"
    POST_LOGOUT_URI = "POST_LOGOUT_URI"

    @property
    def is_exact(self) -> bool:
        """True when the whole address must be listed; False when scheme, host and port decide."""
        return self is not Rule.REDIRECT_DOMAIN


class Part(StrEnum):
    """The part of an address that a difference lies in. `slash` and `case` are differences of the path, named because they hide well."""

    SCHEME = "scheme"
    HOST = "host"
    PORT = "port"
    PATH = "path"
    SLASH = "slash"
    QUERY = "query"
    CASE = "case"
    FRAGMENT = "fragment"


class Reason(StrEnum):
    """Why an address that could be read is allowed or not. Stable codes, explained in `docs/reference/allow-list-rules.md`."""

    LISTED = "LISTED"
    LISTED_BY_PATTERN = "LISTED_BY_PATTERN"
    LISTED_BY_LOOPBACK = "LISTED_BY_LOOPBACK"
    LIST_IS_EMPTY = "LIST_IS_EMPTY"
    NOT_LISTED = "NOT_LISTED"
    SCHEME_DIFFERS = "SCHEME_DIFFERS"
    HOST_DIFFERS = "HOST_DIFFERS"
    PORT_DIFFERS = "PORT_DIFFERS"
    PATH_DIFFERS = "PATH_DIFFERS"
    SLASH_DIFFERS = "SLASH_DIFFERS"
    CASE_DIFFERS = "CASE_DIFFERS"
    QUERY_DIFFERS = "QUERY_DIFFERS"
    FRAGMENT_NOT_ALLOWED = "FRAGMENT_NOT_ALLOWED"
    DOT_SEGMENTS = "DOT_SEGMENTS"
    APP_SCHEME_NOT_ALLOWED = "APP_SCHEME_NOT_ALLOWED"
    HTTP_NEEDS_TEST_MODE = "HTTP_NEEDS_TEST_MODE"
    LOOPBACK_NEEDS_TEST_MODE = "LOOPBACK_NEEDS_TEST_MODE"
    PATTERN_NEEDS_TEST_MODE = "PATTERN_NEEDS_TEST_MODE"
    PATTERN_ENDED = "PATTERN_ENDED"


PART_OF: Final[Mapping[str, Part]] = {
    Flaw.RELATIVE: Part.SCHEME,
    Flaw.SCHEME_NOT_ALLOWED: Part.SCHEME,
    Flaw.MISSING_SLASHES: Part.SCHEME,
    Flaw.EMPTY_HOST: Part.HOST,
    Flaw.USERINFO: Part.HOST,
    Flaw.ENCODED_HOST: Part.HOST,
    Flaw.TRAILING_DOT: Part.HOST,
    Flaw.NUMERIC_HOST: Part.HOST,
    Flaw.HOST_SPELLING: Part.HOST,
    Flaw.PORT_SPELLING: Part.PORT,
    Reason.APP_SCHEME_NOT_ALLOWED: Part.SCHEME,
    Reason.HTTP_NEEDS_TEST_MODE: Part.SCHEME,
    Reason.LOOPBACK_NEEDS_TEST_MODE: Part.HOST,
    Reason.PATTERN_NEEDS_TEST_MODE: Part.HOST,
    Reason.PATTERN_ENDED: Part.HOST,
}
"""The part that a refusal is about when no entry was compared."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first part, read from left to right, in which a received address and an entry differ."""

    part: Part
    reason: Reason
    received: str
    expected: str


class Verdict(msgspec.Struct, frozen=True):
    """The answer of `allow_list.judge`.

    `href` is the address as it will be sent (empty when it could not be read). `closest` is the entry that decided: the one that
    matched, or the one that came nearest. `by_pattern` asks for a confirm page before a silent return (RED-18). `flaw` is the sentence
    about an address that no list could save, `flaw_at` its guilty stretch. `still_refused` says why listing the address would not help.
    """

    allowed: bool
    rule: Rule
    reason: Reason | Flaw
    received: str
    url: Url | None = None
    closest: str | None = None
    difference: Difference | None = None
    flaw: str | None = None
    flaw_at: tuple[int, int] | None = None
    still_refused: Reason | None = None

    @property
    def href(self) -> str:
        """The re-serialised address, the only form that may be sent (RED-04)."""
        return self.url.href if self.url else ""

    @property
    def by_pattern(self) -> bool:
        """True when a `*` or a rule about ports matched, not the address itself."""
        return self.reason in (Reason.LISTED_BY_PATTERN, Reason.LISTED_BY_LOOPBACK)

    @property
    def part(self) -> Part | None:
        """The first differing part, or the part that is at fault by itself."""
        return self.difference.part if self.difference else PART_OF.get(self.reason)

    @property
    def received_value(self) -> str | None:
        """That part as received; of an address that can't be read, its guilty stretch."""
        if self.difference:
            return self.difference.received
        if self.flaw_at:
            return self.received[slice(*self.flaw_at)] or None
        if self.url is None:
            return None
        return {Part.SCHEME: self.url.scheme, Part.HOST: self.url.host}.get(self.part or Part.PATH)

    @property
    def expected_value(self) -> str | None:
        """That part as the closest entry has it."""
        return self.difference.expected if self.difference else None
