"""The command line: parse, call the same actions as the API, print. No rules of its own.

A new command is a function in a file of `commands/` and one line here.
"""

from __future__ import annotations

import os

import click

from roundtrip import __version__
from roundtrip.commands.clients import client
from roundtrip.commands.database import backup, migrate, restore, seed
from roundtrip.commands.doctor import doctor
from roundtrip.commands.explain import explain
from roundtrip.commands.keys import key
from roundtrip.commands.mailbox import mailbox
from roundtrip.commands.openapi import openapi
from roundtrip.commands.owners import owner
from roundtrip.commands.payments import payments
from roundtrip.commands.products import product
from roundtrip.commands.serve import serve, worker
from roundtrip.commands.sites import site

COMMANDS: tuple[click.Command, ...] = (
    serve,
    worker,
    migrate,
    seed,
    site,
    doctor,
    backup,
    restore,
    client,
    explain,
    key,
    owner,
    mailbox,
    product,
    payments,
    openapi,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="roundtrip")
def main() -> None:
    """Hosted login, checkout, booking, ticket and subscription pages for headless sites."""
    # Whatever a command makes (database, secret, backup) is for its own user's eyes.
    os.umask(0o077)


for command in COMMANDS:
    main.add_command(command)
