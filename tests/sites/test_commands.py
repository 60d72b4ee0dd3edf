"""The commands about sites, as somebody types them in a shell."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from roundtrip.cli import main


def run(*words: str) -> Any:
    """Run a command that must work; what it prints as JSON."""
    done = CliRunner().invoke(main, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_a_site_is_made_for_trying_things_out_unless_somebody_says_live(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTRIP_DATABASE_URL", database_url)
    assert run("site", "create", "kiln", "--name", "Kiln")["mode"] == "test"
    assert run("site", "create", "loom", "--name", "Loom", "--mode", "live")["mode"] == "live"
    assert run("site", "mode", "live", "--site", "kiln", "--yes")["mode"] == "live"
    assert {one["slug"]: one["mode"] for one in run("site", "list")} == {"kiln": "live", "loom": "live"}
