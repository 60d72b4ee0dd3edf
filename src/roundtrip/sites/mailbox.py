"""The mailbox of a test site, for API, command line and dashboard. Live sites have none: their mails are sent (OPS-12)."""

from __future__ import annotations

from roundtrip.core.errors import AppError, Kind
from roundtrip.sites.model import Site
from roundtrip.storage import caught_mail
from roundtrip.storage.caught_mail import Bodies, CaughtMail
from roundtrip.storage.database import Tx


def mails(tx: Tx, site: Site, *, before_id: str | None, limit: int) -> list[CaughtMail]:
    """Up to `limit` caught mails, newest first, older than `before_id`. Raises FORBIDDEN `TEST_MODE_ONLY`."""
    _require_test_mode(site)
    return caught_mail.page(tx, site.id, before_id=before_id, limit=limit)


def mail(tx: Tx, site: Site, mail_id: str, *, code_key: bytes) -> tuple[CaughtMail, Bodies]:
    """One caught mail with what it says. Raises FORBIDDEN `TEST_MODE_ONLY`, NOT_FOUND `MAIL_NOT_FOUND`."""
    _require_test_mode(site)
    found = caught_mail.find(tx, code_key, site.id, mail_id)
    if found is None:
        raise AppError(
            Kind.NOT_FOUND,
            "MAIL_NOT_FOUND",
            f"The mailbox of {site.slug} has no mail {mail_id!r}. List the mailbox to see what is there; mails are kept for thirty days.",
            data={"id": mail_id},
        )
    return found


def _require_test_mode(site: Site) -> None:
    if not site.is_test:
        raise AppError(
            Kind.FORBIDDEN,
            "TEST_MODE_ONLY",
            f"{site.slug} is a live site: its mails are sent and nobody but their readers sees them. Only test sites have a mailbox.",
            data={"site": site.slug},
        )
