"""The command line: parse, call the same actions as the API, print. No rules of its own.

A new command is a function in a file of `commands/` and one line here.
"""

from __future__ import annotations

import gc
import importlib
import os
from collections.abc import Mapping

import click

from roundtrip import __version__

COMMANDS: Mapping[str, str] = {
    "backup": "database:backup",
    "client": "clients:client",
    "clock": "plans:clock",
    "doctor": "doctor:doctor",
    "explain": "explain:explain",
    "key": "keys:key",
    "listen": "listen:listen",
    "mailbox": "mailbox:mailbox",
    "member": "members:member",
    "migrate": "database:migrate",
    "openapi": "openapi:openapi",
    "owner": "owners:owner",
    "payments": "payments:payments",
    "plan": "plans:plan",
    "product": "products:product",
    "service": "services:service",
    "event": "events:event",
    "restore": "database:restore",
    "seed": "database:seed",
    "serve": "serve:serve",
    "signing-keys": "signing_keys:signing_keys",
    "site": "sites:site",
    "trigger": "listen:trigger",
    "worker": "serve:worker",
}
"""Each command, with its file in `commands/` and its function there."""


class Commands(click.Group):
    """Reads a command's file when that command is run: most need a fraction of what the server needs (decision record 0037)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in order, without reading a file."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None when there is none of this name."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        file, _, function = place.partition(":")
        # Modules are made to stay: looking for garbage among them only costs time.
        gc.disable()
        try:
            found: click.Command = getattr(importlib.import_module(f"roundtrip.commands.{file}"), function)
        finally:
            gc.enable()
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="roundtrip")
def main() -> None:
    """Hosted login, checkout, booking, ticket and subscription pages for headless sites."""
    # Whatever a command makes (database, secret, backup) is for its own user's eyes.
    os.umask(0o077)
