"""The fields of a client that can be set, by the names they have on the wire, in the audit log and in field masks. Pure.

`tokenSettings.…` are single fields, so that one of them can be changed, shown and undone without the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from roundtrip.core.errors import invalid_field
from roundtrip.core.urls import UrlRefused, parse
from roundtrip.sites import allow_list
from roundtrip.sites.entries import FIELDS as LIST_FIELDS
from roundtrip.sites.entries import EntryKind, check_entries
from roundtrip.sites.explain import explain
from roundtrip.sites.model import AUTH_METHODS, GRANT_TYPES, RESPONSE_MODES, ApplicationType, Client, Mode, TokenSettings
from roundtrip.sites.permissions import check_permissions

NAME_LENGTH = (2, 256)
MAX_DESCRIPTION = 1000
MAX_TECHNOLOGY = 100
MAX_ACCESS_TOKEN_MINUTES = 240
MAX_REFRESH_TOKEN_DAYS = 365
ID_TOKEN_ALGS = ("ES256", "RS256")
TOKENS: Final = "tokenSettings"

ATTRIBUTES: Final[Mapping[str, str]] = {
    "name": "name",
    "description": "description",
    "technology": "technology",
    "applicationType": "application_type",
    "loginUrl": "login_url",
    "logoutUrl": "logout_url",
    "allowedRedirectUris": "redirect_uris",
    "allowedRedirectDomains": "redirect_domains",
    "postLogoutRedirectUris": "post_logout_uris",
    "waitForWebhook": "waits_for_webhook",
}
TOKEN_ATTRIBUTES: Final[Mapping[str, str]] = {
    "authMethod": "auth_method",
    "grantTypes": "grant_types",
    "responseModes": "response_modes",
    "refreshTokenRotation": "refresh_token_rotation",
    "idTokenAlg": "id_token_alg",
    "accessTokenMinutes": "access_token_minutes",
    "refreshTokenDays": "refresh_token_days",
    "permissions": "permissions",
}
FIELD_NAMES: Final = (*ATTRIBUTES, *(f"{TOKENS}.{name}" for name in TOKEN_ATTRIBUTES))
KIND_OF_LIST: Final[Mapping[str, EntryKind]] = {field: kind for kind, field in LIST_FIELDS.items()}


def picture(client: Client) -> dict[str, Any]:
    """Every field that can be set, with plain values: what the audit log and an undo are made of."""
    shown = {field: _plain(getattr(client, attribute)) for field, attribute in ATTRIBUTES.items()}
    return shown | {f"{TOKENS}.{name}": _plain(getattr(client.tokens, attribute)) for name, attribute in TOKEN_ATTRIBUTES.items()}


def with_fields(client: Client, mode: Mode, fields: Mapping[str, Any], now: int) -> Client:
    """The client with these fields set (absent ones stay; None empties a field). Raises INVALID for the first value that is not fine."""
    unknown = [name for name in fields if name not in FIELD_NAMES]
    if unknown:
        raise invalid_field(unknown[0], f"is not a field that can be set; there are {', '.join(FIELD_NAMES)}", "INVALID_ENUM_VALUE")
    plain = {ATTRIBUTES[name]: _checked(name, value, mode) for name, value in fields.items() if name in ATTRIBUTES}
    tokens = _with_tokens(client.tokens, {name.partition(".")[2]: value for name, value in fields.items() if name not in ATTRIBUTES})
    changed = replace(client, **plain, tokens=tokens)
    for name in ("loginUrl", "logoutUrl"):
        if fields.get(name):
            _require_listed(changed, mode, name, now)
    return changed


def _checked(name: str, value: Any, mode: Mode) -> Any:
    if name in KIND_OF_LIST:
        return check_entries(KIND_OF_LIST[name], value or (), mode)
    if name == "applicationType":
        return ApplicationType(_one_of(name, value or ApplicationType.WEB_APP.value, [kind.value for kind in ApplicationType]))
    if name in ("loginUrl", "logoutUrl"):
        return _web_url(name, value)
    if name == "waitForWebhook":
        return value is True
    text = (value or "").strip()
    least, most = {"name": NAME_LENGTH, "description": (0, MAX_DESCRIPTION), "technology": (0, MAX_TECHNOLOGY)}[name]
    if len(text) < least:
        raise invalid_field(name, f"must have at least {least} characters", "MIN_LENGTH", threshold=least)
    if len(text) > most:
        raise invalid_field(name, f"size must be at most {most}, got {len(text)}", "MAX_LENGTH", threshold=most)
    return text


def _web_url(name: str, value: str | None) -> str | None:
    text = (value or "").strip()
    if not text:
        return None
    try:
        url = parse(text)
    except UrlRefused as error:
        raise invalid_field(
            name, f"can't be used: {error.sentence[0].lower()}{error.sentence[1:]}", "FORMAT", received=text[:200]
        ) from error
    if url.scheme not in ("https", "http"):
        raise invalid_field(name, f"must be a web address (https), received the scheme {url.scheme}:", "FORMAT", received=text[:200])
    return url.href


def _require_listed(client: Client, mode: Mode, name: str, now: int) -> None:
    url = client.login_url if name == "loginUrl" else client.logout_url
    verdict = allow_list.judge(client, mode, EntryKind.REDIRECT_DOMAIN, url or "", now=now)
    if not verdict.allowed:
        why = explain(verdict)
        raise invalid_field(name, f"must be on one of the client's allowed redirect domains: {why.description}", "FORMAT", received=url)


def _with_tokens(tokens: TokenSettings, fields: Mapping[str, Any]) -> TokenSettings:
    if not fields:
        return tokens
    changed = msgspec.structs.replace(
        tokens, **{TOKEN_ATTRIBUTES[name]: _TOKEN_CHECKS[name](f"{TOKENS}.{name}", value) for name, value in fields.items()}
    )
    if changed.is_public and "client_credentials" in changed.grant_types:
        raise invalid_field(
            f"{TOKENS}.grantTypes", "has client_credentials, which needs a client that shows a secret: choose another authMethod", "OTHER"
        )
    return changed


def _one_of(field: str, value: Any, known: Sequence[str]) -> str:
    if value not in known:
        raise invalid_field(field, f"must be one of {', '.join(known)}, received {value!r}", "INVALID_ENUM_VALUE")
    return str(value)


def _some_of(known: Sequence[str]) -> Callable[[str, Any], tuple[str, ...]]:
    def check(field: str, value: Any) -> tuple[str, ...]:
        given = [_one_of(field, one, known) for one in value or ()]
        if not given:
            raise invalid_field(field, f"must have at least one of {', '.join(known)}", "MIN_LENGTH", threshold=1)
        return tuple(one for one in known if one in given)

    return check


def _number_up_to(most: int, empty: int | None) -> Callable[[str, Any], int | None]:
    def check(field: str, value: Any) -> int | None:
        if value is None:
            return empty
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise invalid_field(field, f"must be a whole number from 1 to {most}, received {value!r}", "FORMAT", threshold=most)
        return value

    return check


_TOKEN_CHECKS: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    "authMethod": lambda field, value: _one_of(field, value or "none", AUTH_METHODS),
    "grantTypes": _some_of(GRANT_TYPES),
    "responseModes": _some_of(RESPONSE_MODES),
    "refreshTokenRotation": lambda _, value: bool(value),
    "idTokenAlg": lambda field, value: _one_of(field, value or "ES256", ID_TOKEN_ALGS),
    "accessTokenMinutes": _number_up_to(MAX_ACCESS_TOKEN_MINUTES, MAX_ACCESS_TOKEN_MINUTES),
    "refreshTokenDays": _number_up_to(MAX_REFRESH_TOKEN_DAYS, None),
    "permissions": lambda field, value: check_permissions(value or (), field),
}


def _plain(value: Any) -> Any:
    if isinstance(value, ApplicationType):
        return value.value
    return list(value) if isinstance(value, tuple) else value
