"""Counts refusals in memory, so that a flood of refused requests is a few writes.

Noting one costs a dictionary entry and never fails or waits. Whoever runs the process writes what has gathered every few seconds
(`actions.keep`); what one process has not written yet when it dies is lost, and comes again with the next refusal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from threading import Lock

from roundtrip.core.errors import AppError
from roundtrip.sites.refusals.model import Key, Tally, kept_form
from roundtrip.sites.verdict import Rule, Verdict

WRITE_EVERY_SECONDS = 2.0
MOST_OF_CLIENT = 20
MOST_IN_ALL = 500
"""Different addresses between two writes; more are not remembered. The same ones again only count up."""

Batch = Mapping[Key, Tally]


class Refusals:
    """What this process has refused since the last write. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tallies: dict[Key, Tally] = {}
        self._of_client: Counter[str] = Counter()

    def note(self, client_id: str, rule: Rule, received: str, reason: str, place: str, now: int, *, session_id: str | None = None) -> None:
        """One refusal."""
        address, left_out = kept_form(received)
        key = Key(client_id, rule, address)
        with self._lock:
            tally = self._tallies.get(key)
            if tally is not None:
                tally.count += 1
                tally.reason, tally.place, tally.left_out, tally.last_at = reason, place, left_out, now
                tally.session_id = session_id or tally.session_id
            elif self._of_client[client_id] < MOST_OF_CLIENT and len(self._tallies) < MOST_IN_ALL:
                self._of_client[client_id] += 1
                self._tallies[key] = Tally(reason, place, left_out, session_id, 1, now, now)

    def note_verdict(self, client_id: str, verdict: Verdict, place: str, now: int, *, session_id: str | None = None) -> None:
        """One refusal that the matcher explained."""
        self.note(client_id, verdict.rule, verdict.received, str(verdict.reason), place, now, session_id=session_id)

    def note_error(self, client_id: str, error: AppError, place: str, now: int) -> None:
        """The refusal that `allow_list.require` raised; every other error is none."""
        rule, url, reason = (error.data.get(name) for name in ("rule", "url", "reason"))
        if error.code in ("INVALID_REDIRECT_URI", "INVALID_REDIRECT_DOMAIN") and isinstance(rule, str) and isinstance(url, str):
            self.note(client_id, Rule(rule), url, str(reason), place, now)

    def take(self) -> Batch:
        """Everything noted so far; it is the caller's to write now."""
        with self._lock:
            taken, self._tallies = self._tallies, {}
            self._of_client.clear()
        return taken
