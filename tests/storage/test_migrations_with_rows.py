"""Migrations meet rows of their time: an older database is brought forward, and everything in it is still there (OPS-10)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from roundtrip.sites import store as sites
from roundtrip.sites.model import TokenSettings
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Tx
from roundtrip.storage.migrate import migrate
from roundtrip.storage.schema_state import FOLDER

SITE, CLIENT, KEY = ("00000000-0000-4000-8000-00000000000" + digit for digit in "123")


def up_to(number: str, folder: Path) -> Path:
    """The migrations of an older version."""
    older = folder / f"up-to-{number}"
    older.mkdir()
    for path in FOLDER.glob("[0-9]*.sql"):
        if path.name[:4] <= number:
            shutil.copyfile(path, older / path.name)
    return older


def brought_forward(url: str, tmp_path: Path, number: str, rows: Callable[[Tx], object], look: Callable[[Tx], object]) -> object:
    """Make a database as it was after migration `number`, put rows in, migrate, and look."""
    migrate(url, folder=up_to(number, tmp_path))
    database = connect(url)
    database.write_now(rows)
    database.close()
    migrate(url)
    database = connect(url)
    found = database.read_now(look)
    database.close()
    return found


def a_client_of_0002(tx: Tx) -> None:
    tx.execute(
        "INSERT INTO site (id, slug, name, mode, language, home_url, theme, created_at) "
        "VALUES (:id, 'kiln', 'Kiln', 'test', 'en', NULL, '{}', 1)",
        id=SITE,
    )
    tx.execute(
        "INSERT INTO client (id, site_id, name, application_type, redirect_uris, redirect_domains, post_logout_uris, "
        "refresh_token_rotation, signed_result, revision, created_at) VALUES (:id, :site, 'Shop', 'WEB_APP', "
        "'[\"https://shop.example/cb\"]', '[\"shop.example\"]', '[]', :no, :no, 3, 1)",
        id=CLIENT,
        site=SITE,
        no=False,
    )
    tx.execute(
        "INSERT INTO api_key (id, site_id, name, key_hash, permissions, created_at) VALUES (:id, :site, 'Server', 'h', '[\"*\"]', 1)",
        id=KEY,
        site=SITE,
    )


def test_on_postgresql_the_catalogue_differs_in_how_texts_are_compared_and_in_nothing_else() -> None:
    """Decision 0110: what is sorted, or searched by its beginning, is compared code point by code point on both databases."""
    plain, postgres = ((FOLDER / f"0020_catalogue{end}.sql").read_text(encoding="utf-8") for end in ("", ".postgres"))
    assert postgres.replace(' COLLATE "C"', "") == plain
    assert postgres.count('COLLATE "C"') == 9


def test_a_client_from_before_the_headless_settings_is_an_sdk_client(empty_database_url: str, tmp_path: Path) -> None:
    """OPS-10: migration 0008."""
    found = brought_forward(
        empty_database_url, tmp_path, "0005", a_client_of_0002, lambda tx: (sites.client_and_site(tx, CLIENT), sites.api_key(tx, "h"))
    )
    assert isinstance(found, tuple)
    (client, site), key = found
    assert (client.revision, client.redirect_uris, client.tokens) == (3, ("https://shop.example/cb",), TokenSettings())
    assert (site.name, site.pages_url, site.require_owner_approval) == ("Kiln", None, False)
    assert key.may("anything")
