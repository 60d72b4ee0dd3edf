"""Mails that wait to be sent: rows of the outbox, written in the transaction that wants them, so that none is lost and none invented."""

from __future__ import annotations

import msgspec

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.mail import MailRequest
from roundtrip.storage import outbox
from roundtrip.storage.database import Tx

ENTITY = "mail"
REQUESTED = "requested"


def request(tx: Tx, site_id: str, mail: MailRequest, *, event_id: str, now: int) -> None:
    """Let the worker send this mail soon. `event_id` comes from `core.ids.new_id(now)`, made before the transaction."""
    body = msgspec.to_builtins(mail)
    outbox.record(tx, DomainEvent(site_id, ENTITY, REQUESTED, mail.code_id or event_id, body), event_id=event_id, now=now)
