"""A database that was not brought up to date: every command and the worker say so in one line, and what to do."""

from __future__ import annotations

import pytest

from tests.command_line import CommandLine

SECRET = "a-secret-of-tests-that-is-long-enough-for-every-check"


COMMANDS = [("site", "list"), ("client", "list", "--site", "demo"), ("seed",), ("worker",), ("doctor",)]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_on_an_empty_database_says_to_migrate(command_line: CommandLine, empty_database_url: str, words: tuple[str, ...]) -> None:
    if words == ("worker",) and empty_database_url.startswith("sqlite"):
        words = ("mailbox", "list", "--site", "demo")
    done = command_line.run(*words, environment={"ROUNDTRIP_DATABASE_URL": empty_database_url, "ROUNDTRIP_SECRET": SECRET})
    assert done.returncode == 1
    assert "roundtrip migrate" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
