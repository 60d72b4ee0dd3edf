"""Ways to be paid. `known()` lists them without loading any: one of them costs a second and thirty megabytes (decision 0121).

A provider is a module here with a function `connect(Till) -> Provider`, and one line below. `base.py` says what a provider has to do.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

from roundtrip.payments.providers.base import Provider, Till
from roundtrip.sites.model import Site
from roundtrip.text.marks import marked

OFFLINE = "offline"
STRIPE = "stripe"
TEST = "test"


@dataclass(frozen=True, slots=True)
class Known:
    """What can be said of a provider without loading it.

    `pays_later`: what is bought is handed out before the money is there, which the owner reports. `refunds_by_hand`: a person moves the
    money back. `is_pretended`: no money moves, so only test sites may use it (OPS-12).
    """

    name: str
    title: str
    module: str
    pays_later: bool = False
    refunds_by_hand: bool = False
    is_pretended: bool = False


_KNOWN = {
    one.name: one
    for one in (
        Known(STRIPE, marked("Card and more"), "roundtrip.payments.providers.stripe"),
        Known(TEST, marked("Test payment"), "roundtrip.payments.providers.test", is_pretended=True),
        Known(OFFLINE, marked("Pay later"), "roundtrip.payments.providers.offline", pays_later=True, refunds_by_hand=True),
    )
}


def known() -> Mapping[str, Known]:
    """Every provider by its name, in the order in which visitors are offered them."""
    return _KNOWN


def for_site(site: Site, *, offline: bool, stripe_is_live: bool | None) -> tuple[Known, ...]:
    """The providers that visitors of this site are offered; empty when it can't be paid.

    `stripe_is_live`: whether the site's Stripe key moves real money; None: it has none. A test site never moves real money, and a live
    site nothing else.
    """
    usable = {
        STRIPE: stripe_is_live is not None and stripe_is_live is not site.is_test,
        TEST: site.is_test,
        OFFLINE: offline,
    }
    return tuple(one for name, one in _KNOWN.items() if usable[name])


def load(name: str, till: Till) -> Provider:
    """The provider of this name, ready to work for one site. Raises `LookupError` for one that is not known."""
    if name not in _KNOWN:
        raise LookupError(f"There is no payment provider called {name!r}; there are {', '.join(_KNOWN)}.")
    provider: Provider = importlib.import_module(_KNOWN[name].module).connect(till)
    return provider
