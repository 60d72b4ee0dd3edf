"""The database address: two forms work, and every other gets an answer that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from roundtrip.storage.connect import connect
from roundtrip.storage.database_url import sqlite_path


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///a.db", "a.db"),
        ("sqlite:///folder/a.db", "folder/a.db"),
        ("sqlite:////var/lib/a.db", "/var/lib/a.db"),
        ("sqlite:///with%20space.db", "with space.db"),
    ],
)
def test_a_file_is_named_from_here_or_from_the_root(url: str, path: str) -> None:
    assert sqlite_path(url) == Path(path)


@pytest.mark.parametrize("url", ["", "a.db", "sqlite://a.db", "sqlite:///", "sqlite:///:memory:", "sqlite:///a.db?mode=ro", "mysql://h/d"])
def test_any_other_address_is_refused_with_the_forms_that_work(url: str) -> None:
    with pytest.raises(ValueError, match=r"ROUNDTRIP_DATABASE_URL.*sqlite:///"):
        connect(url)


def test_a_refusal_does_not_repeat_a_password() -> None:
    with pytest.raises(ValueError, match="'mysql'") as refusal:
        connect("mysql://root:hunter2@host/db")
    assert "hunter2" not in str(refusal.value)


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    connect(f"sqlite:///{tmp_path}/new/folder/a.db").close()
    assert (tmp_path / "new/folder/a.db").exists()
