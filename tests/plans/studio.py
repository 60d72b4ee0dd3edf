"""A studio that sells the demo plans, its members, and time that passes for its plans."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from roundtrip.core.clock import DAY
from roundtrip.core.errors import AppError
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.members import actions as members
from roundtrip.members.model import Member, Profile
from roundtrip.payments import actions as payments
from roundtrip.payments import providers
from roundtrip.payments.model import Attempt
from roundtrip.payments.providers.test import Choice, reports_of
from roundtrip.plans import seed
from roundtrip.plans.orders import store
from roundtrip.plans.orders.actions import Wish
from roundtrip.plans.orders.model import PlanOrder
from roundtrip.plans.plan import actions as plans
from roundtrip.plans.plan.draft import PlanDraft
from roundtrip.plans.plan.model import Plan
from roundtrip.sites import actions as sites
from roundtrip.sites.change import Change
from roundtrip.sites.model import Mode, Site
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Database, Tx
from roundtrip.worker.plan_clock import Passed, pass_time
from roundtrip.workflows import buy_plan, selling
from roundtrip.workflows.cashier import Cashier
from roundtrip.workflows.plan_seller import SELLERS, owed

NOW = 1_790_000_000_000
T = TypeVar("T")


@dataclass
class Studio:
    """The site. What happens at once happens at `now`; its plans have their own clock."""

    db: Database
    site: Site
    ann: Member
    now: int = NOW

    @property
    def moment(self) -> Moment:
        """This instant, with ids of its own."""
        return Moment(self.now, new_id(self.now))

    def write(self, fn: Callable[..., T], *args: Any) -> T:
        """One transaction."""
        return self.db.write_now(fn, *args)

    def plan(self, plan_id: str = "", **fields: object) -> Plan:
        """One of the demo plans, or a new one: by default every month, for 10 dollars."""
        if plan_id:
            return self.db.read_now(plans.require, self.site.id, plan_id)
        pricing = {"subscription": {"cycleDuration": {"count": 1, "unit": "MONTH"}}, "price": {"value": "10.00"}}
        sent = msgspec.convert({"name": f"Plan {new_id(self.now)[-6:]}", "pricing": pricing, **fields}, PlanDraft)
        change = Change(new_id(self.now), COMMAND, self.now)
        return self.db.write_now(lambda tx: plans.create(tx, self.site.id, sent, plan_id=new_id(self.now), currency="USD", change=change))

    def draft(self, plan: Plan, **wish: Any) -> PlanOrder:
        """Ann begins to buy."""
        return self.write(buy_plan.begin, self.site.id, plan.id, self.ann.id, Wish(**wish), self.moment)

    def attempt(self, order: PlanOrder) -> Attempt:
        """She goes to pay the first cycle."""

        def begin(tx: Tx) -> Attempt:
            charge = store.charge(tx, self.site.id, order.id)
            assert charge is not None
            return payments.begin(tx, owed(order, charge, return_path="/session/x/pay_plan"), providers.TEST, self.now)

        return self.db.write_now(begin)

    def settle(self, attempt: Attempt, choice: Choice = Choice.PAID) -> None:
        """The test provider says how it went."""
        for report in reports_of(attempt, choice, self.now):
            self.write(selling.settle, SELLERS, report, self.now)

    def buy(self, plan: Plan, choice: Choice = Choice.PAID, **wish: Any) -> PlanOrder:
        """Ann buys a plan that costs something."""
        order = self.draft(plan, **wish)
        self.settle(self.attempt(order), choice)
        return self.order(order.id)

    def order(self, order_id: str) -> PlanOrder:
        """An order as it is kept now."""
        found = self.db.read_now(store.order, self.site.id, order_id)
        assert found is not None
        return found

    def passes(self, days: float) -> Passed:
        """Time passes for the plans; all that is due happens."""
        cashier = Cashier.of("a master secret for tests", "https://pages.example", sellers=SELLERS)
        return asyncio.run(pass_time(self.db, lambda: self.now, cashier, self.site, int(days * DAY)))

    def told(self, order_id: str) -> list[str]:
        """What the world was told about an order, by name: all of it happens in one millisecond."""
        sql = "SELECT slug FROM outbox WHERE entity = 'plan_order' AND entity_id = :id"
        return sorted(row[0] for row in self.db.read_now(lambda tx: tx.all(sql, id=order_id)))

    def mails(self) -> list[str]:
        """The kinds of mails to Ann, by name."""
        rows = self.db.read_now(lambda tx: tx.all("SELECT body FROM outbox WHERE entity = 'mail'"))
        return sorted(str(msgspec.json.decode(row[0], type=dict[str, Any])["kind"]) for row in rows)


def open_studio(db: Database) -> Studio:
    """A site in test mode with the demo plans and one member."""
    site = db.write_now(
        lambda tx: sites.create_site(
            tx, site_id=new_id(NOW), slug="studio", name="Studio", mode=Mode.TEST, language="en", theme="{}", now=NOW
        )
    )
    db.write_now(seed.seed, site.id, now=NOW)
    ann = db.write_now(_sign_up, site)
    return Studio(db, site, ann)


def _sign_up(tx: Tx, site: Site) -> Member:
    return members.register(
        tx,
        site_id=site.id,
        email="ann@example.com",
        password_hash=None,
        profile=Profile(),
        member_id=new_id(NOW),
        now=NOW,
        event_id=new_id(NOW),
    )


def code_of(call: Callable[[], object]) -> str:
    """Why it was refused."""
    try:
        call()
    except AppError as error:
        return error.code
    raise AssertionError("nothing was refused")
