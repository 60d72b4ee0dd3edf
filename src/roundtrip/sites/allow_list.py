"""The one matcher of redirect URIs, redirect domains and browser origins. Pure: no database, no clock.

Every way out of the product asks here, at creation and again right before leaving (RED-08, RED-12). How an entry is read stands in
`listed.py`, the sentences in `explain.py`, what an owner may enter in `entries.py`.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.urls import Url, UrlRefused, parse
from roundtrip.sites.closest import closest
from roundtrip.sites.explain import explain
from roundtrip.sites.listed import (
    LOOPBACK_HOSTS,
    DomainEntry,
    DomainList,
    UriEntry,
    UriList,
    domain_list,
    is_loopback,
    uri_list,
)
from roundtrip.sites.model import ApplicationType, Client, Mode
from roundtrip.sites.verdict import Difference, Part, Reason, Rule, Verdict

__all__ = ["DEFAULT_DEV_ORIGIN", "Reason", "Rule", "Verdict", "allows_origin", "judge", "require"]

DEFAULT_DEV_ORIGIN: Final = "http://localhost:4321"
"""Sites under development call the API from here without being registered. Never a way back, and only in test mode."""

ERROR_CODES: Final = {
    Rule.REDIRECT_URI: "INVALID_REDIRECT_URI",
    Rule.POST_LOGOUT_URI: "INVALID_REDIRECT_URI",
    Rule.REDIRECT_DOMAIN: "INVALID_REDIRECT_DOMAIN",
}

_DOT_SEGMENT = re.compile(r"/(?:\.|%2e){1,2}(?=[/?#]|$)", re.IGNORECASE)


class _Match(msgspec.Struct, frozen=True):
    entry: UriEntry | DomainEntry
    reason: Reason


def judge(client: Client, mode: Mode, rule: Rule, received: str, *, now: int | None = None) -> Verdict:
    """Hold one address against one list of one client (RED-01, RED-02, RED-20).

    `now` (UTC milliseconds) matters only for patterns with an end date: without it they do not count.
    """
    try:
        url = parse(received)
    except UrlRefused as error:
        return Verdict(False, rule, error.reason_code, received, flaw=error.sentence, flaw_at=error.at)
    listed: UriList | DomainList
    if rule.is_exact:
        listed = uri_list(client.redirect_uris if rule is Rule.REDIRECT_URI else client.post_logout_uris)
        flawed = _unfit_for_exact(url, received, rule)
        if flawed is not None:
            return flawed
        match = _find_uri(listed, url, now, is_native=client.application_type is ApplicationType.MOBILE)
    elif url.is_app_scheme:
        return Verdict(False, rule, Reason.APP_SCHEME_NOT_ALLOWED, received, url)
    else:
        listed = domain_list(client.redirect_domains)
        match = _find_domain(listed, url)
    if match is None:
        return _unlisted(listed, url, rule, received, _stopped_by_mode(client, mode, rule, url, by_pattern=False))
    refusal = _stopped_by(client, mode, rule, url, match, now)
    return Verdict(refusal is None, rule, refusal or match.reason, received, url, match.entry.text)


def require(client: Client, mode: Mode, rule: Rule, received: str, field: str, *, now: int | None = None) -> str:
    """The address to store and send, or `AppError` with everything its author needs to put it right (RED-08, RED-19).

    `field` is the wire path of the value, such as `callbacks.postFlowUrl`.
    """
    verdict = judge(client, mode, rule, received, now=now)
    if verdict.allowed:
        return verdict.href
    raise AppError(
        Kind.INVALID,
        ERROR_CODES[rule],
        explain(verdict).description,
        data={
            "field": field,
            "url": verdict.received,
            "rule": verdict.rule.value,
            "reason": verdict.reason.value,
            "part": verdict.part.value if verdict.part else None,
            "received": verdict.received_value,
            "expected": verdict.expected_value,
            "closest": verdict.closest,
        },
    )


def allows_origin(client: Client, mode: Mode, origin: str, *, now: int | None = None) -> bool:
    """True for the origins of scripts that may speak for the client: its domains and those of its redirect URIs (OPS-06)."""
    try:
        url = parse(origin)
    except UrlRefused:
        return False
    if url.origin != origin:  # a header carries a bare origin; anything else was not written by a browser
        return False
    if mode is Mode.TEST and origin == DEFAULT_DEV_ORIGIN:
        return True
    by_domain = _find_domain(domain_list(client.redirect_domains), url)
    if by_domain and _stopped_by(client, mode, Rule.REDIRECT_DOMAIN, url, by_domain, now) is None:
        return True
    uris = uri_list(client.redirect_uris)
    matches = [_Match(entry, Reason.LISTED) for entry in (uris.origins.get(origin),) if entry]
    matches += [_Match(entry, Reason.LISTED_BY_PATTERN) for entry in uris.patterns if _fits_origin(entry, url)]
    return any(_stopped_by(client, mode, Rule.REDIRECT_URI, url, match, now) is None for match in matches)


def _unfit_for_exact(url: Url, received: str, rule: Rule) -> Verdict | None:
    if url.fragment is not None:
        difference = Difference(Part.FRAGMENT, Reason.FRAGMENT_NOT_ALLOWED, f"#{url.fragment}", "none")
        return Verdict(False, rule, difference.reason, received, url, difference=difference)
    # Parsing folds `/x/../cb` into the listed `/cb`. Nobody writes that by accident, so it is no spelling of the entry (RFC 9700 4.1).
    segment = _DOT_SEGMENT.search(received.partition("?")[0])
    if segment is not None:
        path = re.sub(r"[^:]*://[^/]*", "", received.partition("?")[0])
        return Verdict(
            allowed=False,
            rule=rule,
            reason=Reason.DOT_SEGMENTS,
            received=received,
            url=url,
            difference=Difference(Part.PATH, Reason.DOT_SEGMENTS, path, url.path),
            flaw="Its path contains . or .. segments.",
            flaw_at=segment.span(),
        )
    return None


def _find_uri(listed: UriList, url: Url, now: int | None, *, is_native: bool) -> _Match | None:
    entry = listed.exact.get(url.href)
    if entry is not None:
        return _Match(entry, Reason.LISTED)
    fitting = [
        entry for entry in listed.patterns if _fits_origin(entry, url) and (entry.url.path, entry.url.query) == (url.path, url.query)
    ]
    if fitting:
        return _Match(min(fitting, key=lambda entry: entry.has_ended(now)), Reason.LISTED_BY_PATTERN)
    if is_native and url.scheme == "http" and url.host in LOOPBACK_HOSTS:
        entry = listed.loopback.get((url.host, url.path, url.query))
        if entry is not None:
            return _Match(entry, Reason.LISTED_BY_LOOPBACK)
    return None


def _find_domain(listed: DomainList, url: Url) -> _Match | None:
    entry = listed.exact.get(url.origin)
    if entry is not None:
        return _Match(entry, Reason.LISTED)
    entry = listed.wildcards.get((url.scheme, url.host.partition(".")[2], url.port or 0))
    if entry is not None and entry.fits_host(url.host):
        return _Match(entry, Reason.LISTED_BY_PATTERN)
    entry = listed.any_port.get(url.host)
    if entry is not None and url.scheme in entry.schemes:
        return _Match(entry, Reason.LISTED_BY_LOOPBACK)
    return None


def _fits_origin(entry: UriEntry, url: Url) -> bool:
    return (entry.url.scheme, entry.url.port) == (url.scheme, url.port) and entry.fits_host(url.host)


def _unlisted(listed: UriList | DomainList, url: Url, rule: Rule, received: str, still_refused: Reason | None) -> Verdict:
    nearest = closest(url, listed.entries)
    if nearest is None:
        reason = Reason.NOT_LISTED if listed.has_unreadable else Reason.LIST_IS_EMPTY
        return Verdict(False, rule, reason, received, url, still_refused=still_refused)
    text, difference = nearest
    return Verdict(False, rule, difference.reason, received, url, text, difference, still_refused=still_refused)


def _stopped_by(client: Client, mode: Mode, rule: Rule, url: Url, match: _Match, now: int | None) -> Reason | None:
    """Why a listed address is refused all the same: the end date of a pattern, or the mode of the site."""
    if isinstance(match.entry, UriEntry) and match.entry.has_ended(now):
        return Reason.PATTERN_ENDED
    return _stopped_by_mode(client, mode, rule, url, by_pattern=match.reason is Reason.LISTED_BY_PATTERN)


def _stopped_by_mode(client: Client, mode: Mode, rule: Rule, url: Url, *, by_pattern: bool) -> Reason | None:
    """What a live site never does, whatever is listed (RED-06, RED-17)."""
    if mode is Mode.TEST or url.is_app_scheme:
        return None
    if is_loopback(url.host):
        # An app on the visitor's own device is the one live client that can be reached there (RFC 8252 7.3).
        is_native = rule.is_exact and client.application_type is ApplicationType.MOBILE
        return None if is_native else Reason.LOOPBACK_NEEDS_TEST_MODE
    if url.scheme == "http":
        return Reason.HTTP_NEEDS_TEST_MODE
    return Reason.PATTERN_NEEDS_TEST_MODE if rule.is_exact and by_pattern else None
