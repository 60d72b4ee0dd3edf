"""What this room forgets: bookings that nobody finished."""

from __future__ import annotations

from roundtrip.bookings.book import model, store
from roundtrip.storage.tidying import Tidies

TIDIES = (Tidies(store.forget, model.KEPT_FOR),)
