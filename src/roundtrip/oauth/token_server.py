"""Authlib's authorization server, filled in for our grants: what the token endpoint checks and in which order is Authlib's.

One server lives for one exchange, because Authlib asks it for clients and tokens without handing the request along, and both belong to
one transaction. The grants are in `token_grants.py` and `server_grants.py`; reading parameters and giving answers is `token.py`.
"""

# Authlib has no types; what touches it is here and in the two files of grants.
# mypy: disable-error-code="misc, import-untyped, no-any-return, untyped-decorator"

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from authlib.oauth2 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.errors import InsecureTransportError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from roundtrip.core.clock import SECOND
from roundtrip.oauth import client_authentication
from roundtrip.oauth.access_token import AccessTokens, Holder
from roundtrip.oauth.client_authentication import Authenticated
from roundtrip.oauth.errors import plain, refuse
from roundtrip.oauth.keys import KeyRing
from roundtrip.oauth.model import Grant, access_token_life
from roundtrip.sites import store as sites
from roundtrip.sites.model import Client
from roundtrip.storage.database import Tx


@dataclass(frozen=True, slots=True)
class TokenContext:
    """What an exchange needs besides its parameters; see `token.context`. The random values are made before the transaction.

    `rotation_key` is what the next refresh token of a rotating client is derived with.
    """

    now: int
    issuer: str
    access_tokens: AccessTokens
    key_ring: KeyRing
    grant_id: str
    visitor_id: str
    refresh_secret: str
    rotation_key: bytes


class FamilyEndedError(Exception):
    """Somebody came with a secret that was used before (AUT-04, AUT-11). What was made from it, `grant_id`, has to end."""

    def __init__(self, grant_id: str | None, description: str) -> None:
        super().__init__(description)
        self.grant_id = grant_id
        self.description = description


class TokenServer(AuthorizationServer):
    """Authlib's server for exactly one exchange inside `tx`. `grants` in the order of their frequency: Authlib asks each in turn."""

    def __init__(self, tx: Tx, context: TokenContext, grants: Iterable[type], authorization: str | None) -> None:
        super().__init__()
        self.tx = tx
        self.context = context
        self.authorization = authorization
        for grant in grants:
            self.register_grant(grant)

    def authenticate_client(self, request: OAuth2Request, methods: object, endpoint: str = "token") -> TokenClient:
        shown = client_authentication.credentials(request.form, self.authorization)
        return TokenClient(client_authentication.authenticate(self.tx, shown, self.context.now))

    def query_client(self, client_id: str) -> TokenClient | None:
        found = sites.client_and_site(self.tx, client_id)
        return TokenClient(Authenticated(found[0], None)) if found else None

    def create_oauth2_request(self, request: Mapping[str, str]) -> OAuth2Request:
        try:
            return _Request(self.context.issuer, request)
        except InsecureTransportError as error:
            raise refuse("invalid_request", f"This server's address, {self.context.issuer}, must be https or on loopback") from error

    def handle_response(self, status: int, body: dict[str, Any], headers: object) -> dict[str, Any]:
        return body

    def handle_error_response(self, request: OAuth2Request, error: OAuth2Error) -> NoReturn:
        raise refuse(error.error, plain(error.get_error_description() or f"{error.error}: the request was refused")) from error

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def save_token(self, token: object, request: object) -> None:
        """Each grant keeps its own, together with what it is made from."""


class TokenClient(ClientMixin):
    """A client in Authlib's words, once it is known to be who it says."""

    def __init__(self, authenticated: Authenticated) -> None:
        self.client: Client = authenticated.client
        self.secret_id = authenticated.secret_id

    def check_grant_type(self, grant_type: str) -> bool:
        """AUT-01: the grants are listed per client."""
        return grant_type in self.client.tokens.grant_types

    def require_grant_type(self, grant_type: str) -> None:
        """The same for grants that Authlib does not ask for. Raises `unauthorized_client`."""
        if not self.check_grant_type(grant_type):
            listed = ", ".join(self.client.tokens.grant_types)
            raise refuse("unauthorized_client", f"This client may not use the grant {grant_type}; its grants are {listed}")


class _Request(OAuth2Request):
    def __init__(self, issuer: str, params: Mapping[str, str]) -> None:
        # Authlib wants the address of the request and refuses http off loopback; ours is derived from the configured base URL, because
        # the one that arrived may have been rewritten by a proxy.
        super().__init__("POST", f"{issuer}/oauth2/token")
        self.payload = BasicOAuth2Payload(params)

    @property
    def form(self) -> Mapping[str, str]:
        return self.payload.data


class Tokens(dict[str, Any]):
    """An answer that does not show its secrets: Authlib writes it to its debug log."""

    def __repr__(self) -> str:
        return "<tokens>"


def tokens_of(context: TokenContext, client: Client, grant: Grant, refresh_token: str | None) -> Tokens:
    """The answer for a grant (RFC 6749 5.1)."""
    return tokens_for(context, client, grant.caller, grant.scope, refresh_token)


def tokens_for(context: TokenContext, client: Client, caller: Holder, scope: str, refresh_token: str | None = None) -> Tokens:
    """The same for anybody who can hold a token."""
    life = access_token_life(client.tokens)
    access_token = context.access_tokens.issue(caller, context.now, life)
    tokens = Tokens(access_token=access_token, expires_in=life // SECOND, scope=scope)
    if refresh_token is not None:
        tokens["refresh_token"] = refresh_token
    return tokens
