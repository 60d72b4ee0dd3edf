"""Which status an operation's refusal comes with, for those who read the API's description. `errors.py` decides it; a test compares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

STATUS_OF_CODE: Final[Mapping[str, int]] = {
    "INVALID_REDIRECT_DOMAIN": 400,
    "INVALID_REDIRECT_URI": 400,
    "FLOW_NOT_INSTALLED": 400,
    "HOST_NOT_TYPED": 400,
    "invalid_request": 400,
    "invalid_grant": 400,
    "invalid_scope": 400,
    "unauthorized_client": 400,
    "unsupported_grant_type": 400,
    "PASSWORD_REQUIRED": 400,
    "RECOVERY_TOKEN_INVALID": 400,
    "VERIFICATION_FAILED": 400,
    "UNAUTHENTICATED": 401,
    "invalid_client": 401,
    "-19976": 401,
    "CLIENT_NOT_HEADLESS": 403,
    "ORIGIN_NOT_ALLOWED": 403,
    "MEMBER_BLOCKED": 403,
    "PERMISSION_DENIED": 403,
    "PERMISSION_TOO_WIDE": 403,
    "TEST_MODE_ONLY": 403,
    "CLIENT_NOT_FOUND": 404,
    "KEY_NOT_FOUND": 404,
    "MAIL_NOT_FOUND": 404,
    "MEMBER_NOT_FOUND": 404,
    "PERSON_NOT_FOUND": 404,
    "REFUSAL_NOT_FOUND": 404,
    "SECRET_NOT_FOUND": 404,
    "NOT_FOUND": 404,
    "REDIRECT_SESSION_NOT_FOUND": 404,
    "-19999": 404,
    "APPROVAL_NOT_SAFE": 409,
    "MEMBER_STATUS": 409,
    "REDIRECT_SESSION_ENDED": 409,
    "REVISION_CHANGED": 409,
    "TOO_MANY_SECRETS": 409,
    "-19995": 409,
    "IDEMPOTENCY_KEY_REUSED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "TOO_MANY_ATTEMPTS": 429,
}
"""A new code that an operation lists gets a line here."""

MEANING: Final[Mapping[int, str]] = {
    400: "The request is wrong",
    401: "No token, or one that is not accepted",
    403: "The token is fine, but not for this",
    404: "There is nothing here, or nothing for this caller",
    409: "The request does not fit what is stored now",
    413: "The body is too large",
    429: "Too many requests",
    503: "The database can't be reached right now, and nothing was kept; try again",
}


def statuses(codes: Iterable[str]) -> set[int]:
    """The statuses of these codes."""
    return {STATUS_OF_CODE[code] for code in codes if code in STATUS_OF_CODE}
