"""What is missing, before a visitor finds out."""

from __future__ import annotations

import contextlib
import sys

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from roundtrip.commands.terminal import settings, told
from roundtrip.core.clock import system_clock
from roundtrip.flows.registry import registry
from roundtrip.storage.connect import connect
from roundtrip.upkeep.doctor import examine
from roundtrip.upkeep.finding import Finding, Severity

COLOURS = {Severity.OK: "green", Severity.WARNING: "yellow", Severity.PROBLEM: "bold red"}


@click.command()
@click.option("--site", "slug", help="Look at this site only.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(slug: str | None, as_json: bool) -> None:
    """Say what is missing for each flow of each site, and how to fix it. Exit code 1 when there is a problem."""
    known = settings()
    with told(), contextlib.closing(connect(known.database_url, own=False)) as db:
        found = examine(db, known, system_clock, registry(), slug)
    if as_json:
        click.echo(msgspec.json.encode([msgspec.to_builtins(finding) for finding in found]))
    elif sys.stdout.isatty():
        _show(found)
    else:
        click.echo("\n".join(_line(finding) for finding in found))
    if any(finding.severity is Severity.PROBLEM for finding in found):
        sys.exit(1)


def _line(finding: Finding) -> str:
    told_of = f"{finding.severity.value}: {finding.where}: {finding.what}"
    return told_of if not finding.fix else f"{told_of}. {finding.why} Fix: {finding.fix}"


def _show(found: list[Finding]) -> None:
    table = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 1, 0))
    for finding in sorted(found, key=lambda one: list(Severity).index(one.severity)):
        text = Text(finding.what)
        if finding.why:
            text.append(f"\n{finding.why}", style="dim")
        if finding.fix:
            text.append(f"\n{finding.fix}", style="bold")
        table.add_row(Text(finding.severity.value, style=COLOURS[finding.severity]), finding.where, text)
    Console().print(table)
