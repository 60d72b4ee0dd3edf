"""A real SMTP server (aiosmtpd) on loopback that tests may make rude, and everything that a worker needs to talk to it."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from roundtrip.core.ids import new_id
from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.core.secrets import derived_key
from roundtrip.credentials.one_time_code import KEY_PURPOSE
from roundtrip.sites import actions as sites
from roundtrip.sites.model import Mode, Site
from roundtrip.storage import mail_queue
from roundtrip.storage.database import Database, Tx
from roundtrip.worker.mail import MailSender
from roundtrip.worker.smtp import Encryption, MailSettings, SmtpServer
from tests.app_fixture import BASE, NOW, SECRET, MovableClock

CODE_KEY = derived_key(SECRET, KEY_PURPOSE)
SENDER = "no-reply@pages.example"
USER, PASSWORD = "post", "a password: with @ and /"


@dataclass
class Letter:
    """One mail that the server took."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        """Parsed as a mail program does."""
        parsed = message_from_bytes(self.raw, policy=SMTPUTF8)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def part(self, kind: str) -> str:
        """The plain text or the HTML."""
        found = self.mail.get_body((kind,))
        assert found is not None
        return str(found.get_content())


@dataclass
class Clerk:
    """What the server answers. `on_recipient` and `on_content` may answer with a refusal, or None."""

    letters: list[Letter] = field(default_factory=list)
    has_taken: Event = field(default_factory=Event)
    sessions: int = 0
    logins: list[tuple[bytes, bool]] = field(default_factory=list)
    on_recipient: Callable[[str], str | None] = lambda address: None
    on_content: Callable[[Letter], str | None] = lambda letter: None
    hang_up_at: str | None = None

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]) -> list[str]:  # noqa: N802
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        if self.hang_up_at == "RCPT":
            self._hang_up(server)
        refusal = self.on_recipient(address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        letter = Letter(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.content)
        refusal = self.on_content(letter)
        if refusal is None:
            self.letters.append(letter)
            self.has_taken.set()
        if self.hang_up_at == "DATA":
            self._hang_up(server)
        return refusal or "250 taken"

    def check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: LoginPassword) -> AuthResult:
        """Who may hand in."""
        is_right = given == LoginPassword(USER.encode(), PASSWORD.encode())
        self.logins.append((given.login, session.ssl is not None))
        return AuthResult(success=is_right, handled=False)

    def _hang_up(self, server: SMTP) -> None:
        self.hang_up_at = None
        assert isinstance(server.transport, asyncio.WriteTransport)
        server.transport.abort()


@contextmanager
def open_post(clerk: Clerk, *, port: int = 0, certificate: Path | None = None, is_tls_from_start: bool = False) -> Iterator[int]:
    """Run a server; gives its port. With a certificate it wants STARTTLS and a login, or (without a login) speaks TLS from the start."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    options: dict[str, Any] = {}
    if context is not None and not is_tls_from_start:
        options = {"tls_context": context, "require_starttls": True, "authenticator": clerk.check, "auth_required": True}
    controller = Controller(
        clerk, hostname="127.0.0.1", port=port or _free_port(), ssl_context=context if is_tls_from_start else None, **options
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file that can also be trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "post.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@dataclass
class Office:
    """A database with a live and a test site, and workers that send for them."""

    db: Database
    clock: MovableClock
    live: Site
    test: Site
    counts: Counter[str] = field(default_factory=Counter)

    def worker(self, port: int | None, **more: object) -> MailSender:
        """A worker that hands in at this port of this machine; None: it knows no server."""
        server = None if port is None else SmtpServer("127.0.0.1", port, Encryption.NONE)
        if more and server is not None:
            server = SmtpServer("127.0.0.1", port or 0, **more)  # type: ignore[arg-type]
        return MailSender(self.db, self.clock, MailSettings(server, SENDER), BASE, CODE_KEY, lambda: 0.5, self._count, timeout=30)

    def round(self, port: int | None, **more: object) -> int:
        """One round of such a worker."""
        return asyncio.run(self.worker(port, **more).round())

    def ask(
        self, *, site: Site | None = None, to: str = "ann@shop.example", language: str = "en", kind: MailKind = MailKind.VERIFY_EMAIL
    ) -> str:
        """Ask for a mail, as a transaction does; answers the event's id."""
        now = self.clock()
        event_id = new_id(now)
        has_code = kind in (MailKind.VERIFY_EMAIL, MailKind.RECOVER)
        values = {"name": "Ann"} if has_code else {"name": "Ann", "url": f"{BASE}/somewhere"}
        mail = MailRequest(kind, to, language, new_id(now) if has_code else None, values)
        self.db.write_now(mail_queue.request, (site or self.live).id, mail, event_id=event_id, now=now)
        return event_id

    def row(self, event_id: str) -> tuple[str | None, int, str | None, int]:
        """Outcome, attempts, last error and the time of the next try."""

        def read(tx: Tx) -> tuple[str | None, int, str | None, int]:
            row = tx.one("SELECT outcome, attempts, last_error, claimed_until FROM outbox WHERE id = :id", id=event_id)
            assert row is not None
            return row[0], row[1], row[2], row[3]

        return self.db.read_now(read)

    def _count(self, outcome: str) -> None:
        self.counts[str(outcome)] += 1


def open_office(db: Database) -> Office:
    """Both sites, made."""

    def make(tx: Tx) -> tuple[Site, Site]:
        theme = '{"brandColor":"#9a4a2f"}'
        live = sites.create_site(tx, site_id=new_id(NOW), slug="loom", name="Loom", mode=Mode.LIVE, language="en", theme=theme, now=NOW)
        test = sites.create_site(
            tx, site_id=new_id(NOW), slug="kiln", name="Kiln & Co.", mode=Mode.TEST, language="en", theme=theme, now=NOW
        )
        return live, test

    return Office(db, MovableClock(), *db.write_now(make))
