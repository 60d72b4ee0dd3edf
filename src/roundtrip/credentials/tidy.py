"""Counted guesses and codes end."""

from __future__ import annotations

from roundtrip.credentials import one_time_code, throttle
from roundtrip.storage.tidying import Tidies

TIDIES = (
    Tidies(throttle.forget),
    Tidies(one_time_code.forget),
)
