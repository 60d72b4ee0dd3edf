"""How a site is paid. Pure values; `store.py` keeps them, `actions.py` changes them."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from roundtrip.payments import providers
from roundtrip.payments.providers import Known
from roundtrip.sites.model import Site

KEY_PURPOSE = "keys of payment providers"
"""What `core.secrets.derived_key` is asked for to seal the keys below."""
LONGEST_INSTRUCTIONS = 1000


class StripeKeys(msgspec.Struct, frozen=True):
    """The two secrets of a site's Stripe account. Never logged, never shown again (OPS-03)."""

    secret_key: str
    webhook_secret: str

    def __repr__(self) -> str:
        return "StripeKeys(...)"


@dataclass(frozen=True, slots=True)
class PaymentSettings:
    """`stripe_hint` shows how the key begins and ends (`sk_live_...4242`); `stripe_sealed` holds both keys, sealed."""

    site_id: str
    offline: bool = False
    offline_instructions: str = ""
    stripe_sealed: str | None = field(default=None, repr=False)
    stripe_hint: str | None = None
    revision: int = 0

    @property
    def stripe_is_live(self) -> bool | None:
        """True when the site's Stripe key moves real money; None: it has none."""
        return None if self.stripe_hint is None else not is_test_key(self.stripe_hint)

    def ways_to_pay(self, site: Site) -> tuple[Known, ...]:
        """What visitors of the site are offered, best first; empty when nothing that costs something can be sold."""
        return providers.for_site(site, offline=self.offline, stripe_is_live=self.stripe_is_live)


def is_test_key(key: str) -> bool:
    """Stripe says by the beginning of a key whether it moves real money."""
    return key.startswith(("sk_test_", "rk_test_"))
