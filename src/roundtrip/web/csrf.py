"""Cross-site requests: where a POST comes from is asked first, then for a token that only this browser's own pages carry (PAG-03).

`Sec-Fetch-Site` decides where browsers send it. `Origin` is the older sign, and says `null` here because our pages send no referrer.
"""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.secrets import hash_secret, same

FIELD = "csrf"


def token(browser_secret: str | None) -> str:
    """The token of one visit in one browser. It reveals nothing of the cookie it is made from."""
    return hash_secret("csrf", browser_secret) if browser_secret else ""


def is_cross_site(headers: Mapping[str, str], own_origin: str) -> bool:
    """True for a POST that another site's page made: our cookies have not come with it."""
    fetch_site = headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site != "same-origin"
    return headers.get("origin") not in (None, "null", own_origin)


def check_site(headers: Mapping[str, str], own_origin: str) -> None:
    """Raises FORBIDDEN `CROSS_SITE_REQUEST` for a POST that another site's page made."""
    if is_cross_site(headers, own_origin):
        raise AppError(Kind.FORBIDDEN, "CROSS_SITE_REQUEST", "This form was sent by another site's page.")


def check_token(received: str, browser_secret: str | None) -> None:
    """Raises FORBIDDEN `CSRF_TOKEN` unless the form came from a page that we showed to this browser."""
    if not browser_secret or not same(received, token(browser_secret)):
        raise AppError(Kind.FORBIDDEN, "CSRF_TOKEN", "This form is not from the page that this browser was shown. Load the page again.")
