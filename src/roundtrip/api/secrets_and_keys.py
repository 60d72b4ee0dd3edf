"""Secrets of clients, and API keys: made and shown once, listed by their last characters, ended (OPS-03)."""

from __future__ import annotations

from typing import Literal

from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.settings_calls import change_of, client_of, own_site
from roundtrip.api.wire import Empty, Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import new_secret
from roundtrip.sites import actions as sites
from roundtrip.sites import client_secrets, store
from roundtrip.sites.client_secrets import Others
from roundtrip.sites.model import ClientSecret, KeyRecord
from roundtrip.storage.database import Tx

KEY_PREFIX = "IST."


class NewSecret(Wire):
    """What becomes of the secrets that are there: they stay, live on for a day, or end now."""

    others: Literal["KEEP", "A_DAY", "END"] = "KEEP"


class SecretShown(Wire, omit_defaults=False):
    """A new secret, shown this once."""

    secret_id: str
    secret: str


class SecretView(Wire):
    """A secret that is good now. `expiresAt` is there when it was replaced."""

    secret_id: str
    hint: str
    created_date: str
    expires_at: str | None = None


class SecretList(Wire, omit_defaults=False):
    """The living secrets of a client, newest first."""

    secrets: list[SecretView]


async def add_secret(call: Call) -> SecretShown:
    """Make a secret."""
    text, secret_id = new_secret(client_secrets.PREFIX), new_id(call.now)
    await call.write(_add_secret, call, secret_id, text, new_id(call.now))
    return SecretShown(secret_id, text)


def _add_secret(tx: Tx, call: Call, secret_id: str, text: str, entry_id: str) -> ClientSecret:
    body: NewSecret = call.body
    client, _ = client_of(tx, call)
    return client_secrets.add(
        tx, client=client, secret_id=secret_id, secret=text, others=Others(body.others), change=change_of(tx, call, entry_id)
    )


async def list_secrets(call: Call) -> SecretList:
    """List the living secrets."""
    return SecretList([_secret(one) for one in await call.read(_secrets, call)])


def _secrets(tx: Tx, call: Call) -> list[ClientSecret]:
    client, _ = client_of(tx, call)
    return client_secrets.alive(tx, client.id, call.now)


def _secret(one: ClientSecret) -> SecretView:
    return SecretView(one.id, one.hint, rfc3339(one.created_at), rfc3339(one.expires_at) if one.expires_at is not None else None)


async def end_secret(call: Call) -> Empty:
    """End a secret now, and with it the tokens that the client got by it for itself."""
    await call.write(_end_secret, call, new_id(call.now))
    return Empty()


def _end_secret(tx: Tx, call: Call, entry_id: str) -> None:
    client, _ = client_of(tx, call)
    client_secrets.end(tx, client=client, secret_id=call.path_params["secretId"], change=change_of(tx, call, entry_id))


class NewKey(Wire):
    """A key and what it may do; no more than the key that makes it."""

    name: str
    permissions: list[str]


class KeyShown(Wire, omit_defaults=False):
    """A new key, shown this once."""

    key_id: str
    key: str
    permissions: list[str]


class KeyView(Wire, omit_defaults=False):
    """A living key."""

    key_id: str
    name: str
    permissions: list[str]
    hint: str
    created_date: str


class KeyList(Wire, omit_defaults=False):
    """The living keys of a site, newest first."""

    keys: list[KeyView]


async def create_key(call: Call) -> KeyShown:
    """Make a key."""
    text, key_id = new_secret(KEY_PREFIX), new_id(call.now)
    return KeyShown(key_id, text, list(await call.write(_create_key, call, key_id, text, new_id(call.now))))


def _create_key(tx: Tx, call: Call, key_id: str, text: str, entry_id: str) -> tuple[str, ...]:
    body: NewKey = call.body
    return sites.create_api_key(
        tx,
        site=own_site(tx, call),
        key_id=key_id,
        key=text,
        name=body.name,
        permissions=tuple(body.permissions),
        now=call.now,
        change=change_of(tx, call, entry_id),
    )


async def list_keys(call: Call) -> KeyList:
    """List the living keys."""
    return KeyList([_key(one) for one in await call.read(store.keys_of_site, call.site_id)])


def _key(one: KeyRecord) -> KeyView:
    return KeyView(one.id, one.name, list(one.permissions), one.hint, rfc3339(one.created_at))


async def revoke_key(call: Call) -> Empty:
    """End a key now, on every node."""
    await call.write(_revoke_key, call, new_id(call.now))
    return Empty()


def _revoke_key(tx: Tx, call: Call, entry_id: str) -> None:
    change = change_of(tx, call, entry_id)
    sites.revoke_api_key(tx, site_id=own_site(tx, call).id, key_id=call.path_params["id"], change=change)


_SECRETS = "/api/v1/clients/{id}/secrets"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="AddClientSecret",
        method="POST",
        paths=(_SECRETS,),
        summary="Make a secret for a client; it is in the answer this once.",
        run=add_secret,
        permission="oauth_app.manage",
        callers=KEYS,
        request=NewSecret,
        response=SecretShown,
        example={"others": "A_DAY"},
        errors=("CLIENT_NOT_FOUND", "TOO_MANY_SECRETS", "PERMISSION_TOO_WIDE"),
    ),
    Operation(
        name="ListClientSecrets",
        method="GET",
        paths=(_SECRETS,),
        summary="List the living secrets of a client by their last four characters.",
        run=list_secrets,
        permission="oauth_app.manage",
        callers=KEYS,
        response=SecretList,
        errors=("CLIENT_NOT_FOUND",),
    ),
    Operation(
        name="EndClientSecret",
        method="DELETE",
        paths=(f"{_SECRETS}/{{secretId}}",),
        summary="End a secret of a client now.",
        run=end_secret,
        permission="oauth_app.manage",
        callers=KEYS,
        response=Empty,
        errors=("CLIENT_NOT_FOUND", "SECRET_NOT_FOUND"),
    ),
    Operation(
        name="CreateApiKey",
        method="POST",
        paths=("/api/v1/keys",),
        summary="Make an API key with no more rights than the calling one; it is in the answer this once.",
        run=create_key,
        permission="key.manage",
        callers=KEYS,
        request=NewKey,
        response=KeyShown,
        example={"name": "Reports", "permissions": ["redirect_session.read"]},
        errors=("PERMISSION_TOO_WIDE",),
    ),
    Operation(
        name="ListApiKeys",
        method="GET",
        paths=("/api/v1/keys",),
        summary="List the living API keys of a site by their last four characters.",
        run=list_keys,
        permission="key.manage",
        callers=KEYS,
        response=KeyList,
    ),
    Operation(
        name="RevokeApiKey",
        method="DELETE",
        paths=("/api/v1/keys/{id}",),
        summary="End an API key now, on every node.",
        run=revoke_key,
        permission="key.manage",
        callers=KEYS,
        response=Empty,
        errors=("KEY_NOT_FOUND",),
    ),
)
