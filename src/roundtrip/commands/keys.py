"""Commands about API keys."""

from __future__ import annotations

import click

from roundtrip.commands.terminal import say, write
from roundtrip.core.clock import system_clock
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import new_secret
from roundtrip.sites import actions as sites
from roundtrip.storage.database import Tx


@click.group()
def key() -> None:
    """API keys for the owner's own server code."""


@key.command("create")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--name", required=True, help="What it is for.")
@click.option("--permission", "permissions", multiple=True, default=("*",), show_default=True, help="What it may do.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create_key(slug: str, name: str, permissions: tuple[str, ...], as_json: bool) -> None:
    """Make an API key. It is shown once."""
    now, text = system_clock(), new_secret("IST.")
    key_id = new_id(now)

    def create(tx: Tx) -> None:
        site = sites.require_site(tx, slug)
        sites.create_api_key(tx, site=site, key_id=key_id, key=text, name=name, permissions=permissions, now=now)

    write(create)
    say(as_json, {"keyId": key_id, "key": text}, f"Key {name} (shown once): {text}")
