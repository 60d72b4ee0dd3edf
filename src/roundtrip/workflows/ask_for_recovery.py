"""The mail with which a member chooses a new password, asked for by a site's own form, or by the owner for a member without one."""

from __future__ import annotations

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.credentials import one_time_code, throttle
from roundtrip.credentials.model import Purpose
from roundtrip.members import actions as members
from roundtrip.members import guesses
from roundtrip.members.model import Member, MemberStatus
from roundtrip.sites import actions as sites
from roundtrip.sites import allow_list
from roundtrip.sites.model import Site
from roundtrip.sites.verdict import Rule
from roundtrip.storage import mail_queue
from roundtrip.storage.database import Tx


def check_redirect(tx: Tx, site: Site, client_id: str | None, url: str | None, field: str, now: int) -> dict[str, str]:
    """Where the mail's page shall lead in the end, for the code's binding: an exact redirect URI of a client of this site (IDN-06).

    Raises INVALID `INVALID_REDIRECT_URI` with the rule that decided, NOT_FOUND `CLIENT_NOT_FOUND`, or FORBIDDEN for another site's client.
    """
    if url is None or client_id is None:
        return {}
    client, owner = sites.require_client(tx, client_id.lower())
    if owner.id != site.id:
        text = f"The client {client.id} belongs to another site than the token of this call."
        raise AppError(Kind.FORBIDDEN, "PERMISSION_DENIED", text, data={"clientId": client.id})
    href = allow_list.require(client, site.mode, Rule.REDIRECT_URI, url, field, now=now)
    return {"redirect_url": href, "client_id": client.id}


def ask_by_email(
    tx: Tx, site: Site, *, email: str, address: str, language: str | None, binding: dict[str, str], mail_id: str, now: int
) -> None:
    """A mail, if somebody has this address. The same is written either way, and nothing is answered (IDN-03).

    Raises LIMITED `TOO_MANY_ATTEMPTS`, for known and unknown addresses alike.
    """
    guess = guesses.mail(site.id, email, address)
    throttle.require(tx, guess, now)
    throttle.failed(tx, guess, now)
    send(tx, site, members.by_email(tx, site.id, email), language=language, binding=binding, mail_id=mail_id, now=now)


def send(tx: Tx, site: Site, member: Member | None, *, language: str | None, binding: dict[str, str], mail_id: str, now: int) -> None:
    """A code for a member who may have one, and the mail with it; for anybody else a code that is sent nowhere."""
    found = member if member is not None and member.status is not MemberStatus.BLOCKED else None
    chosen = language or (found.language if found else None) or site.language
    one_time_code.issue(
        tx,
        code_id=mail_id,
        purpose=Purpose.RECOVER,
        site_id=site.id,
        subject_id=found.id if found else "",
        binding={**binding, "language": chosen},
        now=now,
        keep_others=True,
    )
    if found is not None:
        mail = MailRequest(MailKind.RECOVER, found.email, chosen, mail_id, {"name": found.name})
        mail_queue.request(tx, site.id, mail, event_id=mail_id, now=now)
