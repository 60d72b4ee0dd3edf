"""What this business forgets: reservations that nobody bought."""

from __future__ import annotations

from roundtrip.events.reservations import store
from roundtrip.events.reservations.model import KEPT_FOR
from roundtrip.storage.tidying import Tidies

TIDIES = (Tidies(store.forget, KEPT_FOR),)
