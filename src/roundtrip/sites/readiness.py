"""What is missing or without effect in the lists of one client, before a visitor finds out. Pure; the doctor prints it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from roundtrip.core.clock import DAY
from roundtrip.core.urls import UrlRefused
from roundtrip.sites import allow_list
from roundtrip.sites.entries import FIELDS
from roundtrip.sites.listed import DomainEntry, EntryRefused, UriEntry, is_loopback, read_domain_entry, read_uri_entry
from roundtrip.sites.model import ApplicationType, Client, Mode, Site
from roundtrip.sites.verdict import Rule

SOON = 14 * DAY
"""A pattern that ends within this time is spoken of."""

OPTIONS = {Rule.REDIRECT_URI: "redirect-uri", Rule.REDIRECT_DOMAIN: "redirect-domain", Rule.POST_LOGOUT_URI: "post-logout-uri"}


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a visitor meets (`is_problem`) or its owner should know: what, why it matters, and the command or place for it."""

    is_problem: bool
    what: str
    why: str
    fix: str


def lists_of(client: Client) -> dict[Rule, tuple[str, ...]]:
    """The three lists by the rule that reads them."""
    return {
        Rule.REDIRECT_URI: client.redirect_uris,
        Rule.REDIRECT_DOMAIN: client.redirect_domains,
        Rule.POST_LOGOUT_URI: client.post_logout_uris,
    }


def needs_an_entry(client: Client, rule: Rule, flow: str, why: str) -> list[Lack]:
    """The lack of a flow that returns by this rule and finds the list empty."""
    if lists_of(client)[rule]:
        return []
    example = "https://YOUR-SITE/callback" if rule.is_exact else "YOUR-SITE"
    fix = f"roundtrip client allow {client.id} --{OPTIONS[rule]} {example}"
    return [Lack(True, f"{flow}: the client lists no entry in {FIELDS[rule]}", why, fix)]


def of_lists(client: Client, site: Site, now: int) -> Iterator[Lack]:
    """Entries that can't be read, have no effect in the site's mode, have ended or end soon."""
    for rule, entries in lists_of(client).items():
        for text in entries:
            yield from _of_entry(client, site, rule, text, now)


def of_own_pages(client: Client, site: Site, now: int) -> Iterator[Lack]:
    """A login or logout address of the client that is not on its own allow-list is never used."""
    for name, url in (("loginUrl", client.login_url), ("logoutUrl", client.logout_url)):
        if url and not allow_list.judge(client, site.mode, Rule.REDIRECT_DOMAIN, url, now=now).allowed:
            why = "Visitors are refused when they are sent there."
            yield Lack(
                True, f"{name} {url} is not on an allowed redirect domain", why, f"List its domain in Headless Settings, or change {name}."
            )


def _of_entry(client: Client, site: Site, rule: Rule, text: str, now: int) -> Iterator[Lack]:
    remove = f"Remove it: roundtrip client allow {client.id} --remove-{OPTIONS[rule]} '{text}'"
    try:
        entry = read_uri_entry(text) if rule.is_exact else read_domain_entry(text)
    except (UrlRefused, EntryRefused) as error:
        why = "It allows nothing: whoever relies on it is refused."
        yield Lack(True, f"{FIELDS[rule]} has an entry that can't be read: {text} ({error})", why, remove)
        return
    host = entry.url.host if isinstance(entry, UriEntry) else entry.host
    if site.mode is Mode.LIVE:
        yield from _without_effect(client, rule, entry, host, text, remove)
    if isinstance(entry, UriEntry) and entry.ends_at is not None:
        if entry.has_ended(now):
            yield Lack(True, f"{text} has ended", "Visitors who return to it are refused.", remove)
        elif entry.ends_at - now < SOON:
            days = (entry.ends_at - now) // DAY
            yield Lack(
                False, f"{text} ends in {days} days", "After that, visitors who return to it are refused.", "List it with a later date."
            )


def _without_effect(client: Client, rule: Rule, entry: UriEntry | DomainEntry, host: str, text: str, remove: str) -> Iterator[Lack]:
    why = "The site is live: whoever relies on the entry is refused."
    is_native = rule.is_exact and client.application_type is ApplicationType.MOBILE
    schemes = (entry.url.scheme,) if isinstance(entry, UriEntry) else entry.schemes
    if is_loopback(host) and not is_native:
        yield Lack(False, f"{text} has no effect: a live site sends nobody to the visitor's own machine", why, remove)
    elif "http" in schemes and not is_loopback(host):
        yield Lack(False, f"{text} has no effect: a live site sends nobody to plain http", why, remove)
    elif isinstance(entry, UriEntry) and entry.host_pattern is not None:
        yield Lack(False, f"{text} has no effect: patterns are off on a live site", why, remove)
