"""Why an address was refused, in words its author can act on (RED-19). Decides nothing.

The long form is for the owner and for callers of the API; the public sees `public_text` only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from roundtrip.core.urls import Flaw, Url, unicode_host, visible
from roundtrip.sites.listed import is_loopback
from roundtrip.sites.verdict import Part, Reason, Rule, Verdict

RULE_NAMES: Final[Mapping[Rule, str]] = {
    Rule.REDIRECT_URI: "redirect URI",
    Rule.REDIRECT_DOMAIN: "redirect domain",
    Rule.POST_LOGOUT_URI: "post-logout redirect URI",
}

_SHOWN_LENGTH = 300
_PARTS = re.compile(r"([^:/?#]*):(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:]*)(:.*)?", re.DOTALL)

_SMALL_PARTS: Final = frozenset({Part.SCHEME, Part.SLASH, Part.CASE, Part.QUERY})
"""Differences that are more often a slip of the site than a missing entry."""

_ADVICE: Final[Mapping[Reason | Flaw | None, str]] = {
    Reason.HTTP_NEEDS_TEST_MODE: "use https, or switch the site to test mode while you develop",
    Reason.LOOPBACK_NEEDS_TEST_MODE: "use a public https address, or switch the site to test mode while you develop",
    Reason.PATTERN_NEEDS_TEST_MODE: "list the full address, or switch the site to test mode while you develop",
    Reason.PATTERN_ENDED: "give the pattern a later end date, or list the full address",
    Reason.FRAGMENT_NOT_ALLOWED: "send the address without its # part",
    Reason.DOT_SEGMENTS: "send the address exactly as it is listed",
    Reason.APP_SCHEME_NOT_ALLOWED: "send an https address; the address of an app can only be a redirect URI",
}

_SITUATIONS: Final[Mapping[Reason | Flaw, str]] = {
    Reason.LIST_IS_EMPTY: "the client lists none yet",
    Reason.NOT_LISTED: "no entry of the list can be read",
    Reason.HTTP_NEEDS_TEST_MODE: "it is listed, but a live site sends nobody to http",
    Reason.LOOPBACK_NEEDS_TEST_MODE: "it is listed, but a live site sends nobody to the visitor's own machine",
    Reason.PATTERN_NEEDS_TEST_MODE: "a pattern matches it, but patterns are off on a live site",
    Reason.PATTERN_ENDED: "a pattern matches it, but the pattern has ended",
    Reason.APP_SCHEME_NOT_ALLOWED: "it has the scheme of an app, which is never a domain",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a developer needs to see. `span` marks the guilty stretch of `received` (start, end; both equal where something is missing)."""

    received: str
    span: tuple[int, int] | None
    entry: str | None
    difference: str
    advice: str
    add: str | None
    received_host: str
    entry_host: str
    description: str

    @property
    def marked(self) -> tuple[str, str, str]:
        """The received address cut before and after the guilty stretch, each piece safe to look at."""
        start, end = self.span or (len(self.received), len(self.received))
        return visible(self.received[:start]), visible(self.received[start:end]), visible(self.received[end:])


def explain(verdict: Verdict) -> Explanation:
    """The story of one verdict, refused or not."""
    name = RULE_NAMES[verdict.rule]
    difference, advice, add = _difference(verdict), _advice(verdict), _entry_to_add(verdict)
    if verdict.allowed:
        description = f"{_short(verdict.received)} is listed as an allowed {name} by the entry {verdict.closest}"
    else:
        description = f"{_short(verdict.received)} isn't listed as an allowed {name}: {difference}; {advice}"
    entry_host = verdict.difference.expected if verdict.difference and verdict.difference.part is Part.HOST else ""
    return Explanation(
        received=verdict.received,
        span=None if verdict.allowed else verdict.flaw_at or _span(verdict),
        entry=verdict.closest,
        difference=difference,
        advice=advice,
        add=add,
        received_host=both_forms(verdict.url.host) if verdict.url else "",
        entry_host=both_forms(entry_host),
        description=description,
    )


def public_text(verdict: Verdict) -> str:
    """What a page may say to anybody: the received host, encoded, and nothing about the list."""
    return f"{public_host(verdict) or 'This address'} isn't listed as an allowed {RULE_NAMES[verdict.rule]}."


def public_host(verdict: Verdict) -> str | None:
    """The received host in a form that is safe in any text; None when it could not be read or names none."""
    return quote(verdict.url.host, safe="[]:.-_*") if verdict.url and verdict.url.host else None


def both_forms(host: str) -> str:
    """`xn--bcher-kva.example (bücher.example)`: an international name always in both forms (RED-16)."""
    readable = visible(unicode_host(host))
    return host if readable == host else f"{host} ({readable})"


def _short(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _SHOWN_LENGTH else f"{shown[:_SHOWN_LENGTH]}…"


def _difference(verdict: Verdict) -> str:
    if verdict.flaw is not None:
        return verdict.flaw[0].lower() + verdict.flaw[1:].removesuffix(".")
    found = verdict.difference
    if found is None:
        return _SITUATIONS.get(verdict.reason, "it is listed")
    received, expected = _short(found.received), _short(found.expected)
    if found.part is Part.HOST:
        received, expected = both_forms(found.received), both_forms(found.expected)
    if found.part is Part.FRAGMENT:
        return f"it has the fragment {received}, which is never allowed here"
    which = {Part.SLASH: "path differs by a slash: it", Part.CASE: "path differs in letter case: it"}.get(found.part, found.part.value)
    return f"the {which} is {received}, the closest entry {_short(verdict.closest or '')} has {expected}"


def _advice(verdict: Verdict) -> str:
    if verdict.allowed:
        return ""
    for reason in (verdict.reason, verdict.still_refused):
        if reason in _ADVICE:
            return _ADVICE[reason]
    add = _entry_to_add(verdict)
    if add is None:
        return "correct the address that your site sends"
    first = "send it exactly as listed, or " if verdict.part in _SMALL_PARTS else ""
    return f"{first}add {_short(add)} to the allowed {RULE_NAMES[verdict.rule]}s in Headless Settings"


def _entry_to_add(verdict: Verdict) -> str | None:
    """The entry that would let this address pass; None when it passes, or when no entry could."""
    if verdict.allowed or verdict.url is None or verdict.still_refused or verdict.reason in _ADVICE:
        return None
    return verdict.url.href if verdict.rule.is_exact else domain_entry_for(verdict.url)


def domain_entry_for(url: Url) -> str:
    """How this origin is listed: bare host (and port) for https, with its scheme for http."""
    if url.scheme == "https" and not is_loopback(url.host):
        return url.origin.removeprefix("https://")
    return url.origin


def _span(verdict: Verdict) -> tuple[int, int] | None:
    """Where the first differing part stands in the raw text that was received."""
    hit = _PARTS.fullmatch(verdict.received)
    part = verdict.part
    if part is None or hit is None:
        return None
    if part is Part.SCHEME:
        return hit.span(1)
    if part in (Part.HOST, Part.PORT):
        authority = _AUTHORITY.fullmatch(hit[2] or "")
        start, end = authority.span(1 if part is Part.HOST else 2) if authority else (0, 0)
        shift = hit.start(2) if hit[2] is not None else hit.start(3)
        if start < 0:  # no port was written
            start = end = len(hit[2] or "")
        return start + shift, end + shift
    if part is Part.SLASH:
        return _slash_span(verdict.expected_value or "", hit)
    group = {Part.QUERY: 4, Part.FRAGMENT: 5}.get(part, 3)
    return hit.span(group) if hit[group] is not None else (hit.end(3), hit.end(3))


def _slash_span(expected: str, hit: re.Match[str]) -> tuple[int, int]:
    path, end = hit[3], hit.end(3)
    return (end - 1, end) if path.endswith("/") and len(path) > len(expected.rstrip("/")) else (end, end)
