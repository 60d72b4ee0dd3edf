"""The site of a server that no other test uses: what it asks of new members, and what arrives in its mailbox."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.server_fixtures import Server

MAIL_SECONDS = 20
"""How long a mail may take; it takes half a second."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One caught mail: its six digits and its link, if it has them."""

    subject: str
    text: str
    digits: str
    link: str


@dataclass(frozen=True, slots=True)
class OwnSite:
    """The site, its client, and a key that may do everything."""

    server: Server
    slug: str
    client_id: str
    key: str

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One call by the site's key, which has to work."""
        answer = httpx.request(method, self.server.origin + path, json=body, headers={"authorization": self.key}, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ask(self, *, verification: bool = False, approval: bool = False) -> None:
        """Change what new members have to wait for."""
        policy = {"requireEmailVerification": verification, "requireOwnerApproval": approval}
        self.call("PATCH", "/iam/signon/v1/sign-on-policies", {"signOnPolicy": policy})

    def member_id(self, email: str) -> str:
        """The id of the member with this address."""
        (member,) = self.call("GET", f"/api/v1/members?email={email}")["members"]
        return str(member["id"])

    def letter(self, to: str, kind: str) -> Letter:
        """The newest mail of a kind to somebody. The server sends it in its own time, so this looks until it is there."""
        deadline = time.monotonic() + MAIL_SECONDS
        while time.monotonic() < deadline:
            for mail in self.call("GET", "/api/v1/mailbox?limit=20")["mails"]:
                if (mail["to"], mail["kind"]) == (to, kind):
                    return self._read(self.call("GET", f"/api/v1/mailbox/{mail['id']}"))
            time.sleep(0.05)
        raise AssertionError(f"no mail of the kind {kind} to {to}")

    def _read(self, mail: Mapping[str, str]) -> Letter:
        digits, link = re.search(r"^\s*(\d{6})\s*$", mail["text"], re.MULTILINE), re.search(r"http\S+", mail["text"])
        if link and re.search("/(recover|verify)/", link[0]):
            self.server.secret(link[0].rsplit("/", 1)[1])
        return Letter(mail["subject"], mail["text"], digits[1] if digits else "", link[0] if link else "")


def own_site(server: Server, *, redirect_uris: Sequence[str] = (), redirect_domains: Sequence[str] = ()) -> OwnSite:
    """The demo site of a server of one's own, with a client."""
    slug = "demo"
    client_id = server.client("Shop", redirect_uris=redirect_uris, redirect_domains=redirect_domains, site=slug)
    key = json.loads(server.command("key", "create", "--site", slug, "--name", "Tests", "--json"))["key"]
    return OwnSite(server, slug, client_id, server.secret(key))
