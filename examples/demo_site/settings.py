"""What this site has to be told: where the server is, which client it is, and under which address visitors see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """The three facts a headless site is built with. Addresses carry no slash at their end."""

    server_url: str
    """Where the API and the hosted pages answer, e.g. `http://127.0.0.1:8000`. Also the issuer that answers must name (RFC 9207)."""

    client_id: str
    """The id of this site's OAuth client. It is not a secret."""

    site_url: str = "http://localhost:8001"
    """This site as a browser sees it. Every way back starts with it, so it must be what the client's allow-lists name."""

    @property
    def redirect_uri(self) -> str:
        """Where a login comes back to; compared in full with the list of the client."""
        return f"{self.site_url}/callback"

    @property
    def is_https(self) -> bool:
        """True when cookies can be kept off plain http."""
        return self.site_url.startswith("https://")


def read_settings(environment: Mapping[str, str]) -> SiteSettings:
    """Settings from `DEMO_SERVER_URL`, `DEMO_CLIENT_ID` and `DEMO_SITE_URL`. Raises `ValueError` without a client id."""
    client_id = environment.get("DEMO_CLIENT_ID", "")
    if not client_id:
        raise ValueError("DEMO_CLIENT_ID is not set. Create a client with `roundtrip client create` and put its id there.")
    return SiteSettings(
        server_url=environment.get("DEMO_SERVER_URL", "http://127.0.0.1:8000").rstrip("/"),
        client_id=client_id,
        site_url=environment.get("DEMO_SITE_URL", "http://localhost:8001").rstrip("/"),
    )
