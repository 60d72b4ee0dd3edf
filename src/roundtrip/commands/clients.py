"""Commands about the OAuth apps of a site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

from roundtrip.commands.terminal import by_command, say, stop, write
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import new_secret
from roundtrip.sites import actions as sites
from roundtrip.sites import client_secrets, clients
from roundtrip.sites import store as site_store
from roundtrip.sites.client_fields import FIELD_NAMES, KIND_OF_LIST, picture
from roundtrip.sites.client_secrets import Others
from roundtrip.sites.entries import check_entry
from roundtrip.sites.model import MADE_FOR, ApplicationType, Client, ClientSecret, Site
from roundtrip.storage.database import Tx
from roundtrip.workflows.delete_client import delete_client

F = TypeVar("F", bound=Callable[..., Any])


@click.group()
def client() -> None:
    """The OAuth apps of a site."""


def _json(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


@client.command("create")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--name", required=True, help="What the owner calls it.")
@click.option("--redirect-uri", "uris", multiple=True, help="A full address to return to after authentication.")
@click.option("--redirect-domain", "domains", multiple=True, help="A domain to return to after everything else.")
@click.option("--post-logout-uri", "logouts", multiple=True, help="A full address to return to after a standard logout.")
@click.option("--type", "kind", type=click.Choice([kind.value for kind in ApplicationType]), default="WEB_APP", show_default=True)
@click.option(
    "--for", "made_for", type=click.Choice(list(MADE_FOR)), default="sdk", show_default=True, help="The token settings to start with."
)
@_json
def create_client(
    slug: str,
    name: str,
    uris: tuple[str, ...],
    domains: tuple[str, ...],
    logouts: tuple[str, ...],
    kind: str,
    made_for: str,
    as_json: bool,
) -> None:
    """Make a client, and print its id."""
    change = by_command()

    def create(tx: Tx) -> Client:
        return sites.create_client(
            tx,
            site=sites.require_site(tx, slug),
            client_id=change.id,
            name=name,
            now=change.now,
            change=change,
            tokens=MADE_FOR[made_for],
            redirect_uris=uris,
            redirect_domains=domains,
            post_logout_uris=logouts,
            application_type=ApplicationType(kind),
        )

    made = write(create)
    say(as_json, {"clientId": made.id, **_lists(made)}, f"Client {made.name}: {made.id}")


@client.command("list")
@click.option("--site", "slug", required=True, help="The site's slug.")
@_json
def list_clients(slug: str, as_json: bool) -> None:
    """Show the clients of a site with their allow-lists."""
    found = write(lambda tx: site_store.clients_of_site(tx, sites.require_site(tx, slug).id))
    shown = [{"clientId": one.id, "name": one.name, **_lists(one)} for one in found]
    say(as_json, shown, "\n".join(f"{one.id}  {one.name}" for one in found) or "No clients yet.")


@client.command("show")
@click.argument("client_id")
@_json
def show_client(client_id: str, as_json: bool) -> None:
    """Show everything that is set about a client, with notes about entries that deserve a second look."""

    def read(tx: Tx) -> tuple[Client, Site, list[ClientSecret]]:
        found, site = sites.require_client(tx, client_id)
        return found, site, client_secrets.alive(tx, found.id, by_command().now)

    found, site, secrets = write(read)
    notes = dict(_notes(found, site))
    shown = {"clientId": found.id, "revision": found.revision, **picture(found), "secrets": [one.hint for one in secrets], "notes": notes}
    say(as_json, shown, "\n".join([f"{found.name} ({found.id})", *_shown(found), *(f"! {entry}: {note}" for entry, note in notes.items())]))


@client.command("update")
@click.argument("client_id")
@click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="Set a field; a list or number as JSON, nothing empties it.")
@click.option("--revision", type=int, help="Only if the client still has this revision.")
@_json
def update_client(client_id: str, settings: tuple[str, ...], revision: int | None, as_json: bool) -> None:
    """Set fields of a client, such as `--set name=Shop` or `--set 'allowedRedirectUris=["https://shop.example/cb"]'`."""
    fields = dict(_setting(text) for text in settings)
    _changed(client_id, as_json, lambda tx, found, site: _update(tx, found, site, fields, revision))


@client.command("allow")
@click.argument("client_id")
@click.option("--redirect-uri", "uris", multiple=True, help="Add a full address.")
@click.option("--redirect-domain", "domains", multiple=True, help="Add a domain.")
@click.option("--post-logout-uri", "logouts", multiple=True, help="Add a full address for standard logouts.")
@click.option("--remove-redirect-uri", "no_uris", multiple=True, help="Remove a full address.")
@click.option("--remove-redirect-domain", "no_domains", multiple=True, help="Remove a domain.")
@click.option("--remove-post-logout-uri", "no_logouts", multiple=True, help="Remove a full address for standard logouts.")
@_json
def allow(client_id: str, as_json: bool, **lists: tuple[str, ...]) -> None:
    """Add or remove addresses that visitors of a client may be sent to."""
    names = {"uris": "allowedRedirectUris", "domains": "allowedRedirectDomains", "logouts": "postLogoutRedirectUris"}

    def change(tx: Tx, found: Client, site: Site) -> Client:
        kept = {
            field: [one for one in (*picture(found)[field], *lists[name]) if one not in lists[f"no_{name}"]]
            for name, field in names.items()
        }
        return _update(tx, found, site, kept, None)

    _changed(client_id, as_json, change)


@client.command("delete")
@click.argument("client_id")
@click.option("--yes", is_flag=True, help="Do not ask for the name.")
@_json
def delete(client_id: str, yes: bool, as_json: bool) -> None:
    """Delete a client. Its tokens end at once, and visits under way lead nowhere."""
    found, _ = write(lambda tx: sites.require_client(tx, client_id))
    if not yes and click.prompt(f"Type the client's name to delete it ({found.name})", err=True) != found.name:
        stop("Nothing was deleted: that is not the client's name.")
    change = by_command()
    write(lambda tx: delete_client(tx, client=found, change=change))
    say(as_json, {"deleted": found.id}, f"Deleted {found.name}.")


@client.group("secret")
def secret() -> None:
    """Secrets of a client, for servers that show one at the token endpoint."""


@secret.command("add")
@click.argument("client_id")
@click.option(
    "--others",
    type=click.Choice([others.value for others in Others]),
    default="KEEP",
    show_default=True,
    help="What becomes of the secrets of before.",
)
@_json
def add_secret(client_id: str, others: str, as_json: bool) -> None:
    """Make a secret. It is shown once."""
    change, text = by_command(), new_secret(client_secrets.PREFIX)
    secret_id = new_id(change.now)

    def add(tx: Tx) -> ClientSecret:
        found, _ = sites.require_client(tx, client_id)
        return client_secrets.add(tx, client=found, secret_id=secret_id, secret=text, others=Others(others), change=change)

    write(add)
    say(as_json, {"secretId": secret_id, "secret": text}, f"Secret (shown once): {text}")


@secret.command("list")
@click.argument("client_id")
@_json
def list_secrets(client_id: str, as_json: bool) -> None:
    """Show the living secrets of a client by their last four characters."""
    now = by_command().now
    found = write(lambda tx: client_secrets.alive(tx, sites.require_client(tx, client_id)[0].id, now))
    shown = [{"secretId": one.id, "hint": one.hint, "expiresAt": one.expires_at} for one in found]
    say(as_json, shown, "\n".join(f"{one.id}  …{one.hint}" for one in found) or "No secrets.")


@secret.command("end")
@click.argument("client_id")
@click.argument("secret_id")
@_json
def end_secret(client_id: str, secret_id: str, as_json: bool) -> None:
    """End a secret now."""
    change = by_command()
    write(lambda tx: client_secrets.end(tx, client=sites.require_client(tx, client_id)[0], secret_id=secret_id, change=change))
    say(as_json, {"ended": secret_id}, "Ended.")


def _changed(client_id: str, as_json: bool, fn: Callable[[Tx, Client, Site], Client]) -> None:
    changed = write(lambda tx: fn(tx, *sites.require_client(tx, client_id)))
    say(as_json, {"clientId": changed.id, "revision": changed.revision, **picture(changed)}, "\n".join(_shown(changed)))


def _update(tx: Tx, found: Client, site: Site, fields: dict[str, Any], revision: int | None) -> Client:
    return clients.update(tx, client=found, site=site, fields=fields, change=by_command(), revision=revision)


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or name not in FIELD_NAMES:
        stop(f"{text!r} sets nothing: write FIELD=VALUE with one of {', '.join(FIELD_NAMES)}.")
    if name in ("name", "description", "technology", "loginUrl", "logoutUrl", "applicationType") or not value:
        return name, value or None
    try:
        return name, msgspec.json.decode(value)
    except msgspec.DecodeError:
        return name, value


def _shown(client: Client) -> list[str]:
    return [f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value or '-'}" for name, value in picture(client).items()]


def _notes(client: Client, site: Site) -> list[tuple[str, str]]:
    entries = [(kind, entry) for field, kind in KIND_OF_LIST.items() for entry in picture(client)[field]]
    return [(entry, " ".join(notes)) for kind, entry in entries if (notes := check_entry(kind, entry, site.mode).notes)]


def _lists(client: Client) -> dict[str, list[str]]:
    return {field: list(picture(client)[field]) for field in KIND_OF_LIST}
