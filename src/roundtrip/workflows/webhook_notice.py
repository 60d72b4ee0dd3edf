"""Writes down what came of deliveries, and tells the owners when an endpoint was switched off because of it (WHK-08)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from roundtrip.core.ids import new_id, sibling_id
from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.owners import store as owners
from roundtrip.sites import store as sites
from roundtrip.storage import mail_queue
from roundtrip.storage.database import Tx
from roundtrip.webhooks.deliveries import actions
from roundtrip.webhooks.deliveries.model import Tried
from roundtrip.webhooks.endpoints import store as endpoints

MOST = 20
"""Owners who get the mail; the oldest accounts first."""


def write_down(tx: Tx, tried: Sequence[Tried], now: int) -> dict[str, actions.Answered]:
    """See `deliveries.actions.write_down`. The mails are asked for in the same transaction, so there is one for each time."""
    answered = actions.write_down(tx, tried, now)
    for endpoint_id, state in answered.items():
        if state.stopped is not None:
            _tell_owners(tx, endpoint_id, now)
    return answered


def _tell_owners(tx: Tx, endpoint_id: str, now: int) -> None:
    endpoint = endpoints.find(tx, endpoint_id)
    site = sites.site(tx, endpoint.site_id) if endpoint else None
    if endpoint is None or site is None:
        return
    mail_id = new_id(now)
    # Only the host: a path may carry a secret of the receiver's, and a mail is read by more than owners.
    values = {"item": urlsplit(endpoint.url).netloc}
    for number, owner in enumerate(owners.owners(tx)[:MOST]):
        mail = MailRequest(MailKind.WEBHOOK_DISABLED, owner.email, site.language, values=values, about=endpoint.id)
        mail_queue.request(tx, site.id, mail, event_id=sibling_id(mail_id, number), now=now)
