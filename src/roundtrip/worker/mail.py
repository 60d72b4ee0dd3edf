"""Sends the mails that wait in the outbox: to the mail server for live sites, into the local mailbox for test sites (OPS-12).

Several workers share the queue. A mail is claimed, sent, and written down as sent, in this order: killed in between, it is sent again
with the same Message-ID and the same code (decision 0050). Logs name the event and what happened, never whom, what or which code (OPS-07),
but for the address of a caught mail.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from typing import Any

import msgspec

from roundtrip.bookings.book import links as booking_links
from roundtrip.core.clock import DAY, HOUR, MINUTE, SECOND, Clock
from roundtrip.core.mail import MailKind
from roundtrip.credentials import one_time_code
from roundtrip.credentials.model import LINK_LIFE, Purpose
from roundtrip.events.orders import links as event_links
from roundtrip.sites import store as sites
from roundtrip.sites.model import Site
from roundtrip.storage import caught_mail, mail_queue
from roundtrip.storage.caught_mail import Bodies, CaughtMail
from roundtrip.storage.database import Database, Tx
from roundtrip.storage.mail_queue import ClaimedMail, Outcome
from roundtrip.text import ticket_pdf
from roundtrip.text.calendar_file import Entry, calendar
from roundtrip.text.catalogue import spoken
from roundtrip.text.mail_words import (
    ABOUT_ANSWERS,
    ABOUT_BOOKINGS,
    ABOUT_EVENTS,
    ABOUT_ORDERS,
    ABOUT_PLANS,
    TO_THE_SHOP,
    MailView,
    MailWords,
    write,
)
from roundtrip.worker.mail_address import BadAddress, wire_address
from roundtrip.worker.mail_content import booking_words, event_words, order_words, plan_words
from roundtrip.worker.mail_message import message
from roundtrip.worker.rounds import again_and_again
from roundtrip.worker.smtp import MailSettings, ServerUnreachable, SmtpConnection, TryLater, Undeliverable

logger = logging.getLogger("roundtrip.mail")

LOOK_EVERY_SECONDS = 0.5
BATCH = 20
LEASE = 10 * MINUTE
LEASE_LEFT = 4 * MINUTE
"""A mail is not begun with less than this left of its claim: a slow server may need a few timeouts for one."""
WITHOUT_SERVER = MINUTE
"""How often mails that have no server to go to are looked at."""
DELAYS = (10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR)
"""Before the second try, the third, and so on; the last one from then on."""
JITTER = 0.2

IN_CALENDARS = ABOUT_BOOKINGS - {MailKind.BOOKING_PENDING, MailKind.BOOKING_WAITING, MailKind.BOOKING_PLACE_FREE} | {
    MailKind.EVENT_TICKETS,
    MailKind.EVENT_COMING,
    MailKind.EVENT_CANCELED,
}
"""Mails that bring a file for calendars."""
_AT_THE_DESK = {MailKind.APPROVAL_WANTED: "members?status=PENDING_APPROVAL", MailKind.WEBHOOK_DISABLED: "settings/webhooks"}
"""Mails to owners, with the page of the dashboard on which they can do something about it."""
_CANCELLED = frozenset({MailKind.BOOKING_CANCELED, MailKind.BOOKING_CANCELED_SHOP, MailKind.BOOKING_DECLINED, MailKind.EVENT_CANCELED})
_LINKS = {MailKind.VERIFY_EMAIL: "verify", MailKind.RECOVER: "recover"}
WORTH_SENDING = {MailKind.VERIFY_EMAIL: LINK_LIFE[Purpose.VERIFY_EMAIL], MailKind.RECOVER: LINK_LIFE[Purpose.RECOVER]}
"""How long after its request a mail is still of use; a day for the kinds that are not here."""


def worth_sending_until(claimed: ClaimedMail) -> int:
    """When a mail is given up (UTC milliseconds): its code is dead by then."""
    return claimed.requested_at + WORTH_SENDING.get(claimed.mail.kind, DAY)


def delay(attempts: int, chance: float) -> int:
    """Milliseconds until the next try after `attempts` failed ones; `chance` in [0, 1) spreads them by a fifth to either side."""
    base = DELAYS[min(attempts, len(DELAYS)) - 1]
    return round(base * (1 + JITTER * (2 * chance - 1)))


@dataclass(frozen=True, slots=True)
class MailSender:
    """The loop and what it works with. `chance` answers random numbers in [0, 1); `count` hears of every outcome, `postponed` included."""

    db: Database
    clock: Clock
    settings: MailSettings
    base_url: str
    code_key: bytes = field(repr=False)
    chance: Callable[[], float]
    count: Callable[[str], None]
    timeout: float = 30.0

    async def run(self) -> None:
        """Send until cancelled. The mail in hand is finished first; a failing round is logged and tried again."""
        if self.settings.server is None:
            logger.warning("no mail server is set (ROUNDTRIP_SMTP_URL): mails of live sites wait, and are given up when they are too old")
        await again_and_again(self.round, batch=BATCH, every_seconds=LOOK_EVERY_SECONDS, logger=logger, what="sending mails")

    async def round(self) -> int:
        """Send one batch of what is due; answers how many mails that were."""
        now = self.clock()
        if not await self.db.read(mail_queue.is_waiting, now):
            return 0
        claimed = await self.db.write(mail_queue.claim, BATCH, now, LEASE)
        known = await self.db.read(_sites, [each.site_id for each in claimed])
        post = [each for each in claimed if not await self._kept_at_home(each, known.get(each.site_id))]
        if post:
            await self._send_all(post, known)
        return len(claimed)

    async def _kept_at_home(self, claimed: ClaimedMail, site: Site | None) -> bool:
        """Whatever needs no mail server; False for a mail that has to travel."""
        now = self.clock()
        if site is None:
            await self._end(claimed, Outcome.REFUSED, "its site is gone")
        elif site.is_test:
            await self._catch(claimed, site)
        elif now >= worth_sending_until(claimed):
            await self._end(claimed, Outcome.GIVEN_UP, "too old by now")
        elif self.settings.server is None:
            wait = "no mail server is set"
            await self.db.write(mail_queue.postpone, claimed, now + WITHOUT_SERVER, error=wait, was_tried=False)
        else:
            return False
        return True

    async def _send_all(self, claimed: Sequence[ClaimedMail], known: dict[str, Site]) -> None:
        assert self.settings.server is not None
        connection = SmtpConnection(self.settings.server, self.timeout)
        unreachable: str | None = None
        try:
            for each in claimed:
                if self.clock() > each.claimed_until - LEASE_LEFT:
                    return  # whoever claims the rest next, sends it
                if unreachable is not None:
                    await self._try_later(each, unreachable)
                else:
                    unreachable = await _finished(self._send(connection, each, known[each.site_id]))
        finally:
            await asyncio.to_thread(connection.close)

    async def _send(self, connection: SmtpConnection, claimed: ClaimedMail, site: Site) -> str | None:
        """One mail, and what became of it; answers why no other mail can go now, if so."""
        try:
            to, mail = self._message(claimed, site)
            await asyncio.to_thread(connection.send, mail, self.settings.sender, to)
        except ServerUnreachable as error:
            await self._try_later(claimed, str(error))
            return str(error)
        except TryLater as error:
            await self._try_later(claimed, str(error))
        except (Undeliverable, BadAddress, ValueError) as error:
            await self._end(claimed, Outcome.REFUSED, str(error))
        except Exception as error:  # noqa: BLE001  logged and tried again in `_is_our_fault`
            await self._is_our_fault(claimed, error)
        else:
            await self._end(claimed, Outcome.SENT)
        return None

    async def _catch(self, claimed: ClaimedMail, site: Site) -> None:
        try:
            words = self.words(claimed, site)
        except ValueError as error:
            await self._end(claimed, Outcome.REFUSED, str(error))
            return
        except Exception as error:  # noqa: BLE001  logged and tried again in `_is_our_fault`
            await self._is_our_fault(claimed, error)
            return
        sealed = caught_mail.sealed(self.code_key, Bodies(words.text, words.html))
        if await self.db.write(_keep, claimed, words.subject, sealed, self.clock()):
            self.count(Outcome.CAUGHT)
            logger.info("mail caught for %s: open `roundtrip mailbox show --site %s %s`", claimed.mail.to, site.slug, claimed.event_id)

    async def _is_our_fault(self, claimed: ClaimedMail, error: Exception) -> None:
        """One mail that cannot be made must not stop the others of its batch."""
        logger.error("mail %s (%s) could not be made", claimed.event_id, claimed.mail.kind.value, exc_info=error)
        await self._try_later(claimed, f"a fault of the server: {type(error).__name__}")

    async def _try_later(self, claimed: ClaimedMail, error: str) -> None:
        again = self.clock() + delay(claimed.attempts, self.chance())
        if again >= worth_sending_until(claimed):
            await self._end(claimed, Outcome.GIVEN_UP, error)
        else:
            await self._postpone(claimed, again, error)

    async def _postpone(self, claimed: ClaimedMail, until: int, error: str) -> None:
        if await self.db.write(mail_queue.postpone, claimed, until, error=error):
            self.count("postponed")
            logger.info("mail %s (%s) postponed after try %d", claimed.event_id, claimed.mail.kind.value, claimed.attempts)

    async def _end(self, claimed: ClaimedMail, outcome: Outcome, error: str | None = None) -> None:
        if await self.db.write(mail_queue.finish, claimed, outcome, now=self.clock(), error=error):
            self.count(outcome)
            level = logging.INFO if outcome is Outcome.SENT else logging.WARNING
            logger.log(level, "mail %s (%s) %s after try %d", claimed.event_id, claimed.mail.kind.value, outcome.value, claimed.attempts)

    def _message(self, claimed: ClaimedMail, site: Site) -> tuple[str, EmailMessage]:
        to = wire_address(claimed.mail.to)
        return to, message(
            self.words(claimed, site),
            to=to,
            sender=self.settings.sender,
            sender_name=site.name,
            language=_language(claimed, site),
            event_id=claimed.event_id,
            at=claimed.requested_at,
        )

    def words(self, claimed: ClaimedMail, site: Site) -> MailWords:
        """What a mail says. Digits and link are made here, from the id of their code. Raises `ValueError` if that cannot be."""
        mail = claimed.mail
        digits, url = None, mail.values.get("url")
        if mail.code_id is not None and mail.kind in _LINKS:
            digits = one_time_code.digits(self.code_key, mail.code_id)
            url = f"{site.pages_url or self.base_url}/{_LINKS[mail.kind]}/{one_time_code.link_token(self.code_key, mail.code_id)}"
        if mail.about is not None and mail.kind not in TO_THE_SHOP and (path := self._path(mail.kind, mail.about)):
            url = f"{site.pages_url or self.base_url}{path}"
        if mail.kind in ABOUT_PLANS:
            url = site.home_url
        language = _language(claimed, site)
        if mail.kind in _AT_THE_DESK:
            url = f"{self.base_url}/dashboard/{site.slug}/{_AT_THE_DESK[mail.kind]}"
        words = write(
            MailView(
                mail.kind,
                language,
                site.name,
                _brand(site),
                name=mail.values.get("name"),
                digits=digits,
                url=url,
                order=order_words(mail.values, language) if mail.kind in ABOUT_ORDERS else None,
                item=mail.values.get("item"),
                booking=booking_words(mail.values, language) if mail.kind in ABOUT_BOOKINGS else None,
                event=event_words(mail.values, language) if mail.kind in ABOUT_EVENTS else None,
                plan=plan_words(mail.values, language) if mail.kind in ABOUT_PLANS else None,
            )
        )
        if mail.kind is MailKind.EVENT_TICKETS:
            words = replace(words, tickets=self._tickets(claimed, site))
        return replace(words, calendar=_calendar(claimed, site, url)) if mail.kind in IN_CALENDARS and "starts" in mail.values else words

    def _tickets(self, claimed: ClaimedMail, site: Site) -> bytes:
        """The tickets that a mail tells of, to print; empty where no font can write them: the page has them too."""
        values, language = claimed.mail.values, _language(claimed, site)
        pages = site.pages_url or self.base_url
        codes = msgspec.json.decode(values.get("codes", "[]"), type=tuple[tuple[str, str], ...])
        about = event_words(values, language)
        if not codes or not ticket_pdf.can_write(language):
            return b""
        return ticket_pdf.tickets_file(
            [
                ticket_pdf.Printed(
                    site.name, about.title, about.when, about.place, name, guest, number, about.number,
                    pages + event_links.ticket_path(self.code_key, ticket_id),
                )
                for (ticket_id, number), (name, guest, _) in zip(codes, about.lines, strict=False)
            ],
            language,
        )  # fmt: skip

    def _path(self, kind: MailKind, about: str) -> str | None:
        """The page of what a mail is about, for who has its address."""
        if kind in ABOUT_BOOKINGS:
            return booking_links.path(self.code_key, about)
        if kind in ABOUT_EVENTS:
            return (event_links.rsvp_path if kind in ABOUT_ANSWERS else event_links.order_path)(self.code_key, about)
        return None


def _calendar(claimed: ClaimedMail, site: Site, url: str | None) -> bytes:
    """What was booked as an entry that replaces the one of an earlier mail."""
    mail, values = claimed.mail, claimed.mail.values
    entry = Entry(
        uid=mail.about or claimed.event_id,
        sequence=int(values["sequence"]),
        start=int(values["starts"]),
        end=int(values["ends"]),
        title=values.get("service") or values["title"],
        place=values.get("place", ""),
        text=values.get("staff", ""),
        url=url or "",
        is_cancelled=mail.kind in _CANCELLED,
    )
    return calendar(site.name, [entry], claimed.requested_at)


def _language(claimed: ClaimedMail, site: Site) -> str:
    return spoken(claimed.mail.language, site.language)


def _brand(site: Site) -> str | None:
    theme = msgspec.json.decode(site.theme or "{}")
    brand = theme.get("brandColor") if isinstance(theme, dict) else None
    return brand if isinstance(brand, str) else None


def _sites(tx: Tx, ids: Sequence[str]) -> dict[str, Site]:
    found = {site_id: sites.site(tx, site_id) for site_id in set(ids)}
    return {site_id: site for site_id, site in found.items() if site is not None}


def _keep(tx: Tx, claimed: ClaimedMail, subject: str, sealed: str, now: int) -> bool:
    """Into the mailbox and out of the queue in one transaction: exactly once."""
    if not mail_queue.finish(tx, claimed, Outcome.CAUGHT, now=now):
        return False
    caught = CaughtMail(claimed.event_id, claimed.site_id, claimed.mail.kind, claimed.mail.to, subject, now)
    caught_mail.store(tx, caught, sealed, person=claimed.mail.person)
    return True


async def _finished(sending: Coroutine[Any, Any, str | None]) -> str | None:
    """Wait for `sending` even while being cancelled: a mail that was handed in is also written down as sent."""
    task = asyncio.ensure_future(sending)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
