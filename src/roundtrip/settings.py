"""Reads the environment once into the small frozen dataclasses that the rooms declare. Rooms never see this file.

`SETTINGS` is the table that the reference manual is generated from.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from roundtrip.core.clock import MINUTE, SECOND
from roundtrip.core.limits import LimitSettings
from roundtrip.media.address import WELL_KNOWN
from roundtrip.redirect_session.model import Lifetimes
from roundtrip.worker.mail_address import BadAddress, wire_address
from roundtrip.worker.smtp import MailSettings, smtp_server


class SettingError(ValueError):
    """A setting that cannot be used; the text says which, what was received and what was expected."""


class StartError(RuntimeError):
    """A process cannot start as things are, however right its settings; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its default as text, and what it does."""

    name: str
    default: str
    meaning: str


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "ROUNDTRIP_DATABASE_URL",
        "sqlite:///<data directory>/roundtrip.db",
        "`sqlite:///path` for one process on one machine, `postgresql://...` for many.",
    ),
    Setting(
        "ROUNDTRIP_BASE_URL",
        "http://127.0.0.1:<port>",
        "The public address of pages and API, without a slash at its end. Pages answer under this host name only.",
    ),
    Setting("ROUNDTRIP_HOST", "127.0.0.1", "The address to listen on."),
    Setting("ROUNDTRIP_PORT", "8000", "The port to listen on."),
    Setting("ROUNDTRIP_DATA_DIR", "data", "Where the database file and the generated secret live by default."),
    Setting(
        "ROUNDTRIP_SECRET",
        "generated once into <data directory>/secret",
        "At least 32 characters; seals the signing keys in the database. Every node needs the same one.",
    ),
    Setting("ROUNDTRIP_LIMITS", "live", "`on` counts requests on test-mode sites too; `live` counts on live sites only."),
    Setting("ROUNDTRIP_TOKENS_PER_MINUTE", "600", "Token requests for one client from one address."),
    Setting(
        "ROUNDTRIP_SESSIONS_PER_MINUTE", "120", "Redirect sessions for one visitor; five times as many for one client from one address."
    ),
    Setting("ROUNDTRIP_LOGINS_PER_MINUTE", "30", "Registrations and password checks by API for one client from one address."),
    Setting(
        "ROUNDTRIP_RENDITIONS_PER_MINUTE",
        "600",
        "Sizes of pictures that were not asked for lately and have to be made, for one address; on test-mode sites too.",
    ),
    Setting("ROUNDTRIP_OPEN_WITHIN_MINUTES", "30", "How long an entry address can be opened."),
    Setting("ROUNDTRIP_FINISH_WITHIN_MINUTES", "1440", "How long an opened visit may take."),
    Setting("ROUNDTRIP_KEEP_SESSIONS_DAYS", "90", "How long ended redirect sessions are kept."),
    Setting(
        "ROUNDTRIP_TRUSTED_PROXIES", "", "Comma-separated addresses of proxies whose `X-Forwarded-For` is believed; empty believes nobody."
    ),
    Setting(
        "ROUNDTRIP_SMTP_URL",
        "",
        "The mail server: `smtp://user:password@host:587` (STARTTLS) or `smtps://user:password@host:465` (TLS from the start). Special "
        "characters of user and password are percent-encoded. `?starttls=never` sends in the clear; to this machine's own server that is "
        "the default, and `?starttls=always` changes it. Empty: mails of live sites wait. Test sites never use it.",
    ),
    Setting(
        "ROUNDTRIP_MAIL_FROM", "", "The address that mails come from, such as `no-reply@shop.example`. Needed with `ROUNDTRIP_SMTP_URL`."
    ),
    Setting(
        "ROUNDTRIP_MEDIA_URL",
        WELL_KNOWN,
        "The origin of pictures in answers of the API. The default is the only host that the official SDK's media helpers know; sites that "
        "use them lead that name to this server. `own` stands for ROUNDTRIP_BASE_URL: for sites that show the addresses as they are.",
    ),
    Setting(
        "ROUNDTRIP_IMPORT_HOSTS",
        "",
        "Comma-separated `host` or `host:port` inside your own network that pictures may be imported from. Public addresses need no entry.",
    ),
    Setting(
        "ROUNDTRIP_WEBHOOK_HOSTS",
        "",
        "Comma-separated `host` or `host:port` inside your own network that webhooks of live sites may be sent to. Public addresses need "
        "no entry; test sites may name private ones anyway.",
    ),
    Setting("ROUNDTRIP_LOG_LEVEL", "info", "`debug`, `info`, `warning` or `error`. Logs are JSON lines on standard error."),
    Setting("ROUNDTRIP_ACCESS_LOG", "off", "`on` logs every request."),
    Setting(
        "ROUNDTRIP_DRAIN_SECONDS",
        "0",
        "How long the server goes on answering after SIGTERM while `/health/ready` says 503 already. "
        "Behind a load balancer: a little longer than it takes to notice.",
    ),
    Setting("ROUNDTRIP_DATABASE_CONNECTIONS", "10", "PostgreSQL only: connections at most."),
)
_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the process was told, checked."""

    database_url: str
    base_url: str
    host: str
    port: int
    data_dir: Path
    secret: str
    trusted_proxies: str
    log_level: str
    access_log: bool
    database_connections: int
    limits: LimitSettings = field(default_factory=LimitSettings)
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    mail: MailSettings = field(default_factory=MailSettings)
    drain_seconds: int = 0
    media_url: str = WELL_KNOWN
    import_hosts: frozenset[str] = frozenset()
    webhook_hosts: frozenset[str] = frozenset()
    stripe_url: str = ""
    """Where Stripe's API is; empty: at Stripe. Only tests set it, to an imitation, so there is no variable for it."""

    @property
    def is_sqlite(self) -> bool:
        """True when this process owns its database file and runs the worker's loops itself."""
        return self.database_url.startswith("sqlite:")


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises `SettingError`. Makes the data directory, and the secret where none is given."""
    given = os.environ if environment is None else environment
    data_dir = Path(given.get("ROUNDTRIP_DATA_DIR") or _DEFAULTS["ROUNDTRIP_DATA_DIR"])
    port = _integer(given, "ROUNDTRIP_PORT", 1, 65535)
    base_url = _origin("ROUNDTRIP_BASE_URL", given.get("ROUNDTRIP_BASE_URL") or f"http://127.0.0.1:{port}")
    return Settings(
        database_url=given.get("ROUNDTRIP_DATABASE_URL") or f"sqlite:///{data_dir / 'roundtrip.db'}",
        base_url=base_url,
        host=given.get("ROUNDTRIP_HOST") or _DEFAULTS["ROUNDTRIP_HOST"],
        port=port,
        data_dir=data_dir,
        secret=_secret(given.get("ROUNDTRIP_SECRET"), data_dir),
        trusted_proxies=given.get("ROUNDTRIP_TRUSTED_PROXIES", ""),
        log_level=_choice(given, "ROUNDTRIP_LOG_LEVEL", ("debug", "info", "warning", "error")),
        access_log=_choice(given, "ROUNDTRIP_ACCESS_LOG", ("on", "off")) == "on",
        database_connections=_integer(given, "ROUNDTRIP_DATABASE_CONNECTIONS", 1, 500),
        drain_seconds=_integer(given, "ROUNDTRIP_DRAIN_SECONDS", 0, 300),
        limits=LimitSettings(
            enabled_in_test=_choice(given, "ROUNDTRIP_LIMITS", ("live", "on")) == "on",
            tokens_per_minute=_integer(given, "ROUNDTRIP_TOKENS_PER_MINUTE", 1, 10_000_000),
            sessions_per_minute=_integer(given, "ROUNDTRIP_SESSIONS_PER_MINUTE", 1, 10_000_000),
            logins_per_minute=_integer(given, "ROUNDTRIP_LOGINS_PER_MINUTE", 1, 10_000_000),
            renditions_per_minute=_integer(given, "ROUNDTRIP_RENDITIONS_PER_MINUTE", 1, 10_000_000),
        ),
        lifetimes=Lifetimes(
            open_within=_integer(given, "ROUNDTRIP_OPEN_WITHIN_MINUTES", 1, 7 * 1440) * MINUTE,
            finish_within=_integer(given, "ROUNDTRIP_FINISH_WITHIN_MINUTES", 1, 30 * 1440) * MINUTE,
            keep_for=_integer(given, "ROUNDTRIP_KEEP_SESSIONS_DAYS", 1, 3650) * 86_400 * SECOND,
        ),
        mail=_mail(given.get("ROUNDTRIP_SMTP_URL", ""), given.get("ROUNDTRIP_MAIL_FROM", "")),
        media_url=_media_url(given.get("ROUNDTRIP_MEDIA_URL") or _DEFAULTS["ROUNDTRIP_MEDIA_URL"], base_url),
        import_hosts=_hosts(given, "ROUNDTRIP_IMPORT_HOSTS"),
        webhook_hosts=_hosts(given, "ROUNDTRIP_WEBHOOK_HOSTS"),
    )


def _hosts(given: Mapping[str, str], name: str) -> frozenset[str]:
    return frozenset(host.strip().lower() for host in given.get(name, "").split(",") if host.strip())


def _media_url(text: str, base_url: str) -> str:
    return base_url if text.strip().lower() == "own" else _origin("ROUNDTRIP_MEDIA_URL", text)


def _origin(name: str, text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingError(f"{name} must be like https://pages.example (no path), received {text!r}.")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise SettingError(f"{name} must be https; plain http is for this machine only. Received {text!r}.")
    return f"{parts.scheme}://{parts.netloc}"


def _secret(given: str | None, data_dir: Path) -> str:
    if given is not None:
        if len(given) < 32:
            raise SettingError(f"ROUNDTRIP_SECRET must have at least 32 characters, received {len(given)}.")
        return given
    file = data_dir / "secret"
    if not file.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass  # another process of the same start was quicker; its secret is the one
        else:
            with os.fdopen(descriptor, "w") as opened:
                opened.write(secrets.token_urlsafe(48))
    return file.read_text().strip()


def _mail(url: str, sender: str) -> MailSettings:
    try:
        address = wire_address(sender) if sender else ""
    except BadAddress as error:
        raise SettingError(f"ROUNDTRIP_MAIL_FROM must be an address like no-reply@shop.example, received {sender!r}: {error}.") from error
    if url and not address:
        raise SettingError("ROUNDTRIP_SMTP_URL is set, so ROUNDTRIP_MAIL_FROM must say which address mails come from.")
    try:
        return MailSettings(smtp_server(url) if url else None, address)
    except ValueError as error:
        raise SettingError(f"ROUNDTRIP_SMTP_URL {error}") from None  # the cause would show the password


def _integer(given: Mapping[str, str], name: str, low: int, high: int) -> int:
    text = given.get(name) or _DEFAULTS[name]
    if not text.isdecimal() or not low <= int(text) <= high:
        raise SettingError(f"{name} must be a whole number from {low} to {high}, received {text!r}.")
    return int(text)


def _choice(given: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    text = (given.get(name) or _DEFAULTS[name]).lower()
    if text not in choices:
        raise SettingError(f"{name} must be one of {', '.join(choices)}, received {text!r}.")
    return text
