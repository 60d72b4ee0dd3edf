"""Where an owner lands: the sites, and of each site what is there and what to do next."""

from __future__ import annotations

from starlette.responses import Response

from roundtrip.redirect_session import store as redirect_sessions
from roundtrip.sites import store as site_store
from roundtrip.storage import audit
from roundtrip.storage.database import Tx
from roundtrip.web.dashboard.audit_log import sentence
from roundtrip.web.dashboard.desk import Desk, DeskPage


async def home(desk: Desk) -> Response:
    """The only site at once, or the list of them."""
    if len(desk.sites) == 1:
        return desk.go(desk.sites[0].slug)
    return desk.page("desk_sites.html", {"sites": desk.sites})


async def show(desk: Desk) -> Response:
    """One site at a glance."""
    view = await desk.read(_view, desk.here.id, desk.now)
    return desk.page(
        "desk_overview.html", {**view, "site": desk.here, "base_url": desk.services.web.base_url, "waiting": desk.counts.get("members", 0)}
    )


def _view(tx: Tx, site_id: str, now: int) -> dict[str, object]:
    clients = site_store.clients_of_site(tx, site_id)
    sessions, _ = redirect_sessions.search(tx, site_id, redirect_sessions.Wanted(), before=None, limit=8, now=now)
    entries = audit.page(tx, site_id=site_id, before_id=None, limit=6)
    return {
        "clients": clients,
        "sessions": [(session, session.status_at(now).value) for session in sessions],
        "entries": [(entry, sentence(entry)) for entry in entries],
        "has_uri": any(client.redirect_uris for client in clients),
        "has_domain": any(client.redirect_domains for client in clients),
    }


PAGES = (
    DeskPage("", home),
    DeskPage("/", home),
    DeskPage("/{site}", show),
)
