"""What to tell an owner about one refused address, judged anew, and whether allowing it by one click is safe. Decides; changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from roundtrip.sites import allow_list
from roundtrip.sites.explain import Explanation, explain
from roundtrip.sites.listed import domain_list, is_loopback, uri_list
from roundtrip.sites.model import MAX_ENTRIES, Client, Mode
from roundtrip.sites.verdict import Rule, Verdict


@dataclass(frozen=True, slots=True)
class Advice:
    """One address seen with the lists of today.

    `add` is the entry that approval would add, None when one click can't help; `why_not` then says why. `type_host` is the host that has
    to be typed first: it belongs to nobody whose addresses are listed yet, and may only look like one of theirs.
    """

    verdict: Verdict
    explanation: Explanation
    add: str | None
    why_not: str
    type_host: str | None


def advise(client: Client, mode: Mode, rule: Rule, address: str, *, left_out: str = "", now: int) -> Advice:
    """Judge an address again. `left_out`: what is not known of it any more (`refusals/model.py`)."""
    verdict = allow_list.judge(client, mode, rule, address, now=now)
    explanation = explain(verdict)
    why_not = _why_not(client, verdict, explanation, left_out.split())
    add = None if why_not else explanation.add
    return Advice(verdict, explanation, add, why_not, _host_to_type(client, verdict) if add else None)


def _why_not(client: Client, verdict: Verdict, explanation: Explanation, left_out: list[str]) -> str:
    exact = verdict.rule.is_exact
    if "end" in left_out:
        return "It is too long to be kept whole, so nothing can be added from here. Shorten the address that your site sends."
    if "fragment" in left_out and exact:
        return "It was sent with a # part, which is never allowed here. Send the address without it."
    if verdict.allowed and "query" in left_out and exact:
        return "The address is listed, but it was sent with a query, and the whole address has to match. Send it exactly as it is listed."
    if verdict.allowed:
        return "It is allowed by now. Try again."
    if explanation.add is None:
        return explanation.advice[:1].upper() + explanation.advice[1:] + "."
    if "*" in explanation.add:
        return "It has a * in it, and an entry with a * is a pattern. Patterns are only added by hand, in Headless Settings."
    if "query" in left_out and exact:
        return (
            "It was sent with a query, which is not kept here, and the whole address has to match. Send it without the query, or add the "
            "whole address in Headless Settings."
        )
    if len(_entries(client, verdict.rule)) >= MAX_ENTRIES:
        return f"The list is full ({MAX_ENTRIES} entries). Remove one in Headless Settings first."
    return ""


def _entries(client: Client, rule: Rule) -> tuple[str, ...]:
    return {
        Rule.REDIRECT_URI: client.redirect_uris,
        Rule.REDIRECT_DOMAIN: client.redirect_domains,
        Rule.POST_LOGOUT_URI: client.post_logout_uris,
    }[rule]


def _host_to_type(client: Client, verdict: Verdict) -> str | None:
    """The host of an address, unless an entry of any of the client's lists belongs to the same registrable domain."""
    if verdict.url is None:
        return None
    host = verdict.url.host or verdict.url.scheme
    known = {_owner_of(entry.host) for entry in domain_list(client.redirect_domains).entries}
    known |= {
        _owner_of(entry.url.host or entry.url.scheme)
        for listed in (client.redirect_uris, client.post_logout_uris)
        for entry in uri_list(listed).entries
    }
    return None if _owner_of(host) in known else host


def _owner_of(host: str) -> str:
    """The registrable domain; of what has none (`localhost`, an address in numbers, an app's scheme) the host itself."""
    if is_loopback(host) or host.startswith("[") or host.replace(".", "").isdecimal():
        return host
    return _suffixes().privatesuffix(host) or host


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
