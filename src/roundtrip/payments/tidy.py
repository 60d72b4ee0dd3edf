"""What providers reported is forgotten when they do not repeat it any more, which they do for some days."""

from __future__ import annotations

from roundtrip.core.clock import DAY
from roundtrip.payments import store
from roundtrip.storage.tidying import Tidies

TIDIES = (Tidies(store.purge_reports, 90 * DAY),)
