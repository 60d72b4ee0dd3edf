"""What the allow-list says about one address: the words, without the deciding (`allow_list.py`) and without sentences (`explain.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class Difference:
    """The first part, read from left to right, in which a received address and an entry differ."""

    part: Part
    reason: Reason
    received: str
    expected: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of `allow_list.judge`.

    `href` is the address as it will be sent (empty when it could not be read). `closest` is the entry that decided: the one that
    matched, or the one that came nearest. `by_pattern` asks for a confirm page before a silent return (RED-18).
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
        """The first differing part."""
        return self.difference.part if self.difference else None

    @property
    def received_value(self) -> str | None:
        """That part as received."""
        return self.difference.received if self.difference else None

    @property
    def expected_value(self) -> str | None:
        """That part as the closest entry has it."""
        return self.difference.expected if self.difference else None
