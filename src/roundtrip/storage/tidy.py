"""Kept answers, told events and caught mails are forgotten after a while."""

from __future__ import annotations

from roundtrip.core.clock import DAY
from roundtrip.storage import caught_mail, idempotency, outbox
from roundtrip.storage.tidying import Tidies

TIDIES = (
    Tidies(idempotency.purge, 2 * DAY),
    Tidies(outbox.purge, 30 * DAY),
    Tidies(caught_mail.purge, 30 * DAY),
)
