"""A mail as it goes over the wire (RFC 5322, MIME): headers that nobody can add to, plain text and HTML side by side."""

from __future__ import annotations

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from roundtrip.text.mail_words import MailWords, one_line

LONGEST_SENDER_NAME = 60


def message(words: MailWords, *, to: str, sender: str, sender_name: str, language: str, event_id: str, at: int) -> EmailMessage:
    """The message. Its id and date follow from the event (`at` in UTC milliseconds), so that a second copy is known as one.

    `to` and `sender` come from `wire_address`.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _named(sender, one_line(sender_name, LONGEST_SENDER_NAME))
    mail["To"] = _named(to)
    mail["Subject"] = words.subject
    mail["Date"] = format_datetime(datetime.fromtimestamp(at // 1000, UTC))
    mail["Message-ID"] = f"<{event_id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answers, please
    mail["Content-Language"] = language
    mail.set_content(words.text, cte="quoted-printable")
    mail.add_alternative(words.html, subtype="html", cte="quoted-printable")
    if words.calendar:
        mail.add_attachment(words.calendar, maintype="text", subtype="calendar", filename="booking.ics")
    if words.tickets:
        mail.add_attachment(words.tickets, maintype="application", subtype="pdf", filename="tickets.pdf")
    return mail


def _named(address: str, name: str = "") -> Address:
    local, _, host = address.rpartition("@")
    return Address(display_name=name, username=local, domain=host)
