"""A site with two clients and a member, seen from its owner: makes sessions, moves the clock, reads what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from roundtrip.core.errors import AppError, Refused
from roundtrip.core.identity import COMMAND, ApiKey, Caller, Visitor
from roundtrip.core.identity import Member as MemberCaller
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import derived_key, hash_secret, new_secret
from roundtrip.credentials import one_time_code, passwords
from roundtrip.flows.create import Created, Creation, create
from roundtrip.flows.direct import Issued
from roundtrip.flows.example import REDIRECT_DOMAIN, REDIRECT_URI
from roundtrip.flows.registry import registry
from roundtrip.members import actions as members
from roundtrip.members.model import SESSION_TOKEN_PURPOSE, Member, Profile
from roundtrip.members.standing import Decision
from roundtrip.oauth import grants, keys
from roundtrip.oauth.access_token import AccessTokens
from roundtrip.oauth.keys import KeyRing
from roundtrip.oauth.token import TokenAnswer, exchange, token_context
from roundtrip.payments import actions as payments
from roundtrip.redirect_session import store
from roundtrip.redirect_session.model import Callbacks, Lifetimes, Preferences, RedirectSession
from roundtrip.sites import actions as sites
from roundtrip.sites import sign_on_policy
from roundtrip.sites.model import ApplicationType, Client, Mode, Site
from roundtrip.sites.store import insert_client
from roundtrip.storage.database import Database, Tx
from tests import owner

NOW = 1_790_000_000_000
ISSUER = "https://pages.example"
SITE_ID = "11111111-1111-4111-8111-111111111111"
SHOP_ID = "5d0b2c1e-7a54-4f0e-9b1f-1f6f0f1b7a01"
OTHER_ID = "33333333-3333-4333-8333-333333333333"
PREVIEW_URI = "https://*-preview.shop.example/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
ANN = "ann@example.com"
ANNS_PASSWORD = "nine green bottles"
MASTER = "a master secret for tests"
CODE_KEY = derived_key(MASTER, one_time_code.KEY_PURPOSE)
PAYMENT_KEY = payments.page_key(MASTER)
NOTHING_ISSUED = Issued(KeyRing([]), ISSUER)
LIFETIMES = Lifetimes()

REQUEST: Mapping[str, str] = {
    "clientId": SHOP_ID,
    "responseType": "code",
    "responseMode": "query",
    "redirectUri": REDIRECT_URI,
    "scope": "offline_access",
    "state": "a-state",
    "codeChallenge": CHALLENGE,
    "codeChallengeMethod": "S256",
}


@dataclass
class Shop:
    """The site. `now` is the time of everything that happens next."""

    db: Database
    site: Site
    client: Client
    other: Client
    ann: Member
    key_ring: KeyRing
    now: int = NOW

    def wait(self, milliseconds: int) -> None:
        """Let time pass."""
        self.now += milliseconds

    def visitor(self, client: Client | None = None) -> Visitor:
        """A new anonymous visitor of a client, with a grant that can be revoked."""
        answer = self.exchange({"clientId": (client or self.client).id, "grantType": "anonymous"})
        caller = self._caller(answer)
        assert isinstance(caller, Visitor)
        return caller

    def creation(self, intent: str, message: Mapping[str, object], *, caller: Caller | None, **changes: Any) -> Creation:
        """A creation as the API decodes it."""
        flow = registry().flow(intent)
        wanted = Creation(
            flow=flow,
            params=msgspec.convert(message, flow.params),
            caller=caller,
            callbacks=Callbacks(),
            preferences=Preferences(),
            origin=None,
            language=None,
            session_id=new_id(self.now),
            event_id=new_id(self.now),
            secret=new_secret("JWS."),
            base_url=ISSUER,
            lifetimes=LIFETIMES,
            now=self.now,
        )
        return msgspec.structs.replace(wanted, **changes)

    def create(self, intent: str, message: Mapping[str, object], *, caller: Caller | None = None, **changes: Any) -> Created:
        """A redirect session; a new visitor asks for it unless `caller` says who."""
        return self.db.write_now(create, self.creation(intent, message, caller=caller or self.visitor(), **changes))

    def auth(self, *, prompt: str | None = None, caller: Caller | None = None, **request: str | None) -> Created:
        """An `auth` session; None leaves a field of the request out."""
        return self.create("auth", auth_message(prompt=prompt, **request), caller=caller)

    def login(self, post_flow_url: str | None = "https://shop.example/") -> Created:
        """A `login` session."""
        return self.create("login", {}, callbacks=Callbacks(post_flow_url=post_flow_url))

    def logout(self, caller: Caller | None = None) -> Created:
        """A `logout` session."""
        return self.create("logout", {"clientId": SHOP_ID}, caller=caller, callbacks=Callbacks(post_flow_url="https://shop.example/"))

    def session(self, session_id: str) -> RedirectSession:
        """The session as stored."""
        found = self.db.read_now(store.get, session_id)
        assert found is not None
        return found

    def session_count(self) -> int:
        """How many sessions are stored."""
        row = self.db.read_now(lambda tx: tx.one("SELECT COUNT(*) FROM redirect_session"))
        assert row is not None
        return int(row[0])

    def mails(self, to: str) -> list[dict[str, Any]]:
        """What somebody was sent, in order, as the queue holds it."""
        rows = self.db.read_now(lambda tx: tx.all("SELECT body FROM outbox WHERE entity = 'mail' ORDER BY id"))
        return [mail for mail in (msgspec.json.decode(body, type=dict[str, Any]) for (body,) in rows) if mail["to"] == to]

    def digits(self, to: str) -> str:
        """The six digits of the newest mail to an address."""
        return one_time_code.digits(CODE_KEY, self.mails(to)[-1]["code_id"])

    def link(self, to: str) -> str:
        """The token in the link of the newest mail to an address."""
        return one_time_code.link_token(CODE_KEY, self.mails(to)[-1]["code_id"])

    def ask(self, *, verification: bool = False, approval: bool = False) -> None:
        """The owner changes what new members have to wait for."""
        self.site = self.db.write_now(
            sign_on_policy.change,
            self.site,
            require_owner_approval=approval,
            require_email_verification=verification,
            actor=COMMAND,
            entry_id=new_id(self.now),
            now=self.now,
        )

    def member(self, email: str) -> Member:
        """A member as stored."""
        found = self.db.read_now(members.by_email, SITE_ID, email)
        assert found is not None
        return found

    def decide(self, decide: Callable[[Tx, Decision], Any], email: str) -> Any:
        """The owner decides about a member."""
        ids = (new_id(self.now), new_id(self.now), new_id(self.now))
        return self.db.write_now(decide, Decision(self.site, self.member(email).id, COMMAND, self.now, *ids))

    def events(self, entity_id: str, entity: str = "") -> list[tuple[str, dict[str, Any]]]:
        """What was recorded about one thing, in order: what happened, and the body. `entity` leaves out others of the same id."""
        sql = "SELECT slug, body FROM outbox WHERE entity_id = :id AND entity = COALESCE(NULLIF(:entity, ''), entity) ORDER BY occurred_at"
        rows = self.db.read_now(lambda tx: tx.all(sql, id=entity_id, entity=entity))
        return [(slug, msgspec.json.decode(body)) for slug, body in rows]

    def told_about(self, entity_id: str) -> dict[str, str]:
        """Who caused the first thing that was recorded about it."""
        row = self.db.read_now(lambda tx: tx.one("SELECT identity FROM outbox WHERE entity_id = :id ORDER BY id LIMIT 1", id=entity_id))
        assert row is not None
        return msgspec.json.decode(row[0], type=dict[str, str])

    def moves(self, session_id: str) -> list[str]:
        """The recorded moves of a session, sorted by name, because several may happen in one millisecond."""
        return sorted(slug for slug, _ in self.events(session_id, "redirect_session"))

    def list_addresses(self, *, uris: tuple[str, ...] | None = None, domains: tuple[str, ...] | None = None) -> None:
        """The owner changes the client's lists."""
        wanted = {"redirect_uris": uris, "redirect_domains": domains}
        lists = {name: entries for name, entries in wanted.items() if entries is not None}
        self.client = self.db.write_now(owner.change_lists, self.client.id, lists, NOW)

    def add_client(self, host: str) -> Client:
        """One more client of the site."""
        return self.db.write_now(
            sites.create_client, site=self.site, client_id=new_id(self.now), name=host, now=self.now, redirect_domains=(host,)
        )

    def set_pages(self, *, login_url: str | None = None, logout_url: str | None = None, client: Client | None = None) -> None:
        """The owner names login and logout pages of the client's own."""
        changed = "UPDATE client SET login_url = :login_url, logout_url = :logout_url WHERE id = :id"
        client_id = (client or self.client).id
        self.db.write_now(lambda tx: tx.execute(changed, login_url=login_url, logout_url=logout_url, id=client_id))

    def session_token(self, *, client: Client | None = None, member: Member | None = None) -> str:
        """What the login API gives out for a member."""
        token = new_secret("JWS.")
        self.db.write_now(
            members.issue_session_token,
            token_hash=hash_secret(SESSION_TOKEN_PURPOSE, token),
            client_id=(client or self.client).id,
            member_id=(member or self.ann).id,
            login_id=None,
            now=self.now,
        )
        return token

    def sign_up(self, email: str, password_hash: str | None = None) -> Member:
        """One more member."""
        return self.db.write_now(_sign_up, email, password_hash, self.now)

    def exchange(self, params: Mapping[str, object]) -> TokenAnswer:
        """One successful request to the token endpoint."""
        context = token_context(
            access_tokens=AccessTokens(self.key_ring, ISSUER), key_ring=self.key_ring, rotation_key=b"rotation", now=self.now
        )
        answer = self.db.write_now(exchange, params=params, context=context)
        if isinstance(answer, Refused):
            raise answer.error
        return answer

    def redeem(self, code: str, **changes: str) -> TokenAnswer:
        """Trade a code for tokens, as the site does."""
        redeem = {"clientId": SHOP_ID, "grantType": "authorization_code", "redirectUri": REDIRECT_URI, "code": code}
        return self.exchange({**redeem, "codeVerifier": VERIFIER, **changes})

    def member_of(self, tokens: TokenAnswer) -> MemberCaller:
        """Whom a member's tokens speak for."""
        caller = self._caller(tokens)
        assert isinstance(caller, MemberCaller)
        return caller

    def can_refresh(self, tokens: TokenAnswer) -> bool:
        """Whether the refresh token still works."""
        try:
            self.exchange({"clientId": SHOP_ID, "grantType": "refresh_token", "refreshToken": tokens.refresh_token})
        except AppError:
            return False
        return True

    def is_alive(self, caller: Visitor | MemberCaller) -> bool:
        """Whether the caller's grant was revoked."""
        row = self.db.read_now(lambda tx: tx.one("SELECT revoked_at FROM oauth_grant WHERE id = :id", id=caller.grant_id))
        return row is not None and row[0] is None

    def revoked(self) -> set[str]:
        """Subjects whose access tokens are dead."""
        return {row[0] for row in self.db.read_now(lambda tx: tx.all("SELECT subject FROM revocation"))}

    def _caller(self, tokens: TokenAnswer) -> Visitor | MemberCaller:
        assert tokens.refresh_token is not None
        grant = self.db.read_now(grants.find, tokens.refresh_token)
        assert grant is not None
        return grant.caller


def auth_message(*, prompt: str | None = None, **request: str | None) -> dict[str, object]:
    """The message of an `auth` session, with fields of the request changed, or left out by None."""
    merged = {name: value for name, value in {**REQUEST, **request}.items() if value is not None}
    return {"authRequest": merged, **({"prompt": prompt} if prompt else {})}


def owner_key(*permissions: str) -> ApiKey:
    """The key of the owner's own server code."""
    return ApiKey(SITE_ID, "44444444-4444-4444-8444-444444444444", frozenset(permissions or ("*",)))


def _sign_up(tx: Tx, email: str, password_hash: str | None, now: int) -> Member:
    return members.register(
        tx,
        site_id=SITE_ID,
        email=email,
        password_hash=password_hash,
        profile=Profile(),
        member_id=new_id(now),
        now=now,
        event_id=new_id(now),
    )


def _client(client_id: str, name: str, uris: tuple[str, ...], domains: tuple[str, ...]) -> Client:
    return Client(client_id, SITE_ID, name, ApplicationType.WEB_APP, uris, domains, (), None, None, False, 1, NOW)


def _prepare(tx: Tx, anns_hash: str) -> tuple[Site, Client, Client, Member, KeyRing]:
    site = sites.create_site(tx, site_id=SITE_ID, slug="shop", name="Shop", mode=Mode.TEST, language="en", theme="{}", now=NOW)
    shop = _client(SHOP_ID, "Shop", (REDIRECT_URI, PREVIEW_URI), (REDIRECT_DOMAIN,))
    other = _client(OTHER_ID, "Other", ("https://other.example/callback",), ("other.example",))
    for client in (shop, other):
        insert_client(tx, client)
    keys.ensure_keys(tx, MASTER, NOW, algorithms=("HS256",))
    return site, shop, other, _sign_up(tx, ANN, anns_hash, NOW), keys.load(tx, MASTER, NOW)


def open_shop(db: Database, anns_hash: str) -> Shop:
    """The site on a migrated, empty database."""
    return Shop(db, *db.write_now(_prepare, anns_hash))


def hash_anns_password() -> str:
    """Slow: made once per test run."""
    return passwords.hash_password(ANNS_PASSWORD)
