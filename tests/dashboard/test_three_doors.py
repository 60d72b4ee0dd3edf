"""The same change by page, API and command: the same stored client and the same audit entry, but for who made it (OPS-02)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from roundtrip.cli import main
from roundtrip.sites import store
from roundtrip.sites.client_fields import picture
from roundtrip.storage import audit
from tests.dashboard.owner_browser import OwnerBrowser

CHANGES = {"name": "Kiln shop", "description": "By whichever door"}
ENTRY = "https://shop.example/second"


class Doors:
    """One client of one server, reached by three doors. Commands run beside the application, on the same file."""

    def __init__(self, desk: OwnerBrowser, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk = desk
        self.client_id = desk.app.world.shop.id
        monkeypatch.setenv("ROUNDTRIP_DATABASE_URL", f"sqlite:///{folder / 'roundtrip.db'}")

    def by_page(self) -> None:
        self.desk.open(f"kiln/settings/clients/{self.client_id}")
        self.desk.save_fields("/identity", CHANGES)
        self.desk.save("/add", list="allowedRedirectUris", entry=ENTRY)

    def by_api(self) -> None:
        app = self.desk.app
        key = {"authorization": app.world.key}
        body = {"oAuthApp": CHANGES, "mask": {"paths": list(CHANGES)}}
        assert app.request("PATCH", f"/oauth-app/v1/oauth-apps/{self.client_id}", json=body, headers=key).status_code == 200
        app.clock.move(1)
        added = app.post(f"/api/v1/clients/{self.client_id}/allow-list/add", {"list": "allowedRedirectUris", "entry": ENTRY}, app.world.key)
        assert added.status_code == 200

    def by_command(self) -> None:
        sets = [word for name, value in CHANGES.items() for word in ("--set", f"{name}={value}")]
        self._run("client", "update", self.client_id, *sets, "--json")
        self._run("client", "allow", self.client_id, "--redirect-uri", ENTRY, "--json")

    def _run(self, *words: str) -> Any:
        done = CliRunner().invoke(main, list(words), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.output)

    def stored(self) -> dict[str, Any]:
        """The client as the database has it."""
        client = self.desk.app.application.db.read_now(store.client, self.client_id)
        assert client is not None
        return {**picture(client), "revision": client.revision}

    def log(self) -> list[tuple[str, Any, Any]]:
        """The two newest entries about the client, oldest first."""
        page = self.desk.app.application.db.read_now(
            lambda tx: audit.page(tx, site_id=self.desk.app.world.site.id, before_id=None, limit=50, object_id=self.client_id)
        )
        changes = [entry for entry in page if entry.action == "client.updated"]
        self.actors = {entry.actor.kind for entry in changes}
        return sorted(((entry.action, entry.before, entry.after) for entry in changes), key=repr)


DOORS: dict[str, Callable[[Doors], None]] = {"owner": Doors.by_page, "api_key": Doors.by_api, "command": Doors.by_command}


@pytest.mark.parametrize("kind", DOORS)
def test_a_change_is_the_same_by_page_api_and_command(
    desk: OwnerBrowser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """OPS-02, OPS-04."""
    doors = Doors(desk, tmp_path, monkeypatch)
    before = doors.stored()
    DOORS[kind](doors)
    assert doors.stored() == {
        **before,
        **CHANGES,
        "allowedRedirectUris": ["https://shop.example/cb", ENTRY],
        "revision": 3,
    }
    fields = {"name": "shop.example", "description": ""}
    lists = "allowedRedirectUris"
    assert doors.log() == [
        ("client.updated", {lists: before[lists]}, {lists: [*before[lists], ENTRY]}),
        ("client.updated", fields, CHANGES),
    ]
    assert doors.actors == {kind}
