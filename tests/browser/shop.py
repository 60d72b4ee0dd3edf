"""What a shop's own server does around a visit: makes redirect sessions, members and tokens over HTTP. No browser in here."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from tests.server_fixtures import Server

CREATE = "/_api/redirects-api/v1/redirect-session"
AUTHORIZE = "/_api/oauth2/authorize"
LOGOUT = "/_api/iam/authentication/v1/logout"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
PREVIEW_URI = "https://*-preview.shop.example/callback"
PREVIEW = "https://spring-preview.shop.example/callback"
NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "cross-site"}
Json = dict[str, Any]


def new_http() -> httpx.Client:
    """Keeps no connection open: the server at its other end may be stopped at any time."""
    return httpx.Client(timeout=20, limits=httpx.Limits(max_keepalive_connections=0))


@dataclass(frozen=True, slots=True)
class Account:
    """What a member types into a login form."""

    email: str
    password: str


@dataclass(frozen=True)
class Shop:
    """A site with its client. `preview` is a client that lists a pattern, `bare` one that lists no domain to return to."""

    server: Server
    site_origin: str
    client_id: str
    preview: str
    bare: str
    key: str
    http: httpx.Client = field(default_factory=new_http)

    @property
    def callback(self) -> str:
        """Where an authorization answer goes."""
        return f"{self.site_origin}/callback"

    def post(self, path: str, body: Json, token: str | None = None, *, on: Server | None = None, **headers: str) -> httpx.Response:
        """One call of the shop's server, at any node."""
        known = {**({"authorization": token} if token else {}), **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.http.post((on or self.server).origin + path, json=body, headers=known)

    def visitor(self, client_id: str | None = None) -> str:
        """The access token of a new visitor."""
        answer = self.post("/oauth2/token", {"clientId": client_id or self.client_id, "grantType": "anonymous"})
        return str(self._token(answer)["access_token"])

    def session(self, body: Json, *, client_id: str | None = None, token: str | None = None, lang: str | None = None) -> Json:
        """A new `redirectSession`."""
        preferences = {"preferences": {"additionalQueryParameters": {"lang": lang}}} if lang else {}
        answer = self.post(CREATE, {**body, **preferences}, token or self.visitor(client_id))
        assert answer.status_code == 200, answer.text
        session: Json = answer.json()["redirectSession"]
        return session

    def login(self, path: str = "/after", *, lang: str | None = None) -> Json:
        """A visit that logs in and comes back to `path` of the shop."""
        return self.session({"login": {}, "callbacks": {"postFlowUrl": self.site_origin + path}}, lang=lang)

    def auth(self, *, lang: str | None = None, prompt: str | None = "login", client_id: str | None = None, uri: str | None = None) -> Json:
        """A visit that brings a code back to the redirect URI, with the state `a-state`."""
        request = self.authorization(client_id=client_id, uri=uri)
        body = {"auth": {"authRequest": request, **({"prompt": prompt} if prompt else {})}}
        return self.session(body, client_id=client_id, lang=lang)

    def authorization(self, *, client_id: str | None = None, uri: str | None = None) -> dict[str, str]:
        """The parameters of an authorization request."""
        return {
            "clientId": client_id or self.client_id,
            "responseType": "code",
            "responseMode": "query",
            "redirectUri": uri or self.callback,
            "scope": "offline_access",
            "state": "a-state",
            "codeChallenge": CHALLENGE,
            "codeChallengeMethod": "S256",
        }

    def logout(self, token: str, path: str = "/bye", *, lang: str | None = None) -> Json:
        """A visit that logs the holder of this token out."""
        body = {"logout": {"clientId": self.client_id}, "callbacks": {"postFlowUrl": self.site_origin + path}}
        return self.session(body, token=token, lang=lang)

    def direct_logout(self, **query: str) -> str:
        """The logout address of a standard client, without a redirect session."""
        return f"{self.server.origin}{LOGOUT}?{urlencode({'clientId': self.client_id, **query})}"

    def account(self) -> Account:
        """An address and a password that nobody has registered yet."""
        return Account(f"ann-{uuid.uuid4().hex[:10]}@example.com", self.server.secret(f"Right-{uuid.uuid4().hex[:12]}-9!"))

    def member(self) -> Account:
        """Somebody who has an account already."""
        account = self.account()
        body = {"loginId": {"email": account.email}, "password": account.password}
        answer = self.post("/_api/iam/authentication/v2/register", body, self.visitor())
        assert answer.status_code == 200, answer.text
        return account

    def redeem(self, url: str, *, on: Server | None = None) -> Json:
        """The tokens for the code in the address that a browser came back to."""
        code = self.server.secret(query_of(url)["code"])
        body = {"clientId": self.client_id, "grantType": "authorization_code", "redirectUri": self.callback, "code": code}
        return self._token(self.post("/oauth2/token", {**body, "codeVerifier": VERIFIER}, on=on))

    def refresh(self, tokens: Json, *, on: Server | None = None) -> httpx.Response:
        """Ask for a fresh access token."""
        body = {"clientId": self.client_id, "grantType": "refresh_token", "refreshToken": tokens["refresh_token"]}
        return self.post("/oauth2/token", body, on=on)

    def expire(self, session_id: str) -> None:
        """End a visit from the owner's side (SES-06)."""
        answer = self.post(f"/api/v1/redirect-sessions/{session_id}/expire", {}, self.key)
        assert answer.status_code == 200, answer.text

    def status(self, session_id: str, *, on: Server | None = None) -> Json:
        """The visit as its owner sees it."""
        url = f"{(on or self.server).origin}/api/v1/redirect-sessions/{session_id}"
        found: Json = self.http.get(url, headers={"authorization": self.key}).json()
        return found

    def _token(self, answer: httpx.Response) -> Json:
        assert answer.status_code == 200, answer.text
        tokens: Json = answer.json()
        self.server.secret(tokens["access_token"])
        return tokens


def query_of(url: str) -> dict[str, str]:
    """The parameters of an address; none may come twice."""
    found = parse_qs(urlsplit(url).query, keep_blank_values=True)
    assert all(len(values) == 1 for values in found.values()), url
    return {name: values[0] for name, values in found.items()}
