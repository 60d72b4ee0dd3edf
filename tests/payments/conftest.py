"""A shop that sells vases for real, the application with it, and Stripe's imitation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import derived_key
from roundtrip.payments.model import Attempt, Settled
from roundtrip.payments.site_settings import actions as site_settings
from roundtrip.payments.site_settings.model import KEY_PURPOSE, StripeKeys
from roundtrip.sites.change import Change
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Tx
from tests.app_fixture import NOW, SECRET, App, World, _copy, _prepared, app, app_on_each, running, settings
from tests.payments import stripe_imitation
from tests.payments.stripe_imitation import SECRET_KEY, WEBHOOK_SECRET, Imitation

__all__ = ["_prepared", "app", "app_on_each"]


@dataclass
class Shop:
    """A seller that remembers what it was told."""

    told: list[Settled] = field(default_factory=list)

    def be_alone(self, tx: Tx, site_id: str, owed_id: str, now: int) -> None:
        """Nothing is locked here."""

    def settled(self, tx: Tx, settled: Settled, now: int) -> None:
        """Hear what happened."""
        self.told.append(settled)

    def refund_failed(self, tx: Tx, attempt: Attempt, now: int) -> None:
        """Nothing is given back here."""

    @property
    def sold(self) -> list[str]:
        """What was paid."""
        return [one.attempt.owed_id for one in self.told if one.is_paid]


@pytest.fixture(scope="session")
def stripe_for_all_tests() -> Iterator[Imitation]:
    """One imitation for all tests; ask for `imitation` instead."""
    with stripe_imitation.running() as found:
        yield found


@pytest.fixture
def imitation(stripe_for_all_tests: Imitation) -> Imitation:
    """Stripe's imitation, empty."""
    found = stripe_for_all_tests
    for kept in (found.sessions, found.intents, found.refunds, found.answers, found.calls):
        kept.clear()
    found.down = found.refuse_refunds = found.refuse_cards = found.forget_keys = False
    return found


@dataclass
class Selling:
    """The application with a shop in it, paid by Stripe's imitation or by the test provider."""

    app: App
    shop: Shop
    imitation: Imitation


@pytest.fixture
def selling(_prepared: tuple[Path, World], tmp_path: Path, imitation: Imitation) -> Iterator[Selling]:
    """The application on SQLite with a shop."""
    url = _copy(_prepared, tmp_path)
    shop = Shop()
    known = replace(settings(url), stripe_url=imitation.url)
    for started in running(connect(url), _prepared[1], known, sellers={"vase": shop}):
        with_stripe(started)
        # Tests let the worker look when they want it to.
        for task in started.application._loops:
            if task.get_name() == "payments":
                task.cancel()
        yield Selling(started, shop, imitation)


def a_change() -> Change:
    """Somebody with a shell changes something."""
    return Change(new_id(NOW), COMMAND, NOW)


def with_stripe(app: App) -> None:
    """The test site gets Stripe keys."""
    keys = StripeKeys(SECRET_KEY, WEBHOOK_SECRET)
    sealed = site_settings.seal_keys(derived_key(SECRET, KEY_PURPOSE), keys)
    app.application.db.write_now(site_settings.set_stripe, app.world.site, keys, sealed=sealed, change=a_change())
