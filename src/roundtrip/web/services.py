"""What pages are given to work with. `app.py` fills it once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from roundtrip.core.clock import Clock
from roundtrip.core.limits import Limits
from roundtrip.oauth.keys import KeyRing
from roundtrip.oauth.revocation import RevocationSet
from roundtrip.redirect_session.model import Lifetimes
from roundtrip.sites.refusals.tally import Refusals
from roundtrip.storage.database import Database
from roundtrip.web.render import Renderer
from roundtrip.workflows.cashier import Cashier
from roundtrip.workflows.webhook_setup import WebhookSetup


@dataclass(frozen=True, slots=True)
class WebServices:
    """`base_url` is the address that this browser sees the pages under, without a slash at its end, and `issuer` the server's own: they
    differ under the pages address of a site, whose id is then `only_site`. `hash_work` runs a blocking job off the event loop; `code_key`
    is what codes in mails are derived from."""

    db: Database
    clock: Clock
    base_url: str
    issuer: str
    renderer: Renderer
    revocations: RevocationSet
    lifetimes: Lifetimes
    limits: Limits
    hash_work: Callable[[Callable[[], object]], Awaitable[object]]
    code_key: bytes
    refusals: Refusals
    key_ring: KeyRing
    cashier: Cashier
    webhooks: WebhookSetup
    only_site: str | None = None

    @property
    def is_secure(self) -> bool:
        """True behind https, which live mode needs. Plain http is for loopback (decision 0004): there cookies lose `Secure`."""
        return self.base_url.startswith("https://")
