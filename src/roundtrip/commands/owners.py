"""Owners of the dashboard, for who has a shell on the server."""

from __future__ import annotations

import click

from roundtrip.commands.terminal import say, settings, write
from roundtrip.core.clock import rfc3339, system_clock
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import derived_key
from roundtrip.credentials.model import OneTimeCode
from roundtrip.credentials.one_time_code import link_token
from roundtrip.owners import actions, store
from roundtrip.owners.model import JOIN_KEY_PURPOSE, Owner
from roundtrip.storage.database import Tx


@click.group()
def owner() -> None:
    """Who may use the dashboard."""


@owner.command("invite")
@click.option("--password", "email", help="Make a link for a new password of the owner with this address instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def invite(email: str | None, as_json: bool) -> None:
    """Print a one-time link that makes one more owner."""
    now = system_clock()
    code_id = new_id(now)

    def make(tx: Tx) -> OneTimeCode:
        if email is None:
            return actions.invite(tx, code_id=code_id, actor=COMMAND, now=now)
        return actions.password_link(tx, owner=_require(tx, email), code_id=code_id, actor=COMMAND, now=now)

    code = write(make)
    link = _link(code)
    say(
        as_json,
        {"link": link, "endsAt": rfc3339(code.expires_at)},
        f"Open this link; it works once, until {rfc3339(code.expires_at)}:\n{link}",
    )


@owner.command("setup-link")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def setup_link(as_json: bool) -> None:
    """Print the link that makes the first owner, as the server does when it starts. Nothing once there is an owner."""
    now = system_clock()
    code_id = new_id(now)
    code = write(lambda tx: actions.first_invitation(tx, code_id=code_id, now=now))
    link = _link(code) if code else None
    say(as_json, {"link": link}, link or "This server has an owner. `roundtrip owner invite` makes a link for another one.")


@owner.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_owners(as_json: bool) -> None:
    """Show everybody who may use the dashboard."""
    found = write(store.owners)
    shown = [{"email": one.email, "name": one.name, "secondFactor": one.has_second_factor} for one in found]
    text = "\n".join(f"{one.email}  {one.name}{'  (second factor)' if one.has_second_factor else ''}" for one in found)
    say(as_json, shown, text or "Nobody yet. `roundtrip owner invite` makes the link for the first one.")


@owner.command("remove")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def remove(email: str, as_json: bool) -> None:
    """Take an owner's rights away and end the logins."""
    now = system_clock()
    write(lambda tx: actions.remove(tx, _require(tx, email), COMMAND, now))
    say(as_json, {"removed": email}, f"Removed {email}.")


@owner.command("second-factor-off")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def second_factor_off(email: str, as_json: bool) -> None:
    """Switch the second factor off, for an owner who lost the device and the recovery codes."""
    now = system_clock()
    write(lambda tx: actions.drop_second_factor(tx, _require(tx, email), COMMAND, now))
    say(as_json, {"secondFactor": False}, f"The password alone opens the dashboard for {email}.")


def _link(code: OneTimeCode) -> str:
    known = settings()
    return f"{known.base_url}/dashboard/join/{link_token(derived_key(known.secret, JOIN_KEY_PURPOSE), code.id)}"


def _require(tx: Tx, email: str) -> Owner:
    found = actions.find(tx, email)
    if found is None:
        raise AppError(Kind.NOT_FOUND, "OWNER_NOT_FOUND", f"There is no owner with the address {email}. `roundtrip owner list` shows them.")
    return found
