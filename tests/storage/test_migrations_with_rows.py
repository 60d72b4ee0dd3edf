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


MARY, VISIT = "00000000-0000-4000-8000-000000000004", "00000000-0000-4000-8000-000000000005"


def marys_rows_of_0014(tx: Tx) -> None:
    event = (
        "INSERT INTO outbox (id, site_id, entity, slug, entity_id, body, occurred_at, claimed_until) "
        "VALUES (:id, :site, :entity, 'x', :about, :body, 1, 0)"
    )
    tx.execute(event, id="1", site=SITE, entity="member", about=MARY, body="{}")
    tx.execute(event, id="2", site=SITE, entity="mail", about="2", body='{"kind":"recover","to":"Mary@Example.com","language":"en"}')
    wanted = '{"kind":"approval_wanted","to":"olive@example.com","values":{"email":"mary@example.com","name":"M"}}'
    tx.execute(event, id="3", site=SITE, entity="mail", about="3", body=wanted)
    tx.execute(event, id="4", site=SITE, entity="redirect_session", about=VISIT, body="{}")
    caught = "INSERT INTO caught_mail (id, site_id, kind, recipient, subject, sealed, caught_at) VALUES (:id, :site, 'x', :to, 's', 'x', 1)"
    tx.execute(caught, id="3", site=SITE, to="olive@example.com")
    tx.execute(caught, id="9", site=SITE, to="Mary@example.com")
    visit = (
        "INSERT INTO redirect_session (id, site_id, client_id, intent, status, caller_kind, caller_id, language, request, "
        "entry_hash, draft, draft_revision, created_at, changed_at, expires_at) "
        "VALUES (:id, :site, :client, 'login', 'opened', :kind, :caller, 'en', "
        """'{"params":{}}', 'h', :draft, 0, 1, 1, 1)"""
    )
    tx.execute(visit, id="a", site=SITE, client=CLIENT, kind="visitor", caller="v", draft='{"version":1,"email":"Mary@example.com"}')
    tx.execute(visit, id="b", site=SITE, client=CLIENT, kind="member", caller=MARY, draft=None)
    tx.execute(visit, id="c", site=SITE, client=CLIENT, kind="visitor", caller="v", draft='{"version":1}')


def test_rows_from_before_people_had_keys_are_found_when_they_ask(empty_database_url: str, tmp_path: Path) -> None:
    """OPS-08, OPS-10: migration 0015."""
    tables = ("outbox", "caught_mail", "redirect_session")
    found = brought_forward(
        empty_database_url,
        tmp_path,
        "0014",
        marys_rows_of_0014,
        lambda tx: {table: dict(tx.all(f"SELECT id, person FROM {table} ORDER BY id")) for table in tables},
    )
    assert found == {
        "outbox": {"1": MARY, "2": "mary@example.com", "3": "mary@example.com", "4": None},
        "caught_mail": {"3": "mary@example.com", "9": "mary@example.com"},
        "redirect_session": {"a": "mary@example.com", "b": MARY, "c": None},
    }
