"""What operations are given to work with. `app.py` fills it once; nothing in it changes afterwards but the keys and the revocations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from roundtrip.api.awaited import Awaited
from roundtrip.api.renditions import Renditions
from roundtrip.api.waiting import Waiting
from roundtrip.core.clock import Clock
from roundtrip.core.limits import Limits
from roundtrip.oauth.access_token import AccessTokens
from roundtrip.oauth.keys import KeyRing
from roundtrip.oauth.revocation import RevocationSet
from roundtrip.redirect_session.model import Lifetimes
from roundtrip.sites.refusals.tally import Refusals
from roundtrip.storage.database import Database
from roundtrip.workflows.cashier import Cashier
from roundtrip.workflows.webhook_setup import WebhookSetup


@dataclass(frozen=True, slots=True)
class ApiServices:
    """`issuer` is the public base address without a slash at its end; `hash_work` runs a blocking job off the event loop; `code_key` is
    what codes in mails are derived from, `rotation_key` what refresh tokens of rotating clients are; `draining` is true once the process
    was told to end; `media_url` is the origin of pictures in answers (`media/address.py`); `import_hosts` are places inside the
    operator's network that pictures may be imported from; `waiting` counts calls that wait."""

    db: Database
    clock: Clock
    issuer: str
    tokens: AccessTokens
    key_ring: KeyRing
    revocations: RevocationSet
    lifetimes: Lifetimes
    limits: Limits
    hash_work: Callable[[Callable[[], object]], Awaitable[object]]
    ready: Callable[[], Awaitable[list[str]]]
    metrics: Callable[[], bytes]
    openapi: Callable[[], bytes]
    code_key: bytes
    refusals: Refusals
    draining: Callable[[], bool]
    rotation_key: bytes
    media_url: str
    renditions: Renditions
    import_hosts: frozenset[str]
    cashier: Cashier
    waiting: Waiting
    webhooks: WebhookSetup
    sessions_awaited: Awaited
