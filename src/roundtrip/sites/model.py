"""What a site and a client are. Pure values; `store.py` keeps them, `actions.py` changes them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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

    @property
    def is_test(self) -> bool:
        """True when loopback callbacks and caught mail are fine."""
        return self.mode is Mode.TEST


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
    refresh_token_rotation: bool
    signed_result: bool
    revision: int
    created_at: int


MAX_ENTRIES = 20
MAX_ENTRY_LENGTH = 2048
