"""Authlib's authorization server, filled in for our grants: what the token endpoint checks and in which order is Authlib's.

One server lives for one exchange, because Authlib asks it for clients and tokens without handing the request along, and both belong to
one transaction. Reading parameters and giving answers is `token.py`.
"""

# Authlib has no types; everything that touches it is in this file.
# mypy: disable-error-code="misc, import-untyped, no-any-return, untyped-decorator"

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from authlib.oauth2 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import BaseGrant, ClientMixin, TokenEndpointMixin
from authlib.oauth2.rfc6749 import grants as standard
from authlib.oauth2.rfc6749.errors import InsecureTransportError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from roundtrip.core.clock import SECOND
from roundtrip.core.secrets import hash_secret
from roundtrip.members import actions as members
from roundtrip.members.model import Member
from roundtrip.oauth import grants, pkce, store
from roundtrip.oauth.access_token import AccessTokens
from roundtrip.oauth.authorize import CODE_PURPOSE
from roundtrip.oauth.errors import plain, refuse
from roundtrip.oauth.id_token import id_token
from roundtrip.oauth.keys import KeyRing
from roundtrip.oauth.model import ACCESS_TOKEN_LIFE, OFFLINE_ACCESS, OPENID, AuthorizationCode, Grant
from roundtrip.sites import store as sites
from roundtrip.sites.model import Client
from roundtrip.storage.database import Tx


@dataclass(frozen=True, slots=True)
class TokenContext:
    """What an exchange needs besides its parameters; see `token.context`. The random values are made before the transaction."""

    now: int
    issuer: str
    access_tokens: AccessTokens
    key_ring: KeyRing
    grant_id: str
    visitor_id: str
    refresh_secret: str


class CodeReusedError(Exception):
    """Somebody came with a code that was used before (AUT-04). `grant_id` is what was made from it."""

    def __init__(self, grant_id: str | None) -> None:
        super().__init__(grant_id)
        self.grant_id = grant_id


class TokenServer(AuthorizationServer):
    """Authlib's server for exactly one exchange inside `tx`."""

    def __init__(self, tx: Tx, context: TokenContext) -> None:
        super().__init__()
        self.tx = tx
        self.context = context
        # In the order of their frequency: Authlib asks each in turn.
        for grant in (AnonymousGrant, RefreshTokenGrant, AuthorizationCodeGrant):
            self.register_grant(grant)

    def query_client(self, client_id: str) -> PublicClient | None:
        client = sites.client(self.tx, client_id)
        return PublicClient(client) if client else None

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


class PublicClient(ClientMixin):
    """A client in Authlib's words: without a secret, with every grant that is registered (issue by issue)."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "none"

    def check_grant_type(self, grant_type: str) -> bool:
        return True


class _Request(OAuth2Request):
    def __init__(self, issuer: str, params: Mapping[str, str]) -> None:
        # Authlib wants the address of the request and refuses http off loopback; ours is derived from the configured base URL, because
        # the one that arrived may have been rewritten by a proxy.
        super().__init__("POST", f"{issuer}/oauth2/token")
        self.payload = BasicOAuth2Payload(params)

    @property
    def form(self) -> Mapping[str, str]:
        return self.payload.data


class _Tokens(dict[str, Any]):
    """An answer that does not show its secrets: Authlib writes it to its debug log."""

    def __repr__(self) -> str:
        return "<tokens>"


def _tokens(context: TokenContext, grant: Grant, refresh_token: str | None) -> _Tokens:
    access_token = context.access_tokens.issue(grant.caller, context.now)
    tokens = _Tokens(access_token=access_token, expires_in=ACCESS_TOKEN_LIFE // SECOND, scope=grant.scope)
    if refresh_token is not None:
        tokens["refresh_token"] = refresh_token
    return tokens


class AnonymousGrant(BaseGrant, TokenEndpointMixin):
    """Our extension grant (RFC 6749 4.5): whoever names a client becomes a new visitor of its site."""

    GRANT_TYPE = "anonymous"
    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def validate_token_request(self) -> None:
        self.request.client = self.authenticate_token_endpoint_client()

    def create_token_response(self) -> tuple[int, _Tokens, object]:
        context: TokenContext = self.server.context
        token = grants.refresh_token(context.grant_id, context.refresh_secret)
        grant = grants.visitor_grant(
            self.server.tx,
            client=self.request.client.client,
            visitor_id=context.visitor_id,
            grant_id=context.grant_id,
            token=token,
            now=context.now,
        )
        return 200, _tokens(context, grant, token), self.TOKEN_RESPONSE_HEADER


class RefreshTokenGrant(standard.RefreshTokenGrant):
    """RFC 6749 6, without rotation: the official SDK keeps its first refresh token for good (decision record 0013)."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def authenticate_token_endpoint_client(self) -> PublicClient:
        if self.request.payload.client_id:
            return super().authenticate_token_endpoint_client()
        # One SDK strategy sends no client id; the refresh token is bound to one anyway.
        grant = grants.find(self.server.tx, self.request.form.get("refresh_token", ""))
        client = self.server.query_client(grant.client_id) if grant else None
        if client is None:
            raise refuse("invalid_grant", "refreshToken is not one that this server has given out")
        return client

    def authenticate_refresh_token(self, refresh_token: str) -> _RefreshToken:
        context: TokenContext = self.server.context
        grant = grants.find(self.server.tx, refresh_token)
        if grant is None or grant.client_id != self.request.client.client.id:
            raise refuse("invalid_grant", "refreshToken is not one that this server has given out to this client")
        reason = grants.why_unusable(self.server.tx, grant, context.now)
        if reason:
            raise refuse("invalid_grant", f"refreshToken {reason}; log in again")
        return _RefreshToken(grant)

    def authenticate_user(self, refresh_token: _RefreshToken) -> object:
        return refresh_token.grant.caller

    def issue_token(self, user: object, refresh_token: _RefreshToken) -> _Tokens:
        # The same refresh token is sent back, since OAuth clients that store what they get would otherwise keep nothing.
        return _tokens(self.server.context, refresh_token.grant, self.request.form["refresh_token"])

    def revoke_old_credential(self, refresh_token: _RefreshToken) -> None:
        if not grants.slide(self.server.tx, refresh_token.grant, self.server.context.now):
            raise refuse("invalid_grant", "refreshToken was revoked; log in again")


class _RefreshToken:
    """A refresh token in Authlib's words."""

    def __init__(self, grant: Grant) -> None:
        self.grant = grant

    def check_client(self, client: PublicClient) -> bool:
        return self.grant.client_id == client.client.id

    def get_scope(self) -> str:
        return self.grant.scope


class AuthorizationCodeGrant(standard.AuthorizationCodeGrant):
    """RFC 6749 4.1.3 with PKCE (`pkce.py`). The code is spent by one conditional update before anything is made from it."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def query_authorization_code(self, code: str, client: PublicClient) -> AuthorizationCode:
        found = store.code(self.server.tx, hash_secret(CODE_PURPOSE, code))
        if found is None or found.client_id != client.client.id:
            raise refuse("invalid_grant", "code is not one that this server has given out to this client")
        if found.used_at is not None:
            raise CodeReusedError(found.grant_id)
        if self.server.context.now >= found.expires_at:
            raise refuse("invalid_grant", "code has expired; it is valid for 60 seconds")
        return found

    def validate_token_request(self) -> None:
        super().validate_token_request()
        code: AuthorizationCode = self.request.authorization_code
        if code.redirect_uri is None and self.request.payload.redirect_uri:
            raise refuse("invalid_grant", "redirectUri was sent, but the authorization had none")
        pkce.check_verifier(self.request.form.get("code_verifier"), code.code_challenge, code.code_challenge_method)

    def create_token_response(self) -> tuple[int, _Tokens, object]:
        context: TokenContext = self.server.context
        tx: Tx = self.server.tx
        code: AuthorizationCode = self.request.authorization_code
        if not store.use_code(tx, code.code_hash, context.grant_id, context.now):
            raced = store.code(tx, code.code_hash)
            raise CodeReusedError(raced.grant_id if raced else None)
        client: Client = self.request.client.client
        token = grants.refresh_token(context.grant_id, context.refresh_secret) if OFFLINE_ACCESS in code.scope.split() else None
        grant = grants.member_grant(
            tx,
            client=client,
            member_id=code.member_id,
            login_id=code.login_id,
            scope=code.scope,
            grant_id=context.grant_id,
            token=token,
            now=context.now,
        )
        reason = grants.why_unusable(tx, grant, context.now)
        if reason:
            raise refuse("invalid_grant", f"code {reason}; log in again")
        tokens = _tokens(context, grant, token)
        if OPENID in code.scope.split():
            tokens["id_token"] = self._id_token(code, client)
        return 200, tokens, self.TOKEN_RESPONSE_HEADER

    def _id_token(self, code: AuthorizationCode, client: Client) -> str:
        context: TokenContext = self.server.context
        member: Member | None = members.member(self.server.tx, client.site_id, code.member_id)
        login = members.login(self.server.tx, code.login_id) if code.login_id else None
        assert member is not None  # why_unusable has just found it
        return id_token(
            context.key_ring,
            issuer=context.issuer,
            client_id=client.id,
            member=member,
            scope=code.scope,
            nonce=code.nonce,
            auth_time=login.created_at if login else code.created_at,
            now=context.now,
        )
