"""What may be the address that visitors see a site's hosted pages under. Pure."""

from __future__ import annotations

from roundtrip.core.errors import AppError, invalid_field
from roundtrip.core.urls import UrlRefused, parse
from roundtrip.sites.listed import is_loopback
from roundtrip.sites.model import Mode

FIELD = "pagesUrl"


def check_pages_url(text: str, mode: Mode) -> str:
    """The address in its normal form, without a slash at its end. Raises INVALID naming what is wrong with it.

    Only scheme, host and port: pages have fixed paths. https, because a visitor's login travels there; in test mode http on this machine.
    """
    try:
        url = parse(text.strip())
    except UrlRefused as error:
        raise _refused(f"can't be read: {error.sentence}", text) from error
    if url.path not in ("", "/") or url.query is not None or url.fragment is not None:
        raise _refused("must be a host without a path, such as https://pages.example.com", text)
    if url.scheme == "http" and not (mode is Mode.TEST and is_loopback(url.host)):
        raise _refused("must be https; plain http is for localhost on a test-mode site", text)
    if url.scheme not in ("http", "https"):
        raise _refused("must be https", text)
    if url.scheme == "https" and mode is Mode.LIVE and is_loopback(url.host):
        raise _refused("names this machine, which visitors of a live site cannot reach", text)
    return url.origin


def _refused(description: str, received: str) -> AppError:
    return invalid_field(FIELD, description, "FORMAT", received=received[:200])
