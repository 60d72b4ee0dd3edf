"""The OAuth Apps API: clients of a site, for the owner's own server code. The rules are in `sites/`; what is said on the wire is here."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import msgspec

from roundtrip.api.oauth_apps_wire import (
    CreateOAuthApp,
    OAuthAppAnswer,
    OAuthAppPage,
    PagingMetadata,
    Query,
    QueryOAuthApps,
    UpdateOAuthApp,
    in_body,
    masked_fields,
    revision_of,
    sent_fields,
    shown,
)
from roundtrip.api.operation import KEYS, Answer, Call, Operation
from roundtrip.api.query_calls import Paging, paths_of
from roundtrip.api.settings_calls import change_of, client_of, own_site
from roundtrip.api.wire import Empty, Wire
from roundtrip.core.errors import AppError, invalid_field
from roundtrip.core.ids import new_id
from roundtrip.sites import actions as sites
from roundtrip.sites import clients, store
from roundtrip.sites.client_fields import KIND_OF_LIST
from roundtrip.sites.entries import check_entry
from roundtrip.sites.model import Client, Site
from roundtrip.storage.database import Tx
from roundtrip.workflows.delete_client import delete_client

NOTHING_CHANGED = b"Nothing was changed: mask.paths names no field. List there the fields of oAuthApp that are to be set."


async def create(call: Call) -> OAuthAppAnswer:
    """Make a client. Without token settings it gets those of a site that uses the SDK."""
    return OAuthAppAnswer(shown(await call.write(_create, call, new_id(call.now), new_id(call.now))))


def _create(tx: Tx, call: Call, client_id: str, entry_id: str) -> Client:
    body: CreateOAuthApp = call.body
    fields = sent_fields(body.o_auth_app)
    change = change_of(tx, call, entry_id)
    try:
        return sites.create_client(
            tx, site=own_site(tx, call), client_id=client_id, name="", now=call.now, change=change, fields={"name": None, **fields}
        )
    except AppError as error:
        raise in_body(error) from error


async def get(call: Call) -> OAuthAppAnswer:
    """Read one client. Its secrets can't be read."""
    return OAuthAppAnswer(shown((await call.read(client_of, call))[0]))


async def query(call: Call) -> OAuthAppPage:
    """List the clients of the key's site, oldest first."""
    body: QueryOAuthApps = call.body
    wanted = body.query or Query()
    paging = wanted.paging or Paging()
    paging.check()
    fits = _filter(wanted.filter or {})
    found = [client for client in await call.read(store.clients_of_site, call.site_id) if fits(client)]
    part = found[paging.offset : paging.offset + paging.limit]
    metadata = PagingMetadata(len(part), paging.offset, len(found), paging.offset + len(part) < len(found))
    return OAuthAppPage([shown(client) for client in part], metadata)


def _is_one_of(name: str, texts: Collection[object]) -> Callable[[Client], bool]:
    return lambda client: getattr(client, name) in texts


def _is_named_like(start: str) -> Callable[[Client], bool]:
    return lambda client: client.name.startswith(start)


def _filter(wanted: dict[str, Any]) -> Callable[[Client], bool]:
    checks: list[Callable[[Client], bool]] = []
    for name, value in wanted.items():
        field = f"query.filter.{name}"
        if name not in ("id", "name"):
            raise invalid_field(field, "is not a field that can be filtered by; id and name are", "INVALID_ENUM_VALUE")
        match value:
            case str():
                checks.append(_is_one_of(name, (value,)))
            case {"$in": [*texts]} if len(value) == 1:
                checks.append(_is_one_of(name, texts))
            case {"$startsWith": str(start)} if len(value) == 1 and name == "name":
                checks.append(_is_named_like(start))
            case _:
                raise invalid_field(field, 'must be a text, {"$in": [...]}, or for name {"$startsWith": "..."}', "FORMAT")
    return lambda client: all(check(client) for check in checks)


async def update(call: Call) -> Answer:
    """Set the masked fields of a client. Lists are replaced as a whole; without a mask nothing changes and a header says so."""
    body: UpdateOAuthApp = call.body
    paths = paths_of(body.mask)
    if not paths:
        client, _ = await call.read(client_of, call)
        return Answer(msgspec.json.encode(OAuthAppAnswer(shown(client))), headers=((b"x-roundtrip-notice", NOTHING_CHANGED),))
    return Answer(msgspec.json.encode(OAuthAppAnswer(shown(await call.write(_update, call, paths, new_id(call.now))))))


def _update(tx: Tx, call: Call, paths: list[str], entry_id: str) -> Client:
    body: UpdateOAuthApp = call.body
    fields, revision = masked_fields(body.o_auth_app, paths), revision_of(body.o_auth_app)
    client, site = client_of(tx, call)
    try:
        return clients.update(tx, client=client, site=site, fields=fields, change=change_of(tx, call, entry_id), revision=revision)
    except AppError as error:
        raise in_body(error) from error


async def delete(call: Call) -> Empty:
    """Delete a client. Its tokens end at once, on every node within a second."""
    call.services.revocations.add(await call.write(_delete, call, new_id(call.now)), call.now)
    return Empty()


def _delete(tx: Tx, call: Call, entry_id: str) -> str:
    client, _ = client_of(tx, call)
    return delete_client(tx, client=client, change=change_of(tx, call, entry_id))


class EntryBody(Wire):
    """One entry of one list."""

    list: str
    entry: str


class EntryAnswer(Wire, omit_defaults=False):
    """The client afterwards, and what its owner should know about the entry."""

    o_auth_app: dict[str, Any]
    notes: list[str]


async def add_entry(call: Call) -> EntryAnswer:
    """Add one entry to one list. It being there already is fine; two who add at once both succeed."""
    return await call.write(_edit_list, call, clients.add_entry, new_id(call.now))


async def remove_entry(call: Call) -> EntryAnswer:
    """Remove one entry from one list. It not being there is fine."""
    return await call.write(_edit_list, call, clients.remove_entry, new_id(call.now))


def _edit_list(tx: Tx, call: Call, edit: Callable[..., Client], entry_id: str) -> EntryAnswer:
    body: EntryBody = call.body
    if body.list not in KIND_OF_LIST:
        raise invalid_field("list", f"must be one of {', '.join(KIND_OF_LIST)} (received {body.list[:50]!r})", "INVALID_ENUM_VALUE")
    client, site = client_of(tx, call)
    changed = edit(tx, client=client, site=site, field=body.list, entry=body.entry, change=change_of(tx, call, entry_id))
    notes = _notes(body, site) if edit is clients.add_entry else []
    return EntryAnswer(shown(changed), notes)


def _notes(body: EntryBody, site: Site) -> list[str]:
    return list(check_entry(KIND_OF_LIST[body.list], body.entry, site.mode).notes)


PREFIXES = ("/oauth-app/v1/oauth-apps", "/v1/oauth-apps")
PERMISSION = "oauth_app.manage"
_EXAMPLE = {"name": "Shop", "allowedRedirectUris": ["https://shop.example/callback"], "allowedRedirectDomains": ["shop.example"]}


def _paths(rest: str = "") -> tuple[str, ...]:
    return tuple(prefix + rest for prefix in PREFIXES)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="CreateOAuthApp",
        method="POST",
        paths=_paths(),
        summary="Make a client.",
        run=create,
        permission=PERMISSION,
        callers=KEYS,
        request=CreateOAuthApp,
        response=OAuthAppAnswer,
        example={"oAuthApp": _EXAMPLE},
        errors=("PERMISSION_TOO_WIDE",),
    ),
    Operation(
        name="GetOAuthApp",
        method="GET",
        paths=_paths("/{id}"),
        summary="Read one client; its secrets can't be read.",
        run=get,
        permission=PERMISSION,
        callers=KEYS,
        response=OAuthAppAnswer,
        errors=("CLIENT_NOT_FOUND",),
    ),
    Operation(
        name="QueryOAuthApps",
        method="POST",
        paths=_paths("/query"),
        summary="List the clients of a site, oldest first.",
        run=query,
        permission=PERMISSION,
        callers=KEYS,
        request=QueryOAuthApps,
        response=OAuthAppPage,
        example={"query": {"filter": {"name": {"$startsWith": "Sh"}}, "paging": {"limit": 50, "offset": 0}}},
    ),
    Operation(
        name="UpdateOAuthApp",
        method="PATCH",
        paths=_paths("/{id}"),
        summary="Set the fields of a client that `mask.paths` names; without a mask nothing changes and `x-roundtrip-notice` says so.",
        run=update,
        permission=PERMISSION,
        callers=KEYS,
        request=UpdateOAuthApp,
        response=OAuthAppAnswer,
        example={"oAuthApp": {"allowedRedirectDomains": ["shop.example"]}, "mask": {"paths": ["allowedRedirectDomains"]}},
        errors=("CLIENT_NOT_FOUND", "REVISION_CHANGED", "PERMISSION_TOO_WIDE"),
    ),
    Operation(
        name="DeleteOAuthApp",
        method="DELETE",
        paths=_paths("/{id}"),
        summary="Delete a client; its tokens end at once.",
        run=delete,
        permission=PERMISSION,
        callers=KEYS,
        response=Empty,
        errors=("CLIENT_NOT_FOUND",),
    ),
    Operation(
        name="AddAllowListEntry",
        method="POST",
        paths=("/api/v1/clients/{id}/allow-list/add",),
        summary="Add one entry to one allow-list of a client.",
        run=add_entry,
        permission=PERMISSION,
        callers=KEYS,
        request=EntryBody,
        response=EntryAnswer,
        example={"list": "allowedRedirectUris", "entry": "https://shop.example/callback"},
        errors=("CLIENT_NOT_FOUND",),
    ),
    Operation(
        name="RemoveAllowListEntry",
        method="POST",
        paths=("/api/v1/clients/{id}/allow-list/remove",),
        summary="Remove one entry from one allow-list of a client.",
        run=remove_entry,
        permission=PERMISSION,
        callers=KEYS,
        request=EntryBody,
        response=EntryAnswer,
        example={"list": "allowedRedirectUris", "entry": "https://shop.example/callback"},
        errors=("CLIENT_NOT_FOUND",),
    ),
)
