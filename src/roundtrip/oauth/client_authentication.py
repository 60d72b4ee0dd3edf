"""Which client a request is from, and how it proved it (RFC 6749 2.3.1): its id alone, `Authorization: Basic`, or a secret in the body.

Not Authlib's: that one does not undo the form encoding of the two halves of `Basic`, and keeps secrets in the clear (decision record 0030).
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import unquote_plus

from roundtrip.oauth.errors import refuse
from roundtrip.sites import client_secrets
from roundtrip.sites import store as sites
from roundtrip.sites.model import AuthMethod, Client
from roundtrip.storage.database import Tx

_BASIC = "basic "


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request shows of its client: the id, perhaps a secret, and which way they came."""

    client_id: str | None
    secret: str | None
    method: AuthMethod

    def __repr__(self) -> str:
        return f"Credentials({self.client_id}, {self.method})"


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A client that is who it says. `secret_id` is None when it showed no secret, which only public clients may."""

    client: Client
    secret_id: str | None


def is_basic(authorization: str | None) -> bool:
    """True for `Authorization: Basic`; other kinds are not about the client."""
    return authorization is not None and authorization[: len(_BASIC)].lower() == _BASIC


def credentials(given: Mapping[str, str], authorization: str | None) -> Credentials:
    """Read a request's parameters and its `Authorization` header.

    Raises `invalid_request` when the two disagree or a secret comes both ways, `invalid_client` for a header that cannot be read.
    """
    client_id, secret = given.get("client_id") or None, given.get("client_secret") or None
    if not is_basic(authorization):
        return Credentials(client_id, secret, "client_secret_post" if secret else "none")
    basic_id, basic_secret = _read_basic((authorization or "")[len(_BASIC) :])
    if secret is not None:
        raise refuse("invalid_request", "The client's secret came in the Authorization header and in the body; send it once")
    if client_id is not None and client_id != basic_id:
        raise refuse("invalid_request", "client_id differs from the one in the Authorization header")
    return Credentials(basic_id, basic_secret, "client_secret_basic")


def authenticate(tx: Tx, shown: Credentials, now: int) -> Authenticated:
    """The client behind what a request shows. Raises `invalid_client` (RFC 6749 5.2).

    A public client needs no secret, but one that it shows has to be right. Any other client shows its secret in the one way that is set
    for it. During a rotation two secrets are right.
    """
    if shown.client_id is None:
        raise refuse("invalid_client", "The request names no client; send clientId, or Authorization: Basic")
    found = sites.client_and_site(tx, shown.client_id.lower())
    if found is None:
        raise refuse("invalid_client", "clientId is not one of a client of this server")
    client = found[0]
    if shown.secret is None:
        if not client.tokens.is_public:
            _refuse_method(client, shown)
        return Authenticated(client, None)
    if not client.tokens.is_public and shown.method != client.tokens.auth_method:
        _refuse_method(client, shown)
    secret_id = client_secrets.recognise(tx, client.id, shown.secret, now)
    if secret_id is None:
        raise refuse("invalid_client", "The client's secret is wrong, or it has been replaced")
    return Authenticated(client, secret_id)


def _refuse_method(client: Client, shown: Credentials) -> NoReturn:
    raise refuse("invalid_client", f"This client authenticates with {client.tokens.auth_method}; the request came with {shown.method}")


def _read_basic(encoded: str) -> tuple[str, str]:
    try:
        client_id, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise refuse("invalid_client", "The Authorization header is not readable as Basic") from error
    if not colon:
        raise refuse("invalid_client", "The Authorization header has no colon between the client's id and its secret")
    return unquote_plus(client_id), unquote_plus(secret)
