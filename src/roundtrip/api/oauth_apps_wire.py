"""The bodies of the OAuth Apps API: a client as its callers see it, and which fields a call sets."""

from __future__ import annotations

from typing import Any

import msgspec

from roundtrip.api.query_calls import FieldMask, Paging
from roundtrip.api.wire import Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import AppError, Violation, invalid_field
from roundtrip.sites.client_fields import ATTRIBUTES, TOKEN_ATTRIBUTES, TOKENS, picture
from roundtrip.sites.model import Client

UNSET = msgspec.UNSET
Unset = msgspec.UnsetType
BODY = "oAuthApp"


class TokenSettingsBody(Wire):
    """How the client gets its tokens: an addition of this server. Fields that are not sent keep their value."""

    auth_method: str | Unset | None = UNSET
    grant_types: list[str] | Unset | None = UNSET
    response_modes: list[str] | Unset | None = UNSET
    refresh_token_rotation: bool | Unset | None = UNSET
    id_token_alg: str | Unset | None = UNSET
    access_token_minutes: int | Unset | None = UNSET
    refresh_token_days: int | Unset | None = UNSET
    permissions: list[str] | Unset | None = UNSET


class OAuthAppBody(Wire):
    """A client. `id`, `createdDate` and secrets can be read (the latter never) but not set, and are ignored here."""

    name: str | Unset | None = UNSET
    description: str | Unset | None = UNSET
    technology: str | Unset | None = UNSET
    application_type: str | Unset | None = UNSET
    login_url: str | Unset | None = UNSET
    logout_url: str | Unset | None = UNSET
    allowed_redirect_uris: list[str] | Unset | None = UNSET
    allowed_redirect_domains: list[str] | Unset | None = UNSET
    post_logout_redirect_uris: list[str] | Unset | None = UNSET
    wait_for_webhook: bool | Unset | None = UNSET
    token_settings: TokenSettingsBody | Unset | None = UNSET
    revision: int | str | None = None


class CreateOAuthApp(Wire):
    """Create OAuth App."""

    o_auth_app: OAuthAppBody


class UpdateOAuthApp(Wire):
    """Update OAuth App. Without `mask.paths` nothing changes (OPS-04)."""

    o_auth_app: OAuthAppBody
    mask: FieldMask | None = None


class Query(Wire):
    """What to list. `filter` knows `id` and `name`: a value, or `{"$in": [...]}`; `name` also `{"$startsWith": "..."}`."""

    filter: dict[str, Any] | None = None
    paging: Paging | None = None


class QueryOAuthApps(Wire):
    """Query OAuth Apps."""

    query: Query | None = None


class OAuthAppAnswer(Wire, omit_defaults=False):
    """One client."""

    o_auth_app: dict[str, Any]


class PagingMetadata(Wire, omit_defaults=False):
    """Where in the list this part is."""

    count: int
    offset: int
    total: int
    has_next: bool


class OAuthAppPage(Wire, omit_defaults=False):
    """A part of the clients of a site, oldest first."""

    o_auth_apps: list[dict[str, Any]]
    paging_metadata: PagingMetadata


def shown(client: Client) -> dict[str, Any]:
    """A client as its callers see it. Texts and addresses that are not set are left out, as the contract's examples do."""
    fields = {name: value for name, value in picture(client).items() if name in ATTRIBUTES and value not in ("", None, False)}
    tokens = {name: picture(client)[f"{TOKENS}.{name}"] for name in TOKEN_ATTRIBUTES}
    return {
        "id": client.id,
        "createdDate": rfc3339(client.created_at),
        "revision": str(client.revision),
        **fields,
        TOKENS: {name: value for name, value in tokens.items() if value is not None},
    }


def sent_fields(body: OAuthAppBody) -> dict[str, Any]:
    """The fields that a body names, by the names of `sites/client_fields.py`."""
    sent = {name: value for name in ATTRIBUTES if (value := getattr(body, _attribute(OAuthAppBody, name))) is not UNSET}
    if isinstance(body.token_settings, TokenSettingsBody):
        sent |= {
            f"{TOKENS}.{name}": value
            for name in TOKEN_ATTRIBUTES
            if (value := getattr(body.token_settings, _attribute(TokenSettingsBody, name))) is not UNSET
        }
    return sent


def masked_fields(body: OAuthAppBody, paths: list[str]) -> dict[str, Any]:
    """What an update sets: the masked fields, emptied where the body does not name them. Raises INVALID for an unknown path."""
    tokens = tuple(f"{TOKENS}.{name}" for name in TOKEN_ATTRIBUTES)
    known = (*ATTRIBUTES, *tokens, TOKENS)
    for place, path in enumerate(paths):
        if path not in known:
            raise invalid_field(
                f"mask.paths[{place}]", f"is {path[:100]!r}, which can't be updated; {', '.join(known)} can", "INVALID_ENUM_VALUE"
            )
    sent = sent_fields(body)
    wanted = {path: sent.get(path) for path in paths if path != TOKENS}
    # The group as a whole sets what the body has of it; it has no empty value that would mean anything.
    return wanted | {name: sent[name] for name in tokens if TOKENS in paths and name in sent}


def revision_of(body: OAuthAppBody) -> int | None:
    """The revision that the caller has read, as a number or a text. Raises INVALID."""
    text = str(body.revision) if body.revision is not None else ""
    if text and not (text.isdecimal() and len(text) < 16):
        raise invalid_field(f"{BODY}.revision", f"must be a whole number (received {text[:50]!r})", "FORMAT")
    return int(text) if text else None


def in_body(error: AppError) -> AppError:
    """The same refusal with its fields as paths of the request."""
    violations = [Violation(f"{BODY}.{one.field}", one.description, one.rule, one.data) for one in error.violations]
    return AppError(error.kind, error.code, f"{BODY}.{error.description}", violations=violations) if violations else error


def _attribute(kind: type[msgspec.Struct], wire_name: str) -> str:
    return next(field.name for field in msgspec.structs.fields(kind) if field.encode_name == wire_name)
