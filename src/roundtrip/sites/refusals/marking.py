"""An address cut where its fault lies, for people to look at, without any value of its query or fragment. Decides nothing."""

from __future__ import annotations

import re

from roundtrip.core.urls import visible
from roundtrip.sites.explain import explain
from roundtrip.sites.verdict import Part, Verdict

Marked = tuple[str, str, str]
"""Before the guilty stretch, the stretch, after it. An allowed address has everything in the first."""


def marked(verdict: Verdict) -> Marked:
    """The three pieces. Queries and fragments are shown by their mark only."""
    received = verdict.received
    end = min((place for place in (received.find("?"), received.find("#")) if place >= 0), default=len(received))
    rest = f"{received[end]}…" if end < len(received) else ""
    span = explain(verdict).span or _host_span(verdict)
    if span is None:
        return visible(received[:end]) + rest, "", ""
    start, stop = span
    if start >= end and rest:
        return visible(received[:end]), rest, ""
    return visible(received[: min(start, end)]), visible(received[min(start, end) : min(stop, end)]), visible(received[stop:end]) + rest


def marked_whole(verdict: Verdict) -> Marked:
    """The three pieces with all values, for who has just typed the address."""
    span = explain(verdict).span or _host_span(verdict)
    start, end = span or (len(verdict.received), len(verdict.received))
    return visible(verdict.received[:start]), visible(verdict.received[start:end]), visible(verdict.received[end:])


def _host_span(verdict: Verdict) -> tuple[int, int] | None:
    """Where nothing is listed that an address could be compared with, its host is what is in question."""
    start = verdict.received.find("://") + 3
    if verdict.allowed or verdict.url is None or start < 3:
        return None
    rest = re.split(r"[/?#]", verdict.received[start:], maxsplit=1)[0]
    return start, start + len(rest)


def difference(verdict: Verdict) -> str:
    """The first differing part in words, again without values."""
    if verdict.part is Part.QUERY:
        return "its query isn't the listed one"
    if verdict.part is Part.FRAGMENT:
        return "it has a # part, which is never allowed here"
    said = explain(verdict).difference
    return said if "?" not in said and "#" not in said else "it isn't the listed address"
