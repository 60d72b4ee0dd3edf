"""The commands about signing keys: look at them, and exchange them (`docs/how-to/run-a-server.md`)."""

from __future__ import annotations

import click

from roundtrip.commands.terminal import say, settings, write
from roundtrip.core.clock import MINUTE, rfc3339, system_clock
from roundtrip.oauth import keys
from roundtrip.oauth.keys import KeyState
from roundtrip.storage.database import Tx


@click.group("signing-keys")
def signing_keys() -> None:
    """The keys that tokens are signed with."""


@signing_keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_keys(as_json: bool) -> None:
    """Show every key: which one signs, which ones still verify."""
    now = system_clock()
    found = write(keys.states)
    shown = [{**_facts(one), "state": _state(one, found, now)} for one in found]
    lines = [f"{one['alg']}  {one['generation']:>3}  {one['state']:<10}  {one['kid']}" for one in shown]
    say(as_json, shown, "\n".join(lines))


@signing_keys.command()
@click.option("--alg", "algs", multiple=True, type=click.Choice(keys.ALGORITHMS), help="Only keys of this algorithm.")
@click.option("--at-once", is_flag=True, help="Sign with the new key now, not in an hour.")
@click.option("--compromised", is_flag=True, help="Also refuse everything that the old keys signed. Everybody gets new tokens.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rotate(algs: tuple[keys.Algorithm, ...], at_once: bool, compromised: bool, as_json: bool) -> None:
    """Make new keys. Every server takes them up by itself within a second; nothing is restarted."""
    now = system_clock()
    fresh = [(alg, keys.new_key(alg)) for alg in algs or keys.ALGORITHMS]
    published_before = 0 if at_once or compromised else keys.PUBLISHED_BEFORE
    verifies_for = 0 if compromised else keys.VERIFIES_FOR

    secret = settings().secret

    def make(tx: Tx) -> list[str]:
        return [keys.rotate(tx, key, alg, secret, now, published_before=published_before, verifies_for=verifies_for) for alg, key in fresh]

    made = [
        {"alg": alg, "kid": kid, "signsFrom": rfc3339(now + published_before)} for (alg, _), kid in zip(fresh, write(make), strict=True)
    ]
    when = f"in {published_before // MINUTE} minutes" if published_before else "now"
    say(as_json, made, "\n".join(f"{one['alg']}  {one['kid']}  signs {when}" for one in made))


def _facts(state: KeyState) -> dict[str, object]:
    return {
        "kid": state.kid,
        "alg": state.alg,
        "generation": state.generation,
        "createdAt": rfc3339(state.created_at),
        "signsFrom": rfc3339(max(state.signs_from, state.created_at)),
        "verifiesUntil": rfc3339(state.retired_at) if state.retired_at is not None else None,
    }


def _state(one: KeyState, found: list[KeyState], now: int) -> str:
    if one.retired_at is not None and one.retired_at <= now:
        return "retired"
    if one.signs_from > now:
        return "published"
    newer = [other for other in found if other.alg == one.alg and other.generation > one.generation and other.signs_from <= now]
    return "verifies" if newer else "signs"
