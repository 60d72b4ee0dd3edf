"""What a browser says about the request it makes: whether it is really a person opening a page (SES-03)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from starlette.requests import Request

from roundtrip.core.urls import UrlRefused, parse

_PREFETCH = ("sec-purpose", "purpose", "x-moz")


class Arrival(Enum):
    """`OPENED`: a navigation by a person. `UNKNOWN`: a browser that does not say; it is asked to press a button. `LOOKED`: anything
    that must not spend a link: HEAD, prefetch, a picture, a script."""

    OPENED = "opened"
    UNKNOWN = "unknown"
    LOOKED = "looked"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the browser came from (`referrer` is the origin, `address` all that it said), and whether it opened us in a frame."""

    referrer: str | None
    in_frame: bool
    address: str | None = None


def arrival(request: Request) -> Arrival:
    """Classify one GET or HEAD by its fetch metadata (W3C Fetch Metadata; decision 0007)."""
    headers = request.headers
    if request.method == "HEAD" or any("prefetch" in headers.get(name, "") or "prerender" in headers.get(name, "") for name in _PREFETCH):
        return Arrival.LOOKED
    mode = headers.get("sec-fetch-mode")
    if mode is None:
        return Arrival.UNKNOWN
    opened = mode == "navigate" and headers.get("sec-fetch-dest") in ("document", "iframe", "frame")
    return Arrival.OPENED if opened else Arrival.LOOKED


def came_from(request: Request) -> Origin:
    """What `Referer` says, read as strictly as any address."""
    in_frame = request.headers.get("sec-fetch-dest") in ("iframe", "frame")
    text = request.headers.get("referer")
    if not text:
        return Origin(None, in_frame)
    try:
        url = parse(text)
        return Origin(url.origin, in_frame, url.href)
    except UrlRefused:
        return Origin(None, in_frame)
