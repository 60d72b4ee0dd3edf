"""The command line as somebody at a shell meets it: words that its help names are taken, and nobody waits for a server to be read."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from roundtrip.cli import COMMANDS, main

SERVERS = {"openapi", "serve", "worker"}
"""What cannot do without the server's code."""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs a command on a database of its own, and reads the JSON that it prints."""
    monkeypatch.setenv("ROUNDTRIP_DATA_DIR", str(tmp_path))

    def command(*words: str) -> Any:
        done = CliRunner().invoke(main, [*words, "--json"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    command("migrate")
    return command


def _options(command: click.Command, path: str) -> Iterator[tuple[str, click.Parameter]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _options(inner, f"{path} {name}")
    else:
        yield from ((f"{path} {option.name}", option) for option in command.params)


def test_every_choice_takes_the_words_that_its_help_shows() -> None:
    """click shows and takes the names of an enumeration's members, which are no words of ours; so choices are plain texts."""
    chosen = {path: option for path, option in _options(main, "roundtrip") if isinstance(option.type, click.Choice)}
    assert "roundtrip site create mode" in chosen
    for path, option in chosen.items():
        assert isinstance(option.type, click.Choice)
        assert {type(word) for word in option.type.choices} == {str}, path
        default = option.to_info_dict()["default"] if isinstance(option, click.Option) else None
        assert option.multiple or default is None or default in option.type.choices, path


def test_a_site_is_made_and_switched_in_the_words_of_the_help(run: Any) -> None:
    assert run("site", "create", "kiln", "--name", "Kiln")["mode"] == "test"
    assert run("site", "create", "oven", "--name", "Oven", "--mode", "live")["mode"] == "live"
    assert run("site", "mode", "live", "--site", "kiln", "--yes")["mode"] == "live"
    assert run("site", "mode", "test", "--site", "kiln", "--yes")["mode"] == "test"


def test_a_word_that_is_none_is_answered_with_those_that_are() -> None:
    done = CliRunner().invoke(main, ["site", "create", "kiln", "--name", "Kiln", "--mode", "LIVE"])
    assert done.exit_code == 2
    assert "'test', 'live'" in done.output
    assert "No such command" in CliRunner().invoke(main, ["sites"]).output


def test_commands_that_do_not_serve_do_not_load_the_server() -> None:
    """Decision record 0037. In a fresh process, because this one has everything loaded."""
    files = sorted({place.partition(":")[0] for name, place in COMMANDS.items() if name not in SERVERS})
    script = f"import importlib, sys\nfor name in {files}: importlib.import_module('roundtrip.commands.' + name)\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60).stdout.split()
    assert "roundtrip.commands.clients" in loaded
    assert not {"roundtrip.app", "roundtrip.web.application", "roundtrip.worker.mail", "uvicorn", "stripe"} & set(loaded)
