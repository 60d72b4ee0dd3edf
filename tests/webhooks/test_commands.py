"""`roundtrip listen` and `roundtrip trigger`: what a developer does before there is an endpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from standardwebhooks import Webhook

from roundtrip.cli import main
from roundtrip.core.clock import system_clock
from roundtrip.storage import outbox
from roundtrip.storage.connect import connect
from tests.webhooks.town import Receiver


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs a command on a database of its own."""
    monkeypatch.setenv("ROUNDTRIP_DATA_DIR", str(tmp_path))

    def command(*words: str, fails: bool = False) -> Any:
        done = CliRunner().invoke(main, words, catch_exceptions=False)
        assert (done.exit_code != 0) is fails, done.output
        return done

    command("migrate")
    command("site", "create", "kiln", "--name", "Kiln")
    command("client", "create", "--site", "kiln", "--name", "Shop")
    return command


def test_what_is_triggered_is_printed_and_reaches_a_local_server_signed(
    run: Callable[..., Any], tmp_path: Path, receiver: Receiver
) -> None:
    """The same signature as webhooks have, so that the code that will be deployed can be tried."""
    for event in ("redirect_session.returned", "order.paid"):
        assert json.loads(run("trigger", event, "--site", "kiln", "--json").stdout)["event"] == event
    assert "no event is called" in run("trigger", "order.eaten", "--site", "kiln", fails=True).output
    run("site", "create", "live", "--name", "Live", "--mode", "live")
    assert "is live" in run("trigger", "order.paid", "--site", "live", fails=True).output
    db = connect(f"sqlite:///{tmp_path / 'roundtrip.db'}")
    db.write_now(outbox.take, 100, system_clock())
    db.close()
    forward = ("--since", "0", "--event", "redirect_session.*", "--event", "order.paid", "--until", "5", "--forward", receiver.url())
    done = run("listen", "--site", "kiln", *forward)
    names = [line.split()[1] for line in done.stdout.splitlines()]
    assert names == [*(f"redirect_session.{slug}" for slug in ("created", "opened", "completed", "returned")), "order.paid"]
    assert all(line.endswith("  200") for line in done.stdout.splitlines())
    secret = done.stderr.split()[-1]
    for got in receiver.got:
        assert Webhook(secret).verify(got.body, got.headers)["id"] == got.id
    shown = run("listen", "--site", "kiln", "--since", "0", "--until", "1", "--json").stdout
    assert json.loads(shown)["siteId"]
