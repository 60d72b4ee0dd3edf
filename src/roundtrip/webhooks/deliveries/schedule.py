"""When it is tried again: one delivery after its failures, and a whole endpoint that does not answer. Pure; times are milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from roundtrip.core.clock import DAY, HOUR, MINUTE, SECOND
from roundtrip.webhooks.endpoints.model import Envelope

_STANDARD = (5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
_JWT = (MINUTE, 10 * MINUTE, HOUR, *(2 * HOUR,) * 3, *(4 * HOUR,) * 3, *(8 * HOUR,) * 2, 12 * HOUR)
DELAYS: Mapping[Envelope, tuple[int, ...]] = {
    Envelope.STANDARD: _STANDARD,
    Envelope.STANDARD_ASYMMETRIC: _STANDARD,
    Envelope.JWT: _JWT,
}
"""Before the second try, the third, and so on; each counted from the failure before. After the last one a delivery has failed (WHK-04)."""
JITTER = 0.1
TIMEOUT = 15.0
"""Seconds that one attempt may take, from the name's look-up to the last byte of the answer (WHK-05)."""

SLOW_DOWN = frozenset({429, 502, 503, 504})
"""Statuses by which a receiver asks for less."""
GONE = 410
LONGEST_WISH = DAY
"""A `Retry-After` of more is taken as this."""

OPENS_AFTER = 5
"""Failures in a row after which an endpoint is left alone for a while."""
SHORTEST_PAUSE, LONGEST_PAUSE = 5 * SECOND, 10 * MINUTE
DISABLED_AFTER = 5 * DAY
"""An endpoint that has only failed for as long is not tried any more, and its owners get a mail (WHK-08)."""


def is_success(status: int | None) -> bool:
    """Only 2xx is. A redirect is a failure: it would lead where nobody looked (WHK-05, WHK-07)."""
    return status is not None and 200 <= status < 300


def delay(envelope: Envelope, tries: int, chance: float) -> int | None:
    """Until the next try after `tries` failed ones; None: that was the last. `chance` in [0, 1) spreads it by a tenth to either side."""
    delays = DELAYS[envelope]
    if tries > len(delays):
        return None
    return round(delays[tries - 1] * (1 + JITTER * (2 * chance - 1)))


def wish(retry_after: str | None, now: int) -> int:
    """How long a receiver asks to be left alone (`Retry-After`: seconds or a date); 0 when it does not, or says what cannot be read."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return min(int(text[:9]) * SECOND, LONGEST_WISH)
    try:
        at = round(parsedate_to_datetime(text).timestamp() * SECOND)
    except (ValueError, OverflowError):
        return 0
    return min(max(at - now, 0), LONGEST_WISH)


def pause(status: int | None, failures: int, failing_since: int, asked_for: int, now: int) -> int:
    """How long an endpoint is left alone after a failure; 0: not at all.

    It is as long as it asks for. Else, after a few failures in a row or when it says that it is too much, a quarter of the time that it has
    been failing for: a short failure is noticed to be over quickly, a long one costs little.
    """
    if failures < OPENS_AFTER and status not in SLOW_DOWN:
        return asked_for
    return max(asked_for, min(max((now - failing_since) // 4, SHORTEST_PAUSE), LONGEST_PAUSE))
