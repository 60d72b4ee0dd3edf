"""The grants that server code of a site's owner uses: tokens for the client itself, and for a member that the owner vouches for."""

# mypy: disable-error-code="misc, import-untyped, no-any-return, untyped-decorator"

from __future__ import annotations

from dataclasses import dataclass

from authlib.oauth2.rfc6749 import BaseGrant, TokenEndpointMixin

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import App, Visitor
from roundtrip.core.secrets import hash_secret
from roundtrip.members import actions as members
from roundtrip.members.model import SESSION_TOKEN_PURPOSE
from roundtrip.oauth import grants, store
from roundtrip.oauth.client_authentication import Authenticated
from roundtrip.oauth.errors import refuse
from roundtrip.oauth.model import OFFLINE_ACCESS, known_scope
from roundtrip.oauth.token_server import TokenClient, TokenContext, Tokens, tokens_for, tokens_of
from roundtrip.sites import store as sites
from roundtrip.sites.actions import KEY_PURPOSE
from roundtrip.sites.model import Client
from roundtrip.storage.database import Tx

MEMBER_LOGIN = "member.login"
"""What an API key needs for vouching for a member."""


class ClientCredentialsGrant(BaseGrant, TokenEndpointMixin):
    """RFC 6749 4.4: the client acts for itself. Always by a secret, also where the client's other grants need none.

    Nothing is kept: the token names a grant of its own for revoking it, and the secret that it ends with (decision record 0031).
    """

    GRANT_TYPE = "client_credentials"

    def validate_token_request(self) -> None:
        client: TokenClient = self.authenticate_token_endpoint_client()
        if client.secret_id is None:
            raise refuse("invalid_client", "client_credentials needs the client's secret")
        client.require_grant_type(self.GRANT_TYPE)
        instance_id = self.request.form.get("instance_id")
        if instance_id is not None and instance_id.lower() != client.client.site_id:
            raise refuse("invalid_request", "instanceId is not the site of this client")
        self.request.client = client

    def create_token_response(self) -> tuple[int, Tokens, object]:
        context: TokenContext = self.server.context
        client: Client = self.request.client.client
        app = App(client.site_id, client.id, context.grant_id, frozenset(), self.request.client.secret_id)
        return 200, tokens_for(context, client, app, ""), self.TOKEN_RESPONSE_HEADER


@dataclass(frozen=True, slots=True)
class _VouchedFor:
    member_id: str
    login_id: str | None
    scope: str


class AuthorizedClientGrant(BaseGrant, TokenEndpointMixin):
    """An owner whose members log in elsewhere says who somebody is: `Authorization: <visitor token>,<API key>`.

    The visitor token names the client, the key stands for the owner. The member comes by id, or by a session token of the identity API.
    """

    GRANT_TYPE = "authorized_client"

    def validate_token_request(self) -> None:
        tx: Tx = self.server.tx
        visitor = self._visitor_of_an_owner()
        found = sites.client_and_site(tx, visitor.client_id)
        if found is None:
            raise refuse("invalid_client", "The client of the visitor token is gone")
        client = TokenClient(Authenticated(found[0], None))
        client.require_grant_type(self.GRANT_TYPE)
        self.request.client = client
        self.request.user = self._member(client.client)

    def create_token_response(self) -> tuple[int, Tokens, object]:
        context: TokenContext = self.server.context
        client: Client = self.request.client.client
        who: _VouchedFor = self.request.user
        may_renew = OFFLINE_ACCESS in who.scope.split() and self.request.client.check_grant_type("refresh_token")
        token = grants.refresh_token(context.grant_id, context.refresh_secret) if may_renew else None
        grant = grants.member_grant(
            self.server.tx,
            client=client,
            member_id=who.member_id,
            login_id=who.login_id,
            scope=who.scope,
            grant_id=context.grant_id,
            token=token,
            now=context.now,
        )
        reason = grants.why_unusable(self.server.tx, grant, context.now)
        if reason:
            raise refuse("invalid_grant", f"The grant {reason}")
        return 200, tokens_of(context, client, grant, token), self.TOKEN_RESPONSE_HEADER

    def _visitor_of_an_owner(self) -> Visitor:
        tx, context = self.server.tx, self.server.context
        visitor_token, comma, key_text = (self.server.authorization or "").partition(",")
        if not comma:
            raise refuse("invalid_client", "authorized_client needs the header Authorization: <visitor token>,<API key>")
        try:
            visitor = context.access_tokens.verify(visitor_token.strip(), context.now)
        except AppError as error:
            raise refuse("invalid_client", error.description) from error
        grant = store.grant(tx, visitor.grant_id)
        if not isinstance(visitor, Visitor) or grant is None or grants.why_unusable(tx, grant, context.now):
            raise refuse("invalid_client", "The first half of the Authorization header is not a living visitor token")
        key = sites.api_key(tx, hash_secret(KEY_PURPOSE, key_text.strip()))
        if key is None or key.site_id != visitor.site_id:
            raise refuse("invalid_client", "The second half of the Authorization header is not an API key of this site")
        if not key.may(MEMBER_LOGIN):
            raise refuse("unauthorized_client", f"This API key lacks the permission {MEMBER_LOGIN!r}", kind=Kind.FORBIDDEN)
        return visitor

    def _member(self, client: Client) -> _VouchedFor:
        tx, now = self.server.tx, self.server.context.now
        member_id, session_token = self.request.form.get("member_id"), self.request.form.get("session_token")
        if (member_id is None) == (session_token is None):
            raise refuse("invalid_request", "Send either memberId or sessionToken")
        scope = known_scope(self.request.payload.scope or "")
        if session_token is not None:
            spent = members.spend_session_token(
                tx, token_hash=hash_secret(SESSION_TOKEN_PURPOSE, session_token), client_id=client.id, now=now
            )
            if spent is None:
                raise refuse("invalid_grant", "sessionToken is unknown, used or older than five minutes")
            return _VouchedFor(spent.member_id, spent.login_id, scope or OFFLINE_ACCESS)
        member = members.member(tx, client.site_id, (member_id or "").lower())
        if member is None or not member.is_active:
            raise refuse("invalid_grant", "memberId is not one of an active member of this site")
        return _VouchedFor(member.id, None, scope)
