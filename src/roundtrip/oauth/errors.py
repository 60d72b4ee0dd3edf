"""Refusals by their RFC 6749 names, and the body that both kinds of reader understand.

Statuses and headers are for `api/`; what an authorize request sends back to a site is for its flow.
"""

from __future__ import annotations

import re

from roundtrip.core.errors import AppError, Kind

_NOT_ALLOWED = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")  # RFC 6749 5.2: what error_description may not contain


def refuse(name: str, description: str, *, may_return: bool = False, kind: Kind | None = None) -> AppError:
    """An `AppError` whose code and `oauth_error` are `name`.

    `invalid_client` is a failed authentication, everything else a bad request, unless `kind` says otherwise.
    """
    default = Kind.UNAUTHENTICATED if name == "invalid_client" else Kind.INVALID
    return AppError(kind or default, name, description, message=name, may_return=may_return, oauth_error=name)


def body(error: AppError) -> dict[str, object]:
    """The token endpoint's answer to a refusal: RFC 6749 5.2 and the vendor's error shape in one object."""
    name = error.oauth_error or "invalid_request"
    application_error = {"code": error.code, "description": error.description, "data": dict(error.data)}
    return {
        "error": name,
        "error_description": plain(error.description),
        "message": error.message,
        "details": {"applicationError": application_error},
    }


def plain(description: str) -> str:
    """The description in the characters that RFC 6749 allows; double quotes become single ones."""
    return _NOT_ALLOWED.sub("?", description.replace('"', "'"))
