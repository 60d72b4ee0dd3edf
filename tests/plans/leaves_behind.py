"""What somebody leaves behind by subscribing: an order with a kept card that goes on, one that was begun only, and one from the owner."""

from __future__ import annotations

from roundtrip.core.ids import new_id
from roundtrip.members import actions as members
from roundtrip.payments import actions as payments
from roundtrip.payments import providers
from roundtrip.payments.providers.test import Choice, reports_of
from roundtrip.plans import seed
from roundtrip.plans.orders import store
from roundtrip.plans.orders.actions import Wish
from roundtrip.plans.orders.model import Kind
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import buy_plan, selling
from roundtrip.workflows.plan_seller import owed
from tests.app_fixture import NOW, App


def leaves_behind(app: App, email: str) -> None:
    """She takes a trial, looks at a pass without paying it, and is given a newsletter."""
    db, site = app.application.db, app.world.site
    db.write_now(seed.seed, site.id, now=NOW)
    db.write_now(_subscribe, site.id, email, app.clock.now)


def _subscribe(tx: Tx, site_id: str, email: str, now: int) -> None:
    member = members.by_email(tx, site_id, email)
    assert member is not None
    trial = buy_plan.begin(tx, site_id, seed.MONTHLY, member.id, Wish(), Moment(now, new_id(now)))
    charge = store.charge(tx, site_id, trial.id)
    assert charge is not None
    attempt = payments.begin(tx, owed(trial, charge, return_path="/session/x/pay_plan"), providers.TEST, now)
    for report in reports_of(attempt, Choice.PAID, now):
        selling.settle(tx, selling.SELLERS, report, now)
    buy_plan.begin(tx, site_id, seed.PASS, member.id, Wish(), Moment(now, new_id(now)))
    buy_plan.begin(tx, site_id, seed.COMMUNITY, member.id, Wish(Kind.OFFLINE), Moment(now, new_id(now)))
