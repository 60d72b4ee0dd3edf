"""Commands about the OAuth apps of a site."""

from __future__ import annotations

import click

from roundtrip.commands.terminal import say, write
from roundtrip.core.clock import system_clock
from roundtrip.core.ids import new_id
from roundtrip.sites import actions as sites
from roundtrip.sites import store as site_store
from roundtrip.sites.model import ApplicationType, Client
from roundtrip.storage.database import Tx


@click.group()
def client() -> None:
    """The OAuth apps of a site."""


@client.command("create")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--name", required=True, help="What the owner calls it.")
@click.option("--redirect-uri", "uris", multiple=True, help="A full address to return to after authentication.")
@click.option("--redirect-domain", "domains", multiple=True, help="A domain to return to after everything else.")
@click.option("--post-logout-uri", "logouts", multiple=True, help="A full address to return to after a standard logout.")
@click.option("--type", "kind", type=click.Choice([kind.value for kind in ApplicationType]), default="WEB_APP", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create_client(
    slug: str, name: str, uris: tuple[str, ...], domains: tuple[str, ...], logouts: tuple[str, ...], kind: str, as_json: bool
) -> None:
    """Make a client, and print its id."""
    now = system_clock()

    def create(tx: Tx) -> Client:
        return sites.create_client(
            tx,
            site=sites.require_site(tx, slug),
            client_id=new_id(now),
            name=name,
            now=now,
            redirect_uris=uris,
            redirect_domains=domains,
            post_logout_uris=logouts,
            application_type=ApplicationType(kind),
        )

    made = write(create)
    say(as_json, {"clientId": made.id, **_lists(made)}, f"Client {made.name}: {made.id}")


@client.command("list")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_clients(slug: str, as_json: bool) -> None:
    """Show the clients of a site with their allow-lists."""
    found = write(lambda tx: site_store.clients_of_site(tx, sites.require_site(tx, slug).id))
    shown = [{"clientId": one.id, "name": one.name, **_lists(one)} for one in found]
    say(as_json, shown, "\n".join(f"{one.id}  {one.name}" for one in found) or "No clients yet.")


@client.command("allow")
@click.argument("client_id")
@click.option("--redirect-uri", "uris", multiple=True, help="Add a full address.")
@click.option("--redirect-domain", "domains", multiple=True, help="Add a domain.")
@click.option("--remove-redirect-uri", "no_uris", multiple=True, help="Remove a full address.")
@click.option("--remove-redirect-domain", "no_domains", multiple=True, help="Remove a domain.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def allow(
    client_id: str, uris: tuple[str, ...], domains: tuple[str, ...], no_uris: tuple[str, ...], no_domains: tuple[str, ...], as_json: bool
) -> None:
    """Add or remove addresses that visitors of a client may be sent to."""

    def change(tx: Tx) -> Client:
        found, site = sites.require_client(tx, client_id)
        return sites.change_addresses(
            tx,
            client=found,
            site=site,
            redirect_uris=tuple(uri for uri in (*found.redirect_uris, *uris) if uri not in no_uris),
            redirect_domains=tuple(domain for domain in (*found.redirect_domains, *domains) if domain not in no_domains),
        )

    changed = write(change)
    lists = _lists(changed)
    say(as_json, {"clientId": changed.id, **lists}, "\n".join(f"{name}: {', '.join(entries) or '-'}" for name, entries in lists.items()))


def _lists(client: Client) -> dict[str, list[str]]:
    return {
        "allowedRedirectUris": list(client.redirect_uris),
        "allowedRedirectDomains": list(client.redirect_domains),
        "postLogoutRedirectUris": list(client.post_logout_uris),
    }
