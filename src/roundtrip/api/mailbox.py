"""The mailbox of a test site: what would have been sent, for the site's own server code and its tests (OPS-12)."""

from __future__ import annotations

from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.settings_calls import own_site
from roundtrip.api.wire import Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import invalid_field
from roundtrip.core.ids import is_guid
from roundtrip.sites import mailbox
from roundtrip.storage.caught_mail import Bodies, CaughtMail
from roundtrip.storage.database import Tx

PAGE_LIMIT = 100


class MailView(Wire):
    """One caught mail, without what it says."""

    id: str
    kind: str
    to: str
    subject: str
    caught_date: str


class MailPage(Wire, omit_defaults=False):
    """Caught mails, newest first. `next_cursor` None: these were the last."""

    mails: list[MailView]
    next_cursor: str | None


class MailWithBodies(MailView):
    """One caught mail as it would have been read."""

    text: str
    html: str


async def list_(call: Call) -> MailPage:
    """Caught mails of the caller's site, page by page."""
    limit, cursor = call.query.get("limit", "50"), call.query.get("cursor") or None
    if not limit.isdecimal() or len(limit) > 3 or not 1 <= int(limit) <= PAGE_LIMIT:
        raise invalid_field("limit", f"must be a whole number from 1 to {PAGE_LIMIT} (received {limit[:50]!r})", "FORMAT")
    if cursor is not None and not is_guid(cursor):
        raise invalid_field("cursor", f"must be a GUID (received {cursor[:50]!r})", "FORMAT")
    most = int(limit)
    found = await call.read(_page, call, cursor, most + 1)
    return MailPage([MailView(**_fields(mail)) for mail in found[:most]], found[most - 1].id if len(found) > most else None)


async def get(call: Call) -> MailWithBodies:
    """One caught mail of the caller's site."""
    mail, bodies = await call.read(_find, call)
    return MailWithBodies(**_fields(mail), text=bodies.text, html=bodies.html)


def _page(tx: Tx, call: Call, before_id: str | None, limit: int) -> list[CaughtMail]:
    return mailbox.mails(tx, own_site(tx, call), before_id=before_id, limit=limit)


def _find(tx: Tx, call: Call) -> tuple[CaughtMail, Bodies]:
    return mailbox.mail(tx, own_site(tx, call), call.path_params["id"].lower()[:64], code_key=call.services.code_key)


def _fields(mail: CaughtMail) -> dict[str, str]:
    return {
        "id": mail.id,
        "kind": mail.kind.value,
        "to": mail.recipient,
        "subject": mail.subject,
        "caught_date": rfc3339(mail.caught_at),
    }


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="ListCaughtMails",
        method="GET",
        paths=("/api/v1/mailbox",),
        summary="List the mails that a test-mode site would have sent, newest first.",
        run=list_,
        permission="mailbox.read",
        callers=KEYS,
        response=MailPage,
        query=(("cursor", "`nextCursor` of the page before."), ("limit", f"1 to {PAGE_LIMIT}; 50 if not given.")),
        errors=("TEST_MODE_ONLY",),
    ),
    Operation(
        name="GetCaughtMail",
        method="GET",
        paths=("/api/v1/mailbox/{id}",),
        summary="Read one mail that a test-mode site would have sent.",
        run=get,
        permission="mailbox.read",
        callers=KEYS,
        response=MailWithBodies,
        errors=("TEST_MODE_ONLY", "MAIL_NOT_FOUND"),
    ),
)
