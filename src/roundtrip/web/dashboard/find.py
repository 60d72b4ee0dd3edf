"""Where the search box leads: to the one thing that a text names, or to what is to be said about an address."""

from __future__ import annotations

from starlette.responses import Response

from roundtrip.core.email import email_key
from roundtrip.core.ids import is_guid
from roundtrip.members import store as members
from roundtrip.redirect_session import store as redirect_sessions
from roundtrip.redirect_session.store import Wanted
from roundtrip.sites import store as site_store
from roundtrip.sites.model import Client
from roundtrip.storage.database import Tx
from roundtrip.web.dashboard.desk import Desk, DeskPage

MAX_LENGTH = 2048

Found = tuple[tuple[str, ...], dict[str, str], list[Client]]
"""Where to go, with which query; or the clients to choose from."""


async def find(desk: Desk) -> Response:
    """A session's id, a client's id or name, whoever asked for sessions, a member's address, or an address to explain."""
    text = desk.query("q")[:MAX_LENGTH]
    if "://" in text:
        return desk.go(desk.here.slug, "refusals", url=text)
    place, query, clients = await desk.read(_find, desk.here.id, text, desk.now)
    if place:
        return desk.go(desk.here.slug, *place, **query)
    return desk.page("desk_find.html", {"text": text, "clients": clients})


def _find(tx: Tx, site_id: str, text: str, now: int) -> Found:
    if is_guid(text):
        return _by_id(tx, site_id, text.lower(), now)
    clients = [client for client in site_store.clients_of_site(tx, site_id) if text and text.lower() in client.name.lower()]
    if "@" in text:
        credentials = members.credentials(tx, site_id, email_key(text))
        if credentials is not None:
            return ("members", credentials.member_id), {}, []
    return (("settings", "clients", clients[0].id) if len(clients) == 1 else ()), {}, clients


def _by_id(tx: Tx, site_id: str, wanted: str, now: int) -> Found:
    session = redirect_sessions.get(tx, wanted)
    if session is not None and session.site_id == site_id:
        return ("redirect-sessions", session.id), {}, []
    client = site_store.client(tx, wanted)
    if client is not None and client.site_id == site_id:
        return ("settings", "clients", client.id), {}, [client]
    if members.member(tx, site_id, wanted) is not None:
        return ("members", wanted), {}, []
    return _asked_by(tx, site_id, wanted, now)


def _asked_by(tx: Tx, site_id: str, caller_id: str, now: int) -> Found:
    asked, _ = redirect_sessions.search(tx, site_id, Wanted(caller_id=caller_id), before=None, limit=1, now=now)
    return (("redirect-sessions",), {"caller": caller_id}, []) if asked else ((), {}, [])


PAGES = (DeskPage("/{site}/find", find),)
