"""The mistakes people make when they list a way back, tried for real. What a refusal says comes from the server, not from here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from examples.demo_site.api import Api, ApiError
from examples.demo_site.settings import SiteSettings
from examples.demo_site.trace import Trace

EXAMPLE_CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B; nobody finishes these logins


@dataclass(frozen=True, slots=True)
class Attempt:
    """A way back to try. `kind` is `login` (a redirect URI, compared in full) or `flow` (a post-flow URL, its domain is compared)."""

    title: str
    kind: str
    address: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the server said. `problem` is None when the way back is allowed."""

    attempt: Attempt
    problem: ApiError | None
    advice: str
    marked: tuple[str, str, str]
    """The address in three parts: before the difference, the difference, after it."""


def common_mistakes(settings: SiteSettings) -> list[Attempt]:
    """One address per mistake, each made from the allowed one by one change."""
    parts = urlsplit(settings.site_url)
    other_scheme = "http" if parts.scheme == "https" else "https"
    other_port = f"{parts.hostname}:{(parts.port or 8001) + 1}"
    numeric = parts.netloc.replace("localhost", "127.0.0.1")
    return [
        Attempt("A slash at the end", "login", f"{settings.redirect_uri}/"),
        Attempt("A capital letter", "login", f"{settings.site_url}/Callback"),
        Attempt("Another path", "login", f"{settings.site_url}/auth/callback"),
        Attempt("A query behind it", "login", f"{settings.redirect_uri}?next=/shop"),
        Attempt("A domain that is not listed", "flow", f"{parts.scheme}://kiln-and-co.example/"),
        Attempt(f"{other_scheme} instead of {parts.scheme}", "flow", urlunsplit((other_scheme, parts.netloc, "/", "", ""))),
        Attempt("Another port", "flow", urlunsplit((parts.scheme, other_port, "/", "", ""))),
        Attempt("Another name for the same machine", "flow", urlunsplit((parts.scheme, numeric, "/", "", ""))),
    ]


async def ask_why_refused(
    api: Api, trace: Trace, access_token: str, settings: SiteSettings, own_address: str = "", own_kind: str = "login"
) -> list[Verdict]:
    """Ask the server about every common mistake, and first about the visitor's own address if there is one. Raises `ApiError`."""
    attempts = common_mistakes(settings)
    if own_address:
        attempts.insert(0, Attempt("Your address", "flow" if own_kind == "flow" else "login", own_address))
    return list(await asyncio.gather(*(_ask(api, trace, access_token, settings, attempt) for attempt in attempts)))


async def _ask(api: Api, trace: Trace, access_token: str, settings: SiteSettings, attempt: Attempt) -> Verdict:
    try:
        await api.create_redirect_session(trace, access_token, f"Refused? {attempt.title}", _body(settings, attempt))
    except ApiError as problem:
        if problem.status != 400:
            raise  # the server is down or busy: that says nothing about the address
        # The sentence ends with what to do about it.
        advice = problem.description.rpartition("; ")[2]
        return Verdict(attempt, problem, advice, mark_difference(attempt.address, problem.data))
    return Verdict(attempt, None, "", (attempt.address, "", ""))


def _body(settings: SiteSettings, attempt: Attempt) -> Mapping[str, object]:
    if attempt.kind == "flow":
        return {"login": {}, "callbacks": {"postFlowUrl": attempt.address}}
    auth_request = {
        "clientId": settings.client_id,
        "responseType": "code",
        "redirectUri": attempt.address,
        "state": "why-refused",
        "codeChallenge": EXAMPLE_CHALLENGE,
        "codeChallengeMethod": "S256",
    }
    return {"auth": {"authRequest": auth_request, "prompt": "login"}}


def mark_difference(address: str, data: Mapping[str, object]) -> tuple[str, str, str]:
    """Cut the address around the first part that differs, so that a page can mark it. Marks nothing where something is missing."""
    part, received = data.get("part"), str(data.get("received") or "")
    if part == "slash":
        return (address[:-1], "/", "") if address.endswith("/") else (address, "", "")
    start = address.find(received) if part in {"scheme", "host"} else address.rfind(received)
    if not received or start < 0:
        return address, "", ""
    return address[:start], received, address[start + len(received) :]
