"""The one error type. Rooms raise it; `api/errors.py`, `oauth/errors.py` and `web/error_page.py` render it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum


class Kind(StrEnum):
    """What went wrong, in words of the rooms. Only the outermost layer turns a kind into an HTTP status."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    GONE = "gone"
    LIMITED = "limited"


@dataclass(frozen=True, slots=True)
class Violation:
    """One field that broke one rule.

    `field` is the dotted wire path (`callbacks.postFlowUrl`); `rule` one of the names in `docs/reference/errors.md`; `data` is never
    absent on the wire, because the official SDK reads `data.type` of every violation.
    """

    field: str
    description: str
    rule: str = "OTHER"
    data: Mapping[str, object] = dataclass_field(default_factory=dict)


class AppError(Exception):
    """A refusal that its reader can act on.

    `code` is stable and documented; `description` says what was received, what was expected and what to do. `may_return` tells
    whether a browser may be sent back to the caller's site with this error (never true when the way back itself is in doubt).
    `retry_after` is in seconds and only meaningful for `Kind.LIMITED`. `oauth_error` is the RFC 6749 name, where one fits.
    """

    def __init__(
        self,
        kind: Kind,
        code: str,
        description: str,
        *,
        message: str | None = None,
        data: Mapping[str, object] | None = None,
        violations: Sequence[Violation] = (),
        may_return: bool = False,
        retry_after: int | None = None,
        oauth_error: str | None = None,
    ) -> None:
        super().__init__(description)
        self.kind = kind
        self.code = code
        self.description = description
        self.message = message or description
        self.data: Mapping[str, object] = data or {}
        self.violations = tuple(violations)
        self.may_return = may_return
        self.retry_after = retry_after
        self.oauth_error = oauth_error


@dataclass(frozen=True, slots=True)
class Refused:
    """Returned, not raised, by an action that refuses *and* must keep what it wrote (a counter, a revocation).

    Raising undoes the transaction; returning this commits it, and the caller raises `error` afterwards.
    """

    error: AppError


def invalid_field(field_path: str, description: str, rule: str = "OTHER", **data: object) -> AppError:
    """An `AppError` about exactly one field of the request."""
    text = f"{field_path} {description}"
    return AppError(Kind.INVALID, "INVALID_ARGUMENT", text, violations=(Violation(field_path, description, rule, data),))
