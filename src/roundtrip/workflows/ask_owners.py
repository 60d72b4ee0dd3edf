"""Tells the owners that somebody waits for them."""

from __future__ import annotations

from roundtrip.core.ids import sibling_id
from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.members.model import Member
from roundtrip.owners import store as owners
from roundtrip.sites.model import Site
from roundtrip.storage import mail_queue
from roundtrip.storage.database import Tx

MOST = 20
"""Owners who get the mail; the oldest accounts first."""


def ask_owners(tx: Tx, site: Site, member: Member, *, mail_id: str, now: int) -> None:
    """A mail to every owner about a member who waits for approval. The list of members shows it too, also where there is no owner yet."""
    for number, owner in enumerate(owners.owners(tx)[:MOST]):
        values = {"name": member.name, "email": member.email}
        mail = MailRequest(MailKind.APPROVAL_WANTED, owner.email, site.language, values=values)
        mail_queue.request(tx, site.id, mail, event_id=sibling_id(mail_id, number), now=now)
