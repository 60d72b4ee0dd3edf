"""What a site and a client are. Pure values; `store.py` keeps them, `actions.py` changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import msgspec


class Mode(StrEnum):
    """Test sites allow loopback, fake payments and caught mail; live sites refuse all three (OPS-12)."""

    TEST = "test"
    LIVE = "live"


class ApplicationType(StrEnum):
    """As the OAuth Apps API names them. Only `MOBILE` may differ in the port of a loopback redirect URI (RED-14)."""

    WEB_APP = "WEB_APP"
    MOBILE = "MOBILE"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Site:
    """A tenant. `slug` is what commands say (`--site demo`); `theme` and `policies` are JSON for the hosted pages."""

    id: str
    slug: str
    name: str
    mode: Mode
    language: str
    home_url: str | None
    theme: str
    created_at: int
    pages_url: str | None = None
    """The address that visitors see the hosted pages under, without a slash at its end; None: the server's own."""
    require_owner_approval: bool = False
    require_email_verification: bool = False
    revision: int = 1

    @property
    def is_test(self) -> bool:
        """True when loopback callbacks and caught mail are fine."""
        return self.mode is Mode.TEST


AuthMethod = Literal["none", "client_secret_basic", "client_secret_post"]
AUTH_METHODS: tuple[AuthMethod, ...] = ("none", "client_secret_basic", "client_secret_post")
GRANT_TYPES = ("anonymous", "authorization_code", "refresh_token", "client_credentials", "authorized_client")
RESPONSE_MODES = ("query", "fragment", "web_message", "form_post")


class TokenSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one client gets its tokens. The defaults are those of a site built with the official SDK (decision 0017)."""

    auth_method: AuthMethod = "none"
    """`none`: a public client, which must use PKCE. Otherwise the client shows its secret at the token endpoint, one of two ways."""
    grant_types: tuple[str, ...] = ("anonymous", "authorization_code", "refresh_token", "authorized_client")
    response_modes: tuple[str, ...] = RESPONSE_MODES
    refresh_token_rotation: bool = False
    """A new refresh token with every use, and the end of the whole family when an old one comes back (AUT-11)."""
    id_token_alg: Literal["ES256", "RS256"] = "ES256"  # noqa: S105  a name
    access_token_minutes: int = 240
    """At most 240: what was revoked is remembered for as long."""
    refresh_token_days: int | None = None
    """How long a refresh token lives without use; None: a year for visitors, 90 days for members."""
    permissions: tuple[str, ...] = ("redirect_session.create", "redirect_session.read", "client.read", "catalogue.read")
    """What tokens of `client_credentials` may do, in the words of API keys. The default: what a site's own server needs to send visitors
    to pages, and nothing about people, money or settings (decision 0128)."""

    @property
    def is_public(self) -> bool:
        """True for clients that cannot keep a secret."""
        return self.auth_method == "none"


STANDARD_CLIENT = TokenSettings(
    auth_method="client_secret_basic",
    grant_types=("authorization_code", "refresh_token"),
    refresh_token_rotation=True,
    id_token_alg="RS256",  # noqa: S106  a name
)
"""What a client created as a standard OpenID Connect client starts with."""
_SDK_CLIENT = TokenSettings()
MADE_FOR: Mapping[str, TokenSettings] = {"sdk": _SDK_CLIENT, "standard": STANDARD_CLIENT}
"""What a new client can be made for, with the settings that it starts with."""


@dataclass(frozen=True, slots=True)
class Client:
    """An OAuth app of one site. The three lists are stored as given and compiled by `allow_list.py`.

    `post_logout_uris` are full addresses for RP-initiated logout of standard clients; a logout redirect session uses the domains.
    """

    id: str
    site_id: str
    name: str
    application_type: ApplicationType
    redirect_uris: tuple[str, ...]
    redirect_domains: tuple[str, ...]
    post_logout_uris: tuple[str, ...]
    login_url: str | None
    logout_url: str | None
    signed_result: bool
    revision: int
    created_at: int
    description: str = ""
    technology: str = ""
    tokens: TokenSettings = _SDK_CLIENT
    waits_for_webhook: bool = False
    """A visitor's return waits, for at most ten seconds, until the site's own webhook endpoint has taken that the visit is completed."""


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """What is known of a client's secret besides its hash. `expires_at` is None for the current one, a replaced one ends soon."""

    id: str
    client_id: str
    hint: str
    created_at: int
    expires_at: int | None


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is known of an API key besides its hash. `hint` is its last four characters, so that people can tell them apart."""

    id: str
    site_id: str
    name: str
    permissions: tuple[str, ...]
    hint: str
    created_at: int


MAX_ENTRIES = 20
MAX_ENTRY_LENGTH = 2048
