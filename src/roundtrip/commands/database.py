"""Commands about the database as a whole."""

from __future__ import annotations

from pathlib import Path

import click

from roundtrip.commands.terminal import say, settings, stop, told, write
from roundtrip.core.clock import system_clock
from roundtrip.core.ids import new_id
from roundtrip.storage.migrate import migrate as run_migrations
from roundtrip.upkeep import backup as backups
from roundtrip.workflows import seed as seeding

NOT_IN_IT = (
    "The secret (ROUNDTRIP_SECRET, or the file `secret` in the data directory) is NOT in the backup. Keep it somewhere else as well: "
    "without it the signing keys in the backup cannot be opened, and every token and code ends."
)


@click.command()
@click.option("--break-lock", is_flag=True, help="Remove the lock that a killed migration left behind.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def migrate(break_lock: bool, as_json: bool) -> None:
    """Bring the database up to date. Safe to repeat, and from several machines at once."""
    with told():
        applied = run_migrations(settings().database_url, break_lock=break_lock)
    say(as_json, {"applied": applied}, f"Applied {len(applied)} migrations." if applied else "Nothing to do.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def seed(as_json: bool) -> None:
    """Make the demo site (test mode). Safe to repeat."""
    now = system_clock()
    site = write(lambda tx: seeding.seed(tx, site_id=new_id(now), now=now))
    say(as_json, {"siteId": site.id, "site": site.slug, "mode": site.mode.value}, f"Site {site.slug} ({site.mode.value} mode): {site.id}")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def backup(file: Path, as_json: bool) -> None:
    """Write the whole database into FILE while everything runs. The secret is not in it."""
    with told():
        size = backups.save(settings().database_url, file)
    click.echo(NOT_IN_IT, err=True)
    say(as_json, {"file": str(file), "bytes": size}, f"Wrote {file} ({size} bytes).")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace what the database holds now.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def restore(file: Path, replace: bool, as_json: bool) -> None:
    """Make the database what FILE says and bring it up to date. Stop every server and worker first."""
    known = settings()
    with told():
        done = backups.restore(known.database_url, file, secret=known.secret, replace=replace)
    told_of = {
        "migrationsAdded": list(done.migrations_added),
        "keptBefore": str(done.kept) if done.kept else None,
        "secretFits": done.secret_fits,
    }
    lines = [f"Restored {file}; {len(done.migrations_added)} migrations were added."]
    if done.kept:
        lines.append(f"What was there before is in {done.kept}; remove it when all is well.")
    say(as_json, told_of, "\n".join(lines))
    if not done.secret_fits:
        stop(
            "The database is restored, but the secret that is set here does not open its signing keys, so no server will start on it. "
            "Set ROUNDTRIP_SECRET, or the file `secret` in the data directory, to the one that was in use when the backup was made."
        )
