"""The headers of every page (PAG-01, PAG-02)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

HSTS = "max-age=31536000; includeSubDomains"


@dataclass(frozen=True, slots=True)
class Policy:
    """What one page needs beyond the strictest rules.

    `form_targets`: origins (or schemes) that a POST of this page may lead to; Chromium applies `form-action` to the redirects after a
    POST too. `framed_by`: the one origin that may frame the page. `logo_origin`: where the site's logo is. `frames`: the origins
    that the page may frame.
    """

    nonce: str
    form_targets: tuple[str, ...] = ()
    framed_by: str | None = None
    logo_origin: str | None = None
    frames: tuple[str, ...] = ()
    posts_only_to: str | None = None
    """The one address that a form of this page goes to, our own host excluded."""


def headers(policy: Policy, *, secure: bool) -> dict[str, str]:
    """All headers of one page."""
    found = {
        "content-security-policy": _csp(policy),
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    if policy.framed_by is None:
        found["x-frame-options"] = "DENY"
        found["cross-origin-opener-policy"] = "same-origin"
    if secure:
        found["strict-transport-security"] = HSTS
    return found


def _csp(policy: Policy) -> str:
    directives: dict[str, Iterable[str]] = {
        "default-src": ("'none'",),
        "script-src": (f"'nonce-{policy.nonce}'",),
        "style-src": ("'self'", f"'nonce-{policy.nonce}'"),
        "img-src": ("'self'", "data:", *((policy.logo_origin,) if policy.logo_origin else ())),
        "font-src": ("'self'",),
        "connect-src": ("'self'",),
        "form-action": (policy.posts_only_to,) if policy.posts_only_to else ("'self'", *policy.form_targets),
        **({"frame-src": policy.frames} if policy.frames else {}),
        "frame-ancestors": (policy.framed_by or "'none'",),
        "base-uri": ("'none'",),
        "object-src": ("'none'",),
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())
