"""A mail as it goes over the wire (RFC 5322, MIME): headers that nobody can add to, plain text and HTML side by side."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from ada_url import idna_to_ascii

from roundtrip.text.mail_words import MailWords, one_line

LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1, without the angle brackets
LONGEST_LOCAL_PART = 64
LONGEST_SENDER_NAME = 60
# RFC 5321 atoms, and RFC 6531 letters of the world; quoted local parts are allowed there and used by nobody but attackers.
_LOCAL_PART = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")


class BadAddress(ValueError):
    """Nobody can be reached by this address; the text says why without repeating it."""


def wire_address(text: str) -> str:
    """The address as mail servers know it: the domain in ASCII (IDNA), the local part as it is. Raises `BadAddress`."""
    local, at, domain = text.strip().rpartition("@")
    if not at or len(local.encode()) > LONGEST_LOCAL_PART or _LOCAL_PART.fullmatch(local) is None:
        raise BadAddress("the part before the @ is missing or has characters that an address cannot have")
    host = _ascii_host(domain)
    if _HOST.fullmatch(host) is None:
        raise BadAddress("the part after the @ is not the name of a host")
    address = f"{local}@{host}"
    if len(address.encode()) > LONGEST_ADDRESS:
        raise BadAddress(f"it has more than {LONGEST_ADDRESS} characters")
    return address


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
    return mail


def _named(address: str, name: str = "") -> Address:
    local, _, host = address.rpartition("@")
    return Address(display_name=name, username=local, domain=host)


def _ascii_host(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return idna_to_ascii(domain).decode("ascii")
    except ValueError as error:
        raise BadAddress("the part after the @ is not the name of a host") from error
