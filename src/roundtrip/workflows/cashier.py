"""Who asks payment providers on behalf of sites: finds the site's keys, and the address of its pages. Asking waits; this does not."""

from __future__ import annotations

from dataclasses import dataclass, field

from roundtrip.core.secrets import derived_key
from roundtrip.payments import actions, providers
from roundtrip.payments.model import Attempt
from roundtrip.payments.providers.base import Provider, Till
from roundtrip.payments.selling import Sellers
from roundtrip.payments.site_settings import actions as site_settings
from roundtrip.payments.site_settings.model import KEY_PURPOSE
from roundtrip.sites import store as sites
from roundtrip.storage.database import Tx
from roundtrip.workflows.selling import SELLERS

PAGE_PREFIX = "/pay/"


@dataclass(frozen=True, slots=True)
class Cashier:
    """`base_url` is the server's own address; `stripe_url` is empty but for tests; `sellers` act on what is reported."""

    base_url: str
    page_key: bytes = field(repr=False)
    sealing_key: bytes = field(repr=False)
    stripe_url: str = ""
    sellers: Sellers = field(default_factory=lambda: SELLERS)

    @classmethod
    def of(cls, secret: str, base_url: str, *, stripe_url: str = "", sellers: Sellers = SELLERS) -> Cashier:
        """From the installation's one secret."""
        return cls(base_url, actions.page_key(secret), derived_key(secret, KEY_PURPOSE), stripe_url, sellers)

    def page_path(self, attempt: Attempt) -> str:
        """Where on our own host this attempt is paid: what a flow sends its visitor to after `payments.actions.begin`."""
        return PAGE_PREFIX + actions.page_token(self.page_key, attempt.id)

    def till(self, tx: Tx, site_id: str, name: str) -> Till:
        """What the provider works with for one site.

        Raises INVALID `PROVIDER_NOT_SET_UP` for one whose keys the site does not have, and `MASTER_SECRET_MISMATCH`.
        """
        settings = site_settings.of_site(tx, site_id)
        base = self.pages_url(tx, site_id)
        return site_settings.till(settings, name, sealing_key=self.sealing_key, base_url=base, service_url=self.stripe_url)

    def provider(self, name: str, till: Till) -> Provider:
        """The provider, ready to be asked. Takes a second when a process first needs Stripe, so call it in a thread."""
        return providers.load(name, till)

    def pages_url(self, tx: Tx, site_id: str) -> str:
        """The address of the site's pages, without a slash at its end."""
        site = sites.site(tx, site_id)
        return (site.pages_url if site else None) or self.base_url

    def back_url(self, till: Till, attempt: Attempt) -> str:
        """Where a provider sends the visitor back to: a page of ours, which looks how it went."""
        return f"{till.base_url}{self.page_path(attempt)}/back"
