"""Secrets of a client, and API keys: shown once, told apart by their last characters, ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from roundtrip.core.errors import AppError
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import new_secret
from roundtrip.sites import actions as sites
from roundtrip.sites import client_secrets
from roundtrip.sites import store as site_store
from roundtrip.sites.change import Change
from roundtrip.sites.client_secrets import Others
from roundtrip.sites.model import ClientSecret, KeyRecord
from roundtrip.sites.permissions import EVERYTHING, PERMISSIONS, TOPICS
from roundtrip.storage.database import Tx
from roundtrip.web.dashboard.desk import Desk, DeskPage, errors_of, is_for_the_form
from roundtrip.web.dashboard.settings import change_of, page_of, saved
from roundtrip.web.dashboard.settings_client import find
from roundtrip.web.dashboard.settings_client import show as show_client

KEY_PREFIX = "IST."


async def add_secret(desk: Desk) -> Response:
    """Make a secret, and show it this once."""
    form = await desk.form()
    wanted = form.get("others", "")
    others = Others(wanted) if wanted in tuple(Others) else Others.KEEP
    text = new_secret(client_secrets.PREFIX)
    try:
        await desk.write(_add_secret, desk, new_id(desk.now), text, others, change_of(desk))
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await show_client(desk, error=error)
    return await show_client(desk, secret=text)


def _add_secret(tx: Tx, desk: Desk, secret_id: str, text: str, others: Others, change: Change) -> ClientSecret:
    return client_secrets.add(tx, client=find(tx, desk), secret_id=secret_id, secret=text, others=others, change=change)


async def end_secret(desk: Desk) -> Response:
    """End a secret now."""
    form = await desk.form()
    change = change_of(desk)
    await desk.write(_end_secret, desk, form.get("secret", ""), change)
    return desk.go(desk.here.slug, "settings", "clients", desk.place("client"), saved=change.id)


def _end_secret(tx: Tx, desk: Desk, secret_id: str, change: Change) -> None:
    client_secrets.end(tx, client=find(tx, desk), secret_id=secret_id, change=change)


async def show_keys(desk: Desk, typed: Mapping[str, str] | None = None, error: AppError | None = None, key: str = "") -> Response:
    """The living keys, and the form for one more. A new one is shown once."""
    keys, done = await desk.read(_keys, desk)
    topics = {
        title: [(name, meaning) for name, meaning in PERMISSIONS.items() if TOPICS[name.partition(".")[0]] == title]
        for title in TOPICS.values()
    }
    view = {
        "site": desk.here,
        "tab": "keys",
        "living": keys,
        "topics": topics.items(),
        "typed": typed or {},
        "key": key,
        "saved": done,
        "errors": errors_of(error) if error else [],
    }
    return page_of(desk, "desk_keys.html", view, error)


def _keys(tx: Tx, desk: Desk) -> tuple[list[KeyRecord], dict[str, Any] | None]:
    return site_store.keys_of_site(tx, desk.here.id), saved(tx, desk)


async def create_key(desk: Desk) -> Response:
    """Make a key."""
    form = await desk.form()
    permissions = tuple(name for name in (EVERYTHING, *PERMISSIONS) if form.get(f"may.{name}"))
    text, key_id = new_secret(KEY_PREFIX), new_id(desk.now)
    try:
        await desk.write(
            sites.create_api_key,
            site=desk.here,
            key_id=key_id,
            key=text,
            name=form.get("name", ""),
            permissions=permissions,
            now=desk.now,
            change=change_of(desk),
        )
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await show_keys(desk, form, error)
    return await show_keys(desk, key=text)


async def revoke_key(desk: Desk) -> Response:
    """End a key at once."""
    form = await desk.form()
    change = change_of(desk)
    await desk.write(sites.revoke_api_key, site_id=desk.here.id, key_id=form.get("key", ""), change=change)
    return desk.go(desk.here.slug, "settings", "keys", saved=change.id)


_CLIENT = "/{site}/settings/clients/{client}"
PAGES = (
    DeskPage(f"{_CLIENT}/secrets", add_secret, ("POST",)),
    DeskPage(f"{_CLIENT}/end-secret", end_secret, ("POST",)),
    DeskPage("/{site}/settings/keys", show_keys),
    DeskPage("/{site}/settings/keys", create_key, ("POST",)),
    DeskPage("/{site}/settings/keys/revoke", revoke_key, ("POST",)),
)
