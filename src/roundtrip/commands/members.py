"""Commands about the members of a site."""

from __future__ import annotations

import json
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
from roundtrip.workflows import help_member, personal_record
from roundtrip.workflows.block_member import block_member
from roundtrip.workflows.personal_record import Who

MOST = 1000


@click.group()
def member() -> None:
    """The members of a site."""


@member.command("list")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--status", type=click.Choice([status.value for status in MemberStatus]), help="Only members with this status.")
@click.option("--search", default="", help="Only members whose address or name contains this (among the newest two thousand).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_members(slug: str, status: str | None, search: str, as_json: bool) -> None:
    """Show the members of a site, newest first (a thousand at most)."""
    wanted = MemberStatus(status) if status else None

    def look(tx: Tx) -> list[Member]:
        site = sites.require_site(tx, slug)
        if not search.strip():
            return actions.page(tx, site_id=site.id, limit=MOST, status=wanted)
        return actions.search(tx, site_id=site.id, text=search, status=wanted, before_id=None, limit=MOST)[0]

    found = write(look)
    shown = [{"memberId": one.id, "email": one.email, "emailVerified": one.is_verified, "status": one.status.value} for one in found]
    say(as_json, shown, "\n".join(f"{one.id}  {one.status.value:20}  {one.email}" for one in found) or "No members.")


def _about_somebody(command: Callable[..., None]) -> Callable[..., None]:
    """What every command about one member is told."""
    command = click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)
    command = click.option("--site", "slug", required=True, help="The site's slug.")(command)
    return click.argument("who")(command)


def _decide(slug: str, who: str, as_json: bool, decide: Callable[[Tx, Decision], Member], said: str = "{email} is {status} now.") -> None:
    now = system_clock()
    ids = (new_id(now), new_id(now), new_id(now))

    def change(tx: Tx) -> Member:
        site = sites.require_site(tx, slug)
        known = actions.by_email(tx, site.id, who) if "@" in who else None
        return decide(tx, Decision(site, known.id if known else who, COMMAND, now, *ids))

    changed = write(change)
    text = said.format(email=changed.email, status=changed.status.value)
    say(as_json, {"memberId": changed.id, "email": changed.email, "status": changed.status.value}, text)


@member.command("approve")
@_about_somebody
def approve(who: str, slug: str, as_json: bool) -> None:
    """Let a member in who waits for the owner. WHO is an id or an e-mail address."""
    _decide(slug, who, as_json, standing.approve)


@member.command("decline")
@_about_somebody
def decline(who: str, slug: str, as_json: bool) -> None:
    """Refuse a member who waits for the owner. WHO is an id or an e-mail address."""
    _decide(slug, who, as_json, standing.decline)


@member.command("block")
@_about_somebody
def block(who: str, slug: str, as_json: bool) -> None:
    """Shut a member out, and end all their logins and tokens. WHO is an id or an e-mail address."""
    _decide(slug, who, as_json, lambda tx, decision: block_member(tx, decision)[0])


@member.command("unblock")
@_about_somebody
def unblock(who: str, slug: str, as_json: bool) -> None:
    """Let a blocked member in again. WHO is an id or an e-mail address."""
    _decide(slug, who, as_json, standing.unblock)


@member.command("recover")
@_about_somebody
def recover(who: str, slug: str, as_json: bool) -> None:
    """Mail a member the way to a new password. WHO is an id or an e-mail address."""
    _decide(slug, who, as_json, help_member.send_recovery, "A mail is on its way to {email}.")


@member.command("logout")
@_about_somebody
def logout(who: str, slug: str, as_json: bool) -> None:
    """Log a member out everywhere; they may log in again. WHO is an id or an e-mail address."""
    _decide(slug, who, as_json, lambda tx, decision: help_member.end_logins(tx, decision)[0], "{email} is logged out everywhere.")


@member.command("export")
@click.argument("who")
@click.option("--site", "slug", required=True, help="The site's slug.")
def export(who: str, slug: str) -> None:
    """Print everything that is kept about a person, as JSON. WHO is a member's id, or anybody's e-mail address."""
    now = system_clock()
    found = write(lambda tx: personal_record.hand_out(tx, _who(tx, slug, who), actor=COMMAND, entry_id=new_id(now), now=now))
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))


@member.command("erase")
@click.argument("who")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def erase(who: str, slug: str, yes: bool, as_json: bool) -> None:
    """Erase everything that is kept about a person, for good. WHO is a member's id, or anybody's e-mail address."""
    if not yes:
        click.confirm(f"Erase everything that is kept about {who}? There is no way back.", abort=True)
    now = system_clock()
    ids = {"entry_id": new_id(now), "event_id": new_id(now)}
    erased = write(lambda tx: personal_record.erase(tx, _who(tx, slug, who), actor=COMMAND, now=now, **ids))
    lines = "\n".join(f"{count:6}  {name}" for name, count in erased.rows.items())
    say(as_json, {"memberId": erased.person.member_id, "erased": dict(erased.rows)}, f"Erased:\n{lines}")


def _who(tx: Tx, slug: str, who: str) -> Who:
    site = sites.require_site(tx, slug)
    return Who(site, email=who) if "@" in who else Who(site, member_id=who)
