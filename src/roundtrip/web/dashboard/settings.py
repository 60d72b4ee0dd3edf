"""Headless Settings: the list of clients, and what all pages of the settings share: what was saved, in words, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import is_guid, new_id
from roundtrip.flows.base import Form
from roundtrip.sites import store as site_store
from roundtrip.sites.change import Change
from roundtrip.sites.model import Client
from roundtrip.sites.undo import UNDOABLE, undo
from roundtrip.storage import audit
from roundtrip.storage.audit import AuditEntry
from roundtrip.storage.database import Tx
from roundtrip.web.dashboard.desk import Desk, DeskPage

LABELS: Mapping[str, str] = {
    "name": "Name",
    "description": "Description",
    "technology": "Technology",
    "applicationType": "Kind of application",
    "loginUrl": "Login URL",
    "logoutUrl": "Logout URL",
    "allowedRedirectUris": "Allowed redirect URIs",
    "allowedRedirectDomains": "Allowed redirect domains",
    "postLogoutRedirectUris": "Post-logout redirect URIs",
    "waitForWebhook": "A return waits for your server",
    "tokenSettings.authMethod": "How the client proves who it is",
    "tokenSettings.grantTypes": "Ways to get tokens",
    "tokenSettings.responseModes": "Ways to answer",
    "tokenSettings.refreshTokenRotation": "A new refresh token with every use",
    "tokenSettings.idTokenAlg": "Signature of id_tokens",
    "tokenSettings.accessTokenMinutes": "Life of an access token, in minutes",
    "tokenSettings.refreshTokenDays": "Life of an unused refresh token, in days",
    "tokenSettings.permissions": "What the client may do by its secret",
    "language": "Language",
    "homeUrl": "Home address",
    "mode": "Mode",
    "offline": "Pay later",
    "offlineInstructions": "How visitors pay later",
    "stripe": "Stripe key",
    "url": "Address",
    "events": "Events",
    "enabled": "Switched on",
    "theme.brandColor": "Brand colour",
    "theme.logoUrl": "Logo",
    "theme.logoWidth": "Logo width",
    "theme.logoHeight": "Logo height",
    "theme.fontFamily": "Font",
    "theme.cornerRadius": "Corners",
    "theme.appearance": "Light or dark",
    "theme.policies": "Policies",
    "requireEmailVerification": "New members prove their address",
    "requireOwnerApproval": "You approve new members",
}
"""What a field is called for owners."""


def change_of(desk: Desk) -> Change:
    """The change that this request makes, by the owner who is there."""
    return Change(new_id(desk.now), desk.actor, desk.now)


def revision_of(form: Form) -> int:
    """The revision that the owner looked at; 0, which is none, for anything else."""
    text = form.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def page_of(desk: Desk, template: str, view: Mapping[str, Any], error: AppError | None = None) -> Response:
    """A page of the settings, with its refusal if there is one."""
    return desk.page(template, view, status=(409 if error.kind is Kind.CONFLICT else 400) if error else 200)


def saved(tx: Tx, desk: Desk) -> dict[str, Any] | None:
    """What the change named in the address did, read from the audit log; None when there is nothing to say."""
    entry_id = desk.query("saved")
    entry = audit.entry(tx, entry_id) if is_guid(entry_id) else None
    if entry is None or entry.site_id != desk.here.id:
        return None
    return {"entry": entry, "changes": changes_of(entry), "can_undo": entry.action in UNDOABLE}


def changes_of(entry: AuditEntry) -> list[dict[str, Any]]:
    """Field by field: what is gone and what is new. Of a list only the entries that differ."""
    before, after = entry.before or {}, entry.after or {}
    return [
        {
            "label": LABELS.get(name, name),
            "gone": _only_in(before.get(name), after.get(name)),
            "new": _only_in(after.get(name), before.get(name)),
        }
        for name in dict.fromkeys([*before, *after])
    ]


def _only_in(value: Any, other: Any) -> list[str]:
    if isinstance(value, list) or isinstance(other, list):
        mine, theirs = [_words(one) for one in value or ()], [_words(one) for one in other or ()]
        return [one for one in mine if one not in theirs]
    return [] if value in (None, "") else [_words(value)]


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " | ".join(str(part) for part in value.values())
    return str(value)


async def show(desk: Desk) -> Response:
    """The clients of the site; `q` finds one by name, id, or an address that it lists."""
    wanted = desk.query("q")[:200]
    clients, done = await desk.read(_clients, desk)
    found = [client for client in clients if _fits(client, wanted.lower())]
    view = {"site": desk.here, "tab": "clients", "clients": found, "total": len(clients), "q": wanted, "saved": done, "errors": []}
    return desk.page("desk_settings.html", view)


def _clients(tx: Tx, desk: Desk) -> tuple[list[Client], dict[str, Any] | None]:
    return site_store.clients_of_site(tx, desk.here.id), saved(tx, desk)


def _fits(client: Client, wanted: str) -> bool:
    texts = (client.name, client.id, client.technology, *client.redirect_uris, *client.redirect_domains, *client.post_logout_uris)
    return any(wanted in text.lower() for text in texts)


async def take_back(desk: Desk) -> Response:
    """Undo one change, as a change of its own."""
    form = await desk.form()
    change = change_of(desk)
    undone = await desk.write(undo, site_id=desk.here.id, entry_id=form.get("entry", ""), change=change)
    if undone.action.startswith("client."):
        return desk.go(desk.here.slug, "settings", "clients", undone.object_id, saved=change.id)
    if undone.action == "sign_on_policy.updated":
        return desk.go(desk.here.slug, "settings", "members", saved=change.id)
    is_theme = any(name.startswith("theme.") for name in undone.after or ())
    return desk.go(desk.here.slug, "settings", "pages" if is_theme else "site", saved=change.id)


PAGES = (
    DeskPage("/{site}/settings", show),
    DeskPage("/{site}/settings/undo", take_back, ("POST",)),
)
