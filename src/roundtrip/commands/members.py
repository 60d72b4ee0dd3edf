"""Commands about the members of a site."""

from __future__ import annotations

from collections.abc import Callable

import click

from roundtrip.commands.terminal import say, write
from roundtrip.core.clock import system_clock
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.members import actions, standing
from roundtrip.members.model import Member, MemberStatus
from roundtrip.members.standing import Decision
from roundtrip.sites import actions as sites
from roundtrip.storage.database import Tx
from roundtrip.workflows.block_member import block_member

MOST = 1000


@click.group()
def member() -> None:
    """The members of a site."""


@member.command("list")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--status", type=click.Choice([status.value for status in MemberStatus]), help="Only members with this status.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_members(slug: str, status: str | None, as_json: bool) -> None:
    """Show the members of a site, newest first (a thousand at most)."""
    wanted = MemberStatus(status) if status else None
    found = write(lambda tx: actions.page(tx, site_id=sites.require_site(tx, slug).id, limit=MOST, status=wanted))
    shown = [{"memberId": one.id, "email": one.email, "emailVerified": one.is_verified, "status": one.status.value} for one in found]
    say(as_json, shown, "\n".join(f"{one.id}  {one.status.value:20}  {one.email}" for one in found) or "No members.")


def _decide(slug: str, who: str, as_json: bool, decide: Callable[[Tx, Decision], Member]) -> None:
    now = system_clock()
    ids = (new_id(now), new_id(now), new_id(now))

    def change(tx: Tx) -> Member:
        site = sites.require_site(tx, slug)
        known = actions.by_email(tx, site.id, who) if "@" in who else None
        return decide(tx, Decision(site, known.id if known else who, COMMAND, now, *ids))

    changed = write(change)
    text = f"{changed.email} is {changed.status.value} now."
    say(as_json, {"memberId": changed.id, "email": changed.email, "status": changed.status.value}, text)


@member.command("approve")
@click.argument("who")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def approve(who: str, slug: str, as_json: bool) -> None:
    """Let a member in who waits for the owner. WHO is an id or an e-mail address."""
    _decide(slug, who, as_json, standing.approve)


@member.command("decline")
@click.argument("who")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def decline(who: str, slug: str, as_json: bool) -> None:
    """Refuse a member who waits for the owner. WHO is an id or an e-mail address."""
    _decide(slug, who, as_json, standing.decline)


@member.command("block")
@click.argument("who")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def block(who: str, slug: str, as_json: bool) -> None:
    """Shut a member out, and end all their logins and tokens. WHO is an id or an e-mail address."""
    _decide(slug, who, as_json, lambda tx, decision: block_member(tx, decision)[0])


@member.command("unblock")
@click.argument("who")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def unblock(who: str, slug: str, as_json: bool) -> None:
    """Let a blocked member in again. WHO is an id or an e-mail address."""
    _decide(slug, who, as_json, standing.unblock)
