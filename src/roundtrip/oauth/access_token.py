"""Access tokens: a JWT in the shape that public clients parse, made and checked without the database.

The shape is fixed by existing clients (`docs/explanation/tokens.md`): the literal `OauthNG.JWS.`, a header of `alg` and `kid`, and a
payload whose `data` is a JSON *string*. Only this server verifies these tokens, so they are HS256. Whether a token was revoked is another
question (`revocation.py`). Why this is stdlib `hmac` and not a JOSE library: `docs/decisions/0010-access-tokens-without-a-library.md`.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

import msgspec
from joserfc.jwk import OctKey

from roundtrip.core.clock import SECOND, rfc3339
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import App, Member, Visitor
from roundtrip.core.secrets import same
from roundtrip.oauth.keys import KeyRing, SigningKey
from roundtrip.oauth.model import ACCESS_TOKEN_LIFE

PREFIX = "OauthNG.JWS."
MAX_LENGTH = 4096
_REMEMBERED = 2048

Holder = Visitor | Member | App
"""Whom an access token can speak for."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token that was verified. Times are UTC milliseconds."""

    caller: Holder
    issued_at: int
    expires_at: int


class _Instance(msgspec.Struct, rename="camel", omit_defaults=True):
    """The part that public clients read."""

    instance_id: str
    app_def_id: str
    meta_site_id: str
    sign_date: str
    aid: str | None = None
    site_member_id: str | None = None


class _Content(msgspec.Struct, omit_defaults=True):
    """`data`, decoded. `gid`, `lid` and `sec` are ours: the grant, the login and the client's secret that this token was made from."""

    instance: _Instance
    gid: str
    lid: str | None = None
    sec: str | None = None


class _Claims(msgspec.Struct):
    data: str
    iat: int
    exp: int
    iss: str
    aud: str


class _Header(msgspec.Struct):
    alg: str = ""
    kid: str = ""


_encoder = msgspec.json.Encoder()
_content = msgspec.json.Decoder(_Content)
_claims = msgspec.json.Decoder(_Claims)
_header = msgspec.json.Decoder(_Header)


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys by the header that each makes, and (from when, header) of those that sign, newest first. Exchanged as one."""

    secrets: dict[str, bytes]
    signing: tuple[tuple[int, str], ...]

    def header(self, now: int) -> str:
        return next(header for signs_from, header in self.signing if signs_from <= now)


class AccessTokens:
    """Issues and verifies. One per process: it remembers tokens it has verified, at most twice `remembered` of them."""

    def __init__(self, key_ring: KeyRing, issuer: str, *, remembered: int = _REMEMBERED) -> None:
        self.issuer = issuer
        self._remembered = remembered
        self.use(key_ring)

    def use(self, key_ring: KeyRing) -> None:
        """Exchange the keys, after a rotation. What was verified with keys that are gone is forgotten."""
        # A header is compared as text with those that our own keys make. That one comparison allow-lists the algorithm and the key, and
        # leaves a token no way to name either (`none`, another algorithm, jku, x5u, jwk: AUT-12).
        made = {_b64(_encoder.encode({"alg": "HS256", "kid": key.kid})): key for key in key_ring.keys if key.alg == "HS256"}
        self._keys = _Keys(
            {header: _octets(key) for header, key in made.items()},
            tuple((key.signs_from, header) for header, key in made.items()),
        )
        self._recent: dict[str, AccessToken] = {}
        self._older: dict[str, AccessToken] = {}

    def issue(self, caller: Holder, now: int, life: int = ACCESS_TOKEN_LIFE) -> str:
        """A token for `caller` that lives `life` milliseconds."""
        instance = _Instance(caller.site_id, caller.client_id, caller.site_id, rfc3339(now))
        content = _Content(instance, caller.grant_id)
        if isinstance(caller, Member):
            instance.site_member_id = caller.member_id
            content.lid = caller.login_id
        elif isinstance(caller, App):
            content.sec = caller.secret_id
        else:
            instance.aid = caller.visitor_id
        issued_at = now // SECOND
        claims = _Claims(_encoder.encode(content).decode(), issued_at, issued_at + life // SECOND, self.issuer, self.issuer)
        keys = self._keys
        header = keys.header(now)
        signed = f"{header}.{_b64(_encoder.encode(claims))}"
        return f"{PREFIX}{signed}.{_signature(keys.secrets[header], signed)}"

    def verify(self, text: str | None, now: int) -> Holder:
        """Whom a token speaks for, with or without `Bearer ` before it. Raises as `read` does."""
        return self.read(text, now).caller

    def read(self, text: str | None, now: int) -> AccessToken:
        """The same, with its times. Raises `AppError` (unauthenticated) that says what is wrong with the token."""
        if not text:
            raise _refusal("Access token is missing; get one from the token endpoint and send it as the authorization")
        token = self._recent.get(text) or self._older.get(text)
        if token is None:
            token = self._check(text)
            self._remember(text, token)
        elif text not in self._recent:
            self._remember(text, token)
        if now >= token.expires_at:
            raise _refusal(f"Access token expired at {rfc3339(token.expires_at)}; renew it with the refresh token")
        return token

    def _remember(self, text: str, token: AccessToken) -> None:
        # Two generations instead of a list in order of use: a hit costs one lookup, and the least used half goes at once.
        if len(self._recent) >= self._remembered:
            self._older, self._recent = self._recent, {}
        self._recent[text] = token

    def _check(self, text: str) -> AccessToken:
        bare = text[7:].lstrip() if text[:7].lower() == "bearer " else text
        parts = bare.removeprefix(PREFIX).split(".")
        if len(text) > MAX_LENGTH or not bare.startswith(PREFIX) or len(parts) != 3 or not bare.isascii():
            raise _refusal(f"Access token is malformed; expected {PREFIX} and three parts with dots between them")
        header, payload, signature = parts
        secret = self._keys.secrets.get(header)
        if secret is None:
            raise _refusal(_unknown_key(header))
        if not same(_signature(secret, f"{header}.{payload}"), signature):
            raise _refusal("Access token has a wrong signature; it was changed or cut off on its way")
        return self._content(payload)

    def _content(self, payload: str) -> AccessToken:
        # Everything from here on was signed by us; what does not fit was made by another version or under another address.
        try:
            claims = _claims.decode(_unb64(payload))
            content = _content.decode(claims.data)
        except (ValueError, msgspec.MsgspecError) as error:
            raise _refusal("Access token has content that this server does not know; get a new one") from error
        if claims.iss != self.issuer or claims.aud != self.issuer:
            raise _refusal(f"Access token was issued by {claims.iss}, expected {self.issuer}; get a new one")
        return AccessToken(_caller(content), claims.iat * SECOND, claims.exp * SECOND)


def _signature(secret: bytes, signed: str) -> str:
    return _b64(hmac.digest(secret, signed.encode(), "sha256"))


def _caller(content: _Content) -> Holder:
    instance = content.instance
    if instance.site_member_id:
        return Member(instance.meta_site_id, instance.app_def_id, instance.site_member_id, content.gid, content.lid)
    if instance.aid:
        return Visitor(instance.meta_site_id, instance.app_def_id, instance.aid, content.gid)
    if content.sec:
        # What it may do is asked on each call: an owner who takes a permission away takes it from tokens that are out already.
        return App(instance.meta_site_id, instance.app_def_id, content.gid, frozenset(), content.sec)
    raise _refusal("Access token names nobody; get a new one")


def _octets(key: SigningKey) -> bytes:
    assert isinstance(key.key, OctKey)  # an HS256 key is nothing else
    return key.key.raw_value


def _unknown_key(header: str) -> str:
    """Why a header is none of ours, for the developer who has to find out. Nothing in it is believed."""
    try:
        named = _header.decode(_unb64(header))
    except (ValueError, msgspec.MsgspecError):
        return "Access token is malformed; its header is not readable"
    if named.alg != "HS256":
        return "Access token is signed with an algorithm that is not accepted; expected HS256"
    return "Access token is signed with a key that this server does not have (any more); get a new one"


def _refusal(description: str) -> AppError:
    return AppError(Kind.UNAUTHENTICATED, "UNAUTHENTICATED", description, oauth_error="invalid_token")


def _b64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
