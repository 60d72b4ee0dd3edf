"""`roundtrip explain`: the verdict in the terminal, with the guilty part marked for colour-blind terminals too."""

from __future__ import annotations

import json

import pytest

from tests.server_fixtures import Server


@pytest.fixture
def client_id(server: Server) -> str:
    return server.client("Explained", redirect_uris=["https://shop.example/cb"], redirect_domains=["shop.example"])


def run(server: Server, *words: str) -> tuple[int, str]:
    done = server.try_command("explain", *words)
    return done.returncode, done.stdout


def test_a_slip_is_marked_and_the_exact_entry_named(server: Server, client_id: str) -> None:
    """RED-19."""
    code, said = run(server, client_id, "https://shop.example/cb/", "--kind", "redirect-uri")
    assert code == 1
    lines = said.splitlines()
    place = next(number for number, line in enumerate(lines) if line.strip() == "https://shop.example/cb/")
    assert lines[place + 1].index("^") == lines[place].index("/cb/") + 3
    assert "Entry: https://shop.example/cb/" in said


def test_both_lists_are_asked_and_one_that_allows_is_enough(server: Server, client_id: str) -> None:
    code, said = run(server, client_id, "https://shop.example/elsewhere", "--json")
    by_uri, by_domain = json.loads(said)
    assert (code, by_uri["reason"], by_domain["allowed"], by_domain["closest"]) == (0, "PATH_DIFFERS", True, "shop.example")


def test_nothing_in_an_address_reaches_the_terminal_as_a_command(server: Server, client_id: str) -> None:
    _, said = run(server, client_id, "https://shop.example/\x1b[2J[red]x[/red]")
    assert "\x1b" not in said
    assert "[red]x[/red]" in said
