"""How often one client and one address may ask (SES-12). Counted in this process; off on test-mode sites unless switched on."""

from __future__ import annotations

from dataclasses import dataclass, field

from roundtrip.core.clock import MINUTE
from roundtrip.core.errors import AppError, Kind


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """Requests per minute and key. One page view of an SDK site takes seven anonymous tokens at once."""

    enabled_in_test: bool = False
    """Count on test-mode sites too."""
    tokens_per_minute: int = 600
    """Token requests for one client from one address."""
    sessions_per_minute: int = 120
    """Redirect sessions for one visitor or member, and for one client from one address five times as many."""
    purchases_per_minute: int = 60
    """Checkouts, orders and bookings, of each, for one visitor or member, and for one client from one address five times as many."""
    logins_per_minute: int = 30
    """Password checks and registrations for one client from one address."""
    notices_per_minute: int = 60
    """Requests to be told that something is back in stock, for one client from one address."""
    renditions_per_minute: int = 600
    """Sizes of pictures that have to be made first, for one address. Counted always: what they cost is the same on test sites."""


@dataclass(slots=True)
class Limits:
    """Fixed windows of a minute. Memory is bounded: the counters of the last window are dropped as a whole."""

    settings: LimitSettings
    _window: int = 0
    _counts: dict[tuple[str, str], int] = field(default_factory=dict)
    _test_clients: set[str] = field(default_factory=set)

    def learn(self, client_id: str, is_test: bool) -> None:
        """Remember from an answer whether a client's site is in test mode, so that finding out costs no read (decision 0008)."""
        if is_test and not self.settings.enabled_in_test:
            self._test_clients.add(client_id)
        else:
            self._test_clients.discard(client_id)

    def count_for(self, client_id: str, what: str, key: str, allowed: int, now: int) -> None:
        """`count`, unless the client's site is in test mode."""
        if client_id not in self._test_clients:
            self.count(what, key, allowed, now)

    def count(self, what: str, key: str, allowed: int, now: int) -> None:
        """Count one request. Raises LIMITED `RESOURCE_EXHAUSTED` with the seconds to wait when `allowed` is passed."""
        window = now // MINUTE
        if window != self._window:
            self._window, self._counts = window, {}
        place = (what, key)
        count = self._counts.get(place, 0) + 1
        self._counts[place] = count
        if count > allowed:
            wait = (window + 1) * MINUTE - now
            seconds = max(1, -(-wait // 1000))
            raise AppError(
                Kind.LIMITED,
                "RESOURCE_EXHAUSTED",
                f"Too many requests: {allowed} per minute are allowed here. Try again in {seconds} s.",
                data={"allowedPerMinute": allowed},
                retry_after=seconds,
            )
