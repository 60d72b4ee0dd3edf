"""Refused addresses that nobody asked for any more are forgotten."""

from __future__ import annotations

from roundtrip.core.clock import DAY
from roundtrip.sites.refusals import store as refusals
from roundtrip.storage.tidying import Tidies

TIDIES = (Tidies(refusals.forget, 90 * DAY),)
