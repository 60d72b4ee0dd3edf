"""The grants that browsers' clients use: a new visitor, a code, and renewing what they got."""

# mypy: disable-error-code="misc, import-untyped, no-any-return, untyped-decorator"

from __future__ import annotations

from authlib.oauth2.rfc6749 import BaseGrant, TokenEndpointMixin
from authlib.oauth2.rfc6749 import grants as standard

from roundtrip.core.secrets import hash_secret
from roundtrip.members import actions as members
from roundtrip.members.model import Member
from roundtrip.oauth import client_authentication, grants, pkce, store
from roundtrip.oauth.authorize import CODE_PURPOSE
from roundtrip.oauth.errors import refuse
from roundtrip.oauth.id_token import id_token
from roundtrip.oauth.model import OFFLINE_ACCESS, OPENID, AuthorizationCode, Grant
from roundtrip.oauth.token_server import FamilyEndedError, TokenClient, TokenContext, Tokens, tokens_of
from roundtrip.sites.model import Client
from roundtrip.storage.database import Tx

CODE_REUSED = "code was used before; the tokens that were made from it are revoked"
REFRESH_TOKEN_REUSED = "refreshToken was replaced before; all tokens of this login at this client are revoked, so log in again"  # noqa: S105  a sentence


class AnonymousGrant(BaseGrant, TokenEndpointMixin):
    """Our extension grant (RFC 6749 4.5): whoever names a client becomes a new visitor of its site."""

    GRANT_TYPE = "anonymous"

    def validate_token_request(self) -> None:
        self.request.client = self.authenticate_token_endpoint_client()
        self.request.client.require_grant_type(self.GRANT_TYPE)

    def create_token_response(self) -> tuple[int, Tokens, object]:
        context: TokenContext = self.server.context
        client: Client = self.request.client.client
        token = grants.refresh_token(context.grant_id, context.refresh_secret)
        grant = grants.visitor_grant(
            self.server.tx, client=client, visitor_id=context.visitor_id, grant_id=context.grant_id, token=token, now=context.now
        )
        return 200, tokens_of(context, client, grant, token), self.TOKEN_RESPONSE_HEADER


class RefreshTokenGrant(standard.RefreshTokenGrant):
    """RFC 6749 6. Rotates for clients that ask for it; the official SDK keeps its first refresh token for good (records 0013, 0032)."""

    def authenticate_token_endpoint_client(self) -> TokenClient:
        if self.request.payload.client_id or client_authentication.is_basic(self.server.authorization):
            return super().authenticate_token_endpoint_client()
        # One SDK strategy sends no client id; the refresh token is bound to one anyway.
        grant = grants.named(self.server.tx, self.request.form.get("refresh_token", ""))
        client: TokenClient | None = self.server.query_client(grant.client_id) if grant else None
        if client is None:
            raise refuse("invalid_grant", "refreshToken is not one that this server has given out")
        if not client.client.tokens.is_public:
            raise refuse(
                "invalid_client", f"This client authenticates with {client.client.tokens.auth_method}; the request names no client"
            )
        return client

    def authenticate_refresh_token(self, refresh_token: str) -> _RefreshToken:
        tx, now = self.server.tx, self.server.context.now
        client: Client = self.request.client.client
        grant = grants.named(tx, refresh_token)
        if grant is None or grant.client_id != client.id:
            raise refuse("invalid_grant", "refreshToken is not one that this server has given out to this client")
        is_current = grants.is_current(grant, refresh_token)
        is_repeated = not is_current and client.tokens.refresh_token_rotation and grants.was_just_replaced(grant, refresh_token, now)
        if not is_current and not is_repeated:
            if client.tokens.refresh_token_rotation and grant.revoked_at is None:
                raise FamilyEndedError(grant.id, REFRESH_TOKEN_REUSED)
            raise refuse("invalid_grant", "refreshToken is not one that this server has given out to this client")
        reason = grants.why_unusable(tx, grant, now)
        if reason:
            raise refuse("invalid_grant", f"refreshToken {reason}; log in again")
        return _RefreshToken(grant, refresh_token, is_repeated)

    def authenticate_user(self, refresh_token: _RefreshToken) -> object:
        return refresh_token.grant.caller

    def issue_token(self, user: object, refresh_token: _RefreshToken) -> Tokens:
        """A new access token, and the same refresh token for clients that do not rotate: many store whatever they get."""
        context: TokenContext = self.server.context
        client: Client = self.request.client.client
        if not client.tokens.refresh_token_rotation:
            if not grants.slide(self.server.tx, client, refresh_token.grant, context.now):
                raise refuse("invalid_grant", "refreshToken was revoked; log in again")
            return tokens_of(context, client, refresh_token.grant, refresh_token.text)
        successor = grants.successor(refresh_token.grant, refresh_token.text, context.rotation_key)
        is_repeated = refresh_token.is_repeated or not self._rotate(client, refresh_token, successor)
        tokens = tokens_of(context, client, refresh_token.grant, successor)
        return Tokens(tokens, is_repeated=is_repeated)

    def _rotate(self, client: Client, refresh_token: _RefreshToken, successor: str) -> bool:
        """True for the one request that replaced the token; False for those that lost the race by a moment. Raises when the grant died."""
        tx, now = self.server.tx, self.server.context.now
        if grants.rotate(tx, client, refresh_token.grant, successor, now):
            return True
        meanwhile = grants.named(tx, refresh_token.text)
        if meanwhile is None or not meanwhile.is_alive(now) or not grants.was_just_replaced(meanwhile, refresh_token.text, now):
            raise refuse("invalid_grant", "refreshToken was revoked; log in again")
        return False

    def revoke_old_credential(self, refresh_token: _RefreshToken) -> None:
        """Done already, together with giving out the new one."""


class _RefreshToken:
    """A refresh token in Authlib's words. `is_repeated`: it was replaced a moment ago, and whoever sends it has not seen its successor."""

    def __init__(self, grant: Grant, text: str, is_repeated: bool) -> None:
        self.grant = grant
        self.text = text
        self.is_repeated = is_repeated

    def check_client(self, client: TokenClient) -> bool:
        return self.grant.client_id == client.client.id

    def get_scope(self) -> str:
        return self.grant.scope


class AuthorizationCodeGrant(standard.AuthorizationCodeGrant):
    """RFC 6749 4.1.3 with PKCE (`pkce.py`). The code is spent by one conditional update before anything is made from it."""

    def query_authorization_code(self, code: str, client: TokenClient) -> AuthorizationCode:
        found = store.code(self.server.tx, hash_secret(CODE_PURPOSE, code))
        if found is None or found.client_id != client.client.id:
            raise refuse("invalid_grant", "code is not one that this server has given out to this client")
        if found.used_at is not None:
            raise FamilyEndedError(found.grant_id, CODE_REUSED)
        if self.server.context.now >= found.expires_at:
            raise refuse("invalid_grant", "code has expired; it is valid for 60 seconds")
        return found

    def validate_token_request(self) -> None:
        super().validate_token_request()
        code: AuthorizationCode = self.request.authorization_code
        if code.redirect_uri is None and self.request.payload.redirect_uri:
            raise refuse("invalid_grant", "redirectUri was sent, but the authorization had none")
        pkce.check_verifier(self.request.form.get("code_verifier"), code.code_challenge, code.code_challenge_method)

    def create_token_response(self) -> tuple[int, Tokens, object]:
        context: TokenContext = self.server.context
        tx: Tx = self.server.tx
        code: AuthorizationCode = self.request.authorization_code
        if not store.use_code(tx, code.code_hash, context.grant_id, context.now):
            raced = store.code(tx, code.code_hash)
            raise FamilyEndedError(raced.grant_id if raced else None, CODE_REUSED)
        client: Client = self.request.client.client
        may_renew = OFFLINE_ACCESS in code.scope.split() and self.request.client.check_grant_type("refresh_token")
        token = grants.refresh_token(context.grant_id, context.refresh_secret) if may_renew else None
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
        tokens = tokens_of(context, client, grant, token)
        if OPENID in code.scope.split():
            tokens["id_token"] = self._id_token(code, client, tokens["access_token"])
        return 200, tokens, self.TOKEN_RESPONSE_HEADER

    def _id_token(self, code: AuthorizationCode, client: Client, access_token: str) -> str:
        context: TokenContext = self.server.context
        member: Member | None = members.member(self.server.tx, client.site_id, code.member_id)
        login = members.login(self.server.tx, code.login_id) if code.login_id else None
        assert member is not None  # why_unusable has just found it
        return id_token(
            context.key_ring,
            alg=client.tokens.id_token_alg,
            issuer=context.issuer,
            client_id=client.id,
            member=member,
            login_id=code.login_id,
            scope=code.scope,
            nonce=code.nonce,
            access_token=access_token,
            auth_time=login.created_at if login else code.created_at,
            now=context.now,
        )
