"""One connection to the mail server of the installation, kept for a batch of mails. Everything here blocks: it runs in a thread.

Certificates are verified against the system's (`SSL_CERT_FILE` names others). No password is shown anywhere, `repr` included.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from typing import Self
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 30.0
"""For each answer of the server, connecting included."""


_PORTS = {"smtp": 587, "smtps": 465}
_EXPECTED = "must be like smtp://user:password@host:587 or smtps://user:password@host:465, perhaps with ?starttls=never or =always."


class Encryption(StrEnum):
    """How the way to the mail server is protected."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mails are handed in. `user` empty: without authentication."""

    host: str
    port: int
    encryption: Encryption
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MailSettings:
    """`server` None: there is none, and mails of live sites wait. `sender` is the address that mails come from."""

    server: SmtpServer | None = None
    sender: str = ""


def smtp_server(url: str) -> SmtpServer:
    """The server that an address like `smtp://user:password@host:587?starttls=always` names.

    Raises `ValueError`, which says what is expected and never repeats the address: it holds a password.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(_EXPECTED) from None
    starttls = {"": None, "starttls=always": True, "starttls=never": False}.get(parts.query, "unknown")
    if parts.scheme not in _PORTS or not host or parts.path.strip("/") or parts.fragment or starttls == "unknown":
        raise ValueError(_EXPECTED)
    is_here = host in ("127.0.0.1", "localhost", "::1")
    encryption = Encryption.TLS if parts.scheme == "smtps" else Encryption.STARTTLS
    if encryption is Encryption.STARTTLS and (starttls is False or (is_here and starttls is None)):
        encryption = Encryption.NONE
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if user and encryption is Encryption.NONE and not is_here:
        raise ValueError("would send a password in the clear. Leave out ?starttls=never, or the user and the password.")
    return SmtpServer(host, port or _PORTS[parts.scheme], encryption, user, password)


class Undeliverable(Exception):
    """This mail was refused for good; the text is for operators."""


class TryLater(Exception):
    """This mail was not taken now; others may be."""


class ServerUnreachable(TryLater):
    """No mail can be handed in now."""


class SmtpConnection:
    """Opens when the first mail goes out, and again when the server has hung up between two mails."""

    def __init__(self, server: SmtpServer, timeout: float = TIMEOUT_SECONDS) -> None:
        self._server = server
        self._timeout = timeout
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, mail: EmailMessage, sender: str, to: str) -> None:
        """Hand one mail in; returns when the server has taken it. Raises `Undeliverable`, `TryLater` or `ServerUnreachable`."""
        smtp = self._ready()
        try:
            smtp.send_message(mail, from_addr=sender, to_addrs=[to])
        except smtplib.SMTPRecipientsRefused as error:
            raise _by_code("recipient", *error.recipients[to]) from error
        except smtplib.SMTPDataError as error:
            raise _by_code("content", error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Undeliverable("the mail server takes no addresses with letters beyond ASCII (SMTPUTF8)") from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise TryLater(_said(error)) from error

    def close(self) -> None:
        """Say goodbye and hang up. Safe to call twice."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()

    def _ready(self) -> smtplib.SMTP:
        if self._smtp is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                if self._smtp.noop()[0] == 250:
                    return self._smtp
            self.close()
        try:
            self._smtp = self._open()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise ServerUnreachable(_said(error)) from error
        return self._smtp

    def _open(self) -> smtplib.SMTP:
        server, trusted = self._server, ssl.create_default_context()
        smtp: smtplib.SMTP
        if server.encryption is Encryption.TLS:
            smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout, context=trusted)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        try:
            if server.encryption is Encryption.STARTTLS:
                smtp.starttls(context=trusted)
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


def _by_code(what: str, code: int, answer: bytes | str) -> Exception:
    text = f"{what}: {code} {_plain(answer)}"
    return Undeliverable(text) if 500 <= code <= 599 else TryLater(text)


def _said(error: Exception) -> str:
    """What the server or the system said. A refused login is told by its code alone: answers to it may repeat what was sent."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the mail server refused the login ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_plain(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def _plain(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:200]
