"""What every command needs: settings, one transaction, one way to print, one way to refuse."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import NoReturn, TypeVar

import click

from roundtrip.core.clock import system_clock
from roundtrip.core.errors import AppError
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.settings import SettingError, Settings, StartError, read
from roundtrip.sites.change import Change
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Tx
from roundtrip.storage.errors import StorageError
from roundtrip.storage.schema_state import require_all

T = TypeVar("T")


def settings() -> Settings:
    """The settings of this process; a wrong one ends the command with its reason."""
    try:
        return read()
    except SettingError as error:
        stop(str(error))


def write(fn: Callable[[Tx], T]) -> T:
    """Run one transaction beside whatever else has the database open."""
    with told(), contextlib.closing(connect(settings().database_url, own=False)) as db:
        require_all(db)
        return db.write_now(fn)


def by_command() -> Change:
    """A change that somebody with a shell on the server makes now."""
    now = system_clock()
    return Change(new_id(now), COMMAND, now)


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turn a refusal into one plain line; anything else stays a traceback, because it is our fault."""
    try:
        yield
    except AppError as error:
        stop(error.description)
    except (StartError, StorageError, ValueError) as error:
        stop(str(error))


def say(as_json: bool, value: object, text: str) -> None:
    """Print a result, for programs or for people."""
    click.echo(json.dumps(value) if as_json else text)


def stop(text: str) -> NoReturn:
    """End the command with exit code 1 and this line on standard error."""
    raise click.ClickException(text)
