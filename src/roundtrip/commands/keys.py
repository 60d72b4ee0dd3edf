"""Commands about API keys."""

from __future__ import annotations

import click

from roundtrip.commands.terminal import by_command, say, write
from roundtrip.core.clock import rfc3339
from roundtrip.core.secrets import new_secret
from roundtrip.sites import actions as sites
from roundtrip.sites import store as site_store
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
    change, text = by_command(), new_secret("IST.")

    def create(tx: Tx) -> None:
        site = sites.require_site(tx, slug)
        sites.create_api_key(tx, site=site, key_id=change.id, key=text, name=name, permissions=permissions, now=change.now, change=change)

    write(create)
    say(as_json, {"keyId": change.id, "key": text}, f"Key {name} (shown once): {text}")


@key.command("list")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_keys(slug: str, as_json: bool) -> None:
    """Show the living keys of a site by their last four characters."""
    found = write(lambda tx: site_store.keys_of_site(tx, sites.require_site(tx, slug).id))
    shown = [
        {"keyId": one.id, "name": one.name, "permissions": list(one.permissions), "hint": one.hint, "createdDate": rfc3339(one.created_at)}
        for one in found
    ]
    say(as_json, shown, "\n".join(f"{one.id}  {one.name}  …{one.hint}  {', '.join(one.permissions)}" for one in found) or "No keys yet.")


@key.command("revoke")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.argument("key_id")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def revoke_key(slug: str, key_id: str, as_json: bool) -> None:
    """End a key at once."""
    change = by_command()
    write(lambda tx: sites.revoke_api_key(tx, site_id=sites.require_site(tx, slug).id, key_id=key_id, change=change))
    say(as_json, {"revoked": key_id}, "Revoked.")
