"""Commands about plans: the demo plans, and the clock of a test site's plans."""

from __future__ import annotations

import asyncio
import contextlib
import re

import click

from roundtrip.commands.terminal import by_command, say, settings, stop, told, write
from roundtrip.core.clock import DAY, HOUR, rfc3339, system_clock
from roundtrip.flows.paid import sellers
from roundtrip.plans import seed
from roundtrip.plans.clock import store as clocks
from roundtrip.sites import actions as sites
from roundtrip.sites.model import Site
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Tx
from roundtrip.storage.schema_state import require_all
from roundtrip.worker.plan_clock import Passed, pass_time
from roundtrip.workflows import demo_member
from roundtrip.workflows.cashier import Cashier

SITE = click.option("--site", "slug", required=True, help="The site's slug.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_UNITS = {"h": HOUR, "d": DAY, "w": 7 * DAY}
_LENGTH = re.compile(r"(\d{1,5})([hdw])")


@click.group()
def plan() -> None:
    """What members subscribe to at a site."""


@plan.command("demo")
@SITE
@click.option("--member/--no-member", default=True, show_default=True, help="Let somebody have one, and a class booked with it.")
@JSON
def demo(slug: str, member: bool, as_json: bool) -> None:
    """Let a site sell three plans, two of which pay for the demo class. Safe to repeat."""
    change = by_command()

    def opening(tx: Tx) -> tuple[bool, bool]:
        site = sites.require_site(tx, slug)
        made = seed.seed(tx, site.id, now=change.now)
        return made, member and demo_member.settle_in(tx, site, change)

    made, is_new = write(opening)
    text = f"{len(seed.PLANS)} plans are sold." if made else "The demo plans were there already."
    dana = f" {demo_member.EMAIL} has one of them." if is_new else ""
    say(as_json, {"made": len(seed.PLANS) if made else 0, "member": demo_member.EMAIL if is_new else None}, text + dana)


@click.group()
def clock() -> None:
    """The clock of a test site's plans. Nothing but plans follows it, and live sites have none."""


@clock.command("advance")
@click.argument("length")
@SITE
@JSON
def advance(length: str, slug: str, as_json: bool) -> None:
    """Let LENGTH pass for the plans of a test site (31d, 12h, 2w): renewals, refused cards, trials and ends happen on the way."""
    found = _LENGTH.fullmatch(length)
    if found is None:
        stop(f"{length!r} is no length of time: write hours, days or weeks, such as 12h, 31d or 2w.")
    by = int(found[1]) * _UNITS[found[2]]
    known = settings()
    cashier = Cashier.of(known.secret, known.base_url, sellers=sellers())
    with told(), contextlib.closing(connect(known.database_url, own=False)) as db:
        require_all(db)
        site: Site = db.read_now(sites.require_site, slug)
        passed: Passed = asyncio.run(pass_time(db, system_clock, cashier, site, by))
    _say_time(as_json, site, passed.ahead, passed.moves)


@clock.command("show")
@SITE
@JSON
def show(slug: str, as_json: bool) -> None:
    """Show what the time is for the plans of a site."""
    site = write(lambda tx: sites.require_site(tx, slug))
    _say_time(as_json, site, write(lambda tx: clocks.ahead(tx, site.id)), None)


def _say_time(as_json: bool, site: Site, ahead: int, moves: int | None) -> None:
    at = rfc3339(system_clock() + ahead)
    happened = "" if moves is None else f" Orders went on {moves} times."
    value = {"site": site.slug, "aheadDays": ahead // DAY, "planTime": at, **({} if moves is None else {"moves": moves})}
    say(as_json, value, f"For the plans of {site.name} it is {at}, {ahead // DAY} days ahead.{happened}")
