"""One client: its sections, each saved for itself, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.ids import new_id
from roundtrip.flows.base import Form
from roundtrip.sites import actions as sites
from roundtrip.sites import client_secrets, clients
from roundtrip.sites import store as site_store
from roundtrip.sites.client_fields import KIND_OF_LIST, TOKENS, picture
from roundtrip.sites.entries import check_entry
from roundtrip.sites.model import GRANT_TYPES, MADE_FOR, RESPONSE_MODES, Client
from roundtrip.sites.permissions import PERMISSIONS
from roundtrip.storage.database import Tx
from roundtrip.web.dashboard.desk import Desk, DeskPage, errors_of, is_for_the_form
from roundtrip.web.dashboard.settings import change_of, page_of, saved
from roundtrip.web.dashboard.snippets import snippets
from roundtrip.workflows.delete_client import delete_client

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "identity": ("name", "description", "technology", "applicationType"),
    "redirect-uris": ("allowedRedirectUris",),
    "redirect-domains": ("allowedRedirectDomains",),
    "post-logout-uris": ("postLogoutRedirectUris",),
    "urls": ("loginUrl", "logoutUrl"),
    "return": ("waitForWebhook",),
    "tokens": tuple(
        f"{TOKENS}.{name}"
        for name in (
            "authMethod",
            "grantTypes",
            "responseModes",
            "refreshTokenRotation",
            "idTokenAlg",
            "accessTokenMinutes",
            "refreshTokenDays",
            "permissions",
        )
    ),
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    f"{TOKENS}.grantTypes": GRANT_TYPES,
    f"{TOKENS}.responseModes": RESPONSE_MODES,
    f"{TOKENS}.permissions": ("*", *PERMISSIONS),
}
REMEMBERED = ("name", "kind", "uri", "domain")


async def new(desk: Desk, typed: Mapping[str, str] | None = None, error: AppError | None = None) -> Response:
    """The form for a new client."""
    view = {"site": desk.here, "tab": "clients", "typed": typed or {}, "errors": errors_of(error) if error else []}
    return page_of(desk, "desk_client_new.html", view, error)


async def create(desk: Desk) -> Response:
    """Make it, and go on to its page."""
    form = await desk.form()
    typed = {name: form.get(name, "").strip() for name in REMEMBERED}
    change, client_id = change_of(desk), new_id(desk.now)
    try:
        made = await desk.write(
            sites.create_client,
            site=desk.here,
            client_id=client_id,
            name=typed["name"],
            now=desk.now,
            change=change,
            tokens=MADE_FOR.get(typed["kind"]),
            redirect_uris=(typed["uri"],) if typed["uri"] else (),
            redirect_domains=(typed["domain"],) if typed["domain"] else (),
        )
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await new(desk, typed, _renamed(error, {"allowedRedirectUris": "uri", "allowedRedirectDomains": "domain"}))
    return desk.go(desk.here.slug, "settings", "clients", made.id, saved=change.id)


async def show(
    desk: Desk,
    typed: Mapping[str, Any] | None = None,
    error: AppError | None = None,
    *,
    secret: str = "",
    added: Mapping[str, str] | None = None,
) -> Response:
    """Everything about one client. `typed` replaces what is stored in the section that was refused; `secret` is shown this once."""
    client, secrets, done = await desk.read(_client, desk)
    lists = {
        field: [{"text": entry, "notes": check_entry(kind, entry, desk.here.mode).notes} for entry in picture(client)[field]]
        for field, kind in KIND_OF_LIST.items()
    }
    view = {
        "site": desk.here,
        "tab": "clients",
        "client": client,
        "fields": {**picture(client), **(typed or {})},
        "lists": lists,
        "added": added or {},
        "secrets": secrets,
        "secret": secret,
        "saved": done,
        "grants": GRANT_TYPES,
        "modes": RESPONSE_MODES,
        "permissions": PERMISSIONS,
        "snippets": snippets(client, desk.services.web.base_url),
        "errors": errors_of(error) if error else [],
    }
    return page_of(desk, "desk_client.html", view, error)


def _client(tx: Tx, desk: Desk) -> tuple[Client, list[Any], dict[str, Any] | None]:
    client = find(tx, desk)
    return client, client_secrets.alive(tx, client.id, desk.now), saved(tx, desk)


def find(tx: Tx, desk: Desk) -> Client:
    """The client of the address, if it is one of this site. Raises NOT_FOUND `CLIENT_NOT_FOUND` (RED-20)."""
    client = site_store.client(tx, desk.place("client"))
    if client is None or client.site_id != desk.here.id:
        raise clients.no_such_client(desk.place("client"))
    return client


async def save(desk: Desk) -> Response:
    """Save one section as it was typed, if nobody changed the client meanwhile."""
    form = await desk.form()
    names = SECTIONS.get(desk.place("section"))
    if names is None:
        raise AppError(Kind.NOT_FOUND, "NOT_FOUND", "The settings of a client have no such section.")
    typed = {name: _typed(form, name) for name in names}
    change = change_of(desk)
    try:
        await desk.write(_save, desk, typed, _revision(form), change)
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await show(desk, typed, error)
    return _back(desk, change.id)


def _save(tx: Tx, desk: Desk, fields: Mapping[str, Any], revision: int | None, change: Any) -> None:
    client, site = sites.require_client(tx, find(tx, desk).id)
    clients.update(tx, client=client, site=site, fields=fields, change=change, revision=revision)


def _typed(form: Form, name: str) -> Any:
    if name in CHOICES:
        return [choice for choice in CHOICES[name] if form.get(f"{name}.{choice}")]
    text = form.get(name, "").strip()
    if name in KIND_OF_LIST:
        return [line.strip() for line in text.splitlines() if line.strip()]
    if name.endswith(("Minutes", "Days")):
        return int(text) if text.isdecimal() and len(text) < 10 else (text or None)
    if name.endswith(("Rotation", "Webhook")):
        return bool(text)
    return text or None


def _revision(form: Form) -> int | None:
    text = form.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 16 else None


async def add(desk: Desk) -> Response:
    """Add one entry to one list."""
    form = await desk.form()
    field, entry = form.get("list", ""), form.get("entry", "").strip()
    change = change_of(desk)
    try:
        await desk.write(_edit, desk, clients.add_entry, _known_list(field), entry, change)
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await show(desk, error=_renamed(error, {field: f"add-{field}"}), added={field: entry})
    return _back(desk, change.id)


async def remove(desk: Desk) -> Response:
    """Remove one entry from one list."""
    form = await desk.form()
    change = change_of(desk)
    await desk.write(_edit, desk, clients.remove_entry, _known_list(form.get("list", "")), form.get("entry", ""), change)
    return _back(desk, change.id)


def _edit(tx: Tx, desk: Desk, edit: Any, field: str, entry: str, change: Any) -> None:
    client, site = sites.require_client(tx, find(tx, desk).id)
    edit(tx, client=client, site=site, field=field, entry=entry, change=change)


def _known_list(field: str) -> str:
    if field not in KIND_OF_LIST:
        raise AppError(Kind.NOT_FOUND, "NOT_FOUND", "A client has no such list.")
    return field


async def delete(desk: Desk) -> Response:
    """Delete the client; its name has to be typed."""
    form = await desk.form()
    client = await desk.read(find, desk)
    if form.get("word", "").strip() != client.name:
        text = f"Nothing was deleted: type the client's name, {client.name}, to confirm"
        return await show(desk, error=AppError(Kind.INVALID, "WORD_MISSING", text, violations=[Violation("word", text)]))
    change = change_of(desk)
    subject = await desk.write(delete_client, client=client, change=change)
    desk.services.web.revocations.add(subject, desk.now)
    return desk.go(desk.here.slug, "settings", saved=change.id)


def _back(desk: Desk, entry_id: str) -> Response:
    return desk.go(desk.here.slug, "settings", "clients", desk.place("client"), saved=entry_id)


def _renamed(error: AppError, names: Mapping[str, str]) -> AppError:
    violations = [
        Violation(names.get(one.field.split("[", 1)[0], one.field), one.description, one.rule, one.data) for one in error.violations
    ]
    return AppError(error.kind, error.code, error.description, violations=violations)


_HERE = "/{site}/settings/clients"
PAGES = (
    DeskPage(f"{_HERE}/new", new),
    DeskPage(f"{_HERE}/new", create, ("POST",)),
    DeskPage(f"{_HERE}/{{client}}", show),
    DeskPage(f"{_HERE}/{{client}}/add", add, ("POST",)),
    DeskPage(f"{_HERE}/{{client}}/remove", remove, ("POST",)),
    DeskPage(f"{_HERE}/{{client}}/delete", delete, ("POST",)),
    DeskPage(f"{_HERE}/{{client}}/{{section}}", save, ("POST",)),
)
