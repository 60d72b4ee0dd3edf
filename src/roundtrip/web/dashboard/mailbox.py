"""The mailbox of a test site: every mail that would have been sent, as its reader would see it (OPS-12)."""

from __future__ import annotations

import re

from starlette.responses import Response

from roundtrip.core.ids import is_guid
from roundtrip.sites import mailbox
from roundtrip.web.dashboard.desk import Desk, DeskPage

PAGE = 50
_LINK = re.compile(r"https?://[^\s<>\"]+")
_HTML_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
    )
)


async def show(desk: Desk) -> Response:
    """The caught mails, newest first."""
    before = desk.query("before")
    mails = await desk.read(mailbox.mails, desk.here, before_id=before if is_guid(before) else None, limit=PAGE + 1)
    shown = mails[:PAGE]
    return desk.page("desk_mailbox.html", {"mails": shown, "older": shown[-1].id if len(mails) > PAGE else None})


async def one(desk: Desk) -> Response:
    """One mail: its text, with links that work."""
    caught, bodies = await desk.read(mailbox.mail, desk.here, desk.place("id"), code_key=desk.services.web.code_key)
    return desk.page("desk_mail.html", {"mail": caught, "parts": _with_links(bodies.text)})


async def html(desk: Desk) -> Response:
    """The other form of the mail, alone on a page that can run and load nothing."""
    _, bodies = await desk.read(mailbox.mail, desk.here, desk.place("id"), code_key=desk.services.web.code_key)
    headers = {
        "content-security-policy": _HTML_POLICY,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    return Response(bodies.html, 200, headers, media_type="text/html")


def _with_links(text: str) -> list[tuple[str, bool]]:
    """The text in pieces; True marks an address."""
    parts: list[tuple[str, bool]] = []
    at = 0
    for hit in _LINK.finditer(text):
        parts += [(text[at : hit.start()], False), (hit[0], True)]
        at = hit.end()
    return [*parts, (text[at:], False)]


PAGES = (
    DeskPage("/{site}/mailbox", show),
    DeskPage("/{site}/mailbox/{id}", one),
    DeskPage("/{site}/mailbox/{id}/html", html),
)
