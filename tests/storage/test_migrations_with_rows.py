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


ORDER = "00000000-0000-4000-8000-000000000006"


def marys_purchase_of_0025(tx: Tx) -> None:
    tx.execute(
        "INSERT INTO site (id, slug, name, mode, language, home_url, theme, created_at) "
        "VALUES (:id, 'kiln', 'Kiln', 'test', 'en', NULL, '{}', 1)",
        id=SITE,
    )
    a_cart = (
        "INSERT INTO cart (id, site_id, owner_kind, owner_id, details, created_at, updated_at) "
        "VALUES (:id, :site, 'visitor', :id, :d, 1, 1)"
    )
    tx.execute(a_cart, id="a", site=SITE, d='{"email":" Mary@Example.com"}')
    tx.execute(a_cart, id="b", site=SITE, d="{}")
    a_checkout = (
        "INSERT INTO checkout (id, site_id, owner_kind, owner_id, is_completed, details, revision, created_at, updated_at) "
        "VALUES (:id, :site, 'visitor', 'v', :no, :d, 1, 1, 1)"
    )
    tx.execute(a_checkout, id="a", site=SITE, no=False, d=f'{{"email":"Mary@example.com","member_id":"{MARY}"}}')
    tx.execute(a_checkout, id="b", site=SITE, no=False, d="{}")
    tx.execute(
        "INSERT INTO shop_order (id, site_id, number, checkout_id, member_id, status, payment, fulfilment, stock, pays_later, currency, "
        "total_units, refunded_units, is_archived, email_key, content, revision, created_at, updated_at) VALUES (:id, :site, 10001, 'a', "
        ":mary, 'APPROVED', 'PAID', 'FULFILLED', 'kept', :no, 'USD', 1, 0, :no, 'mary@example.com', '{}', 1, 1, 1)",
        id=ORDER,
        site=SITE,
        mary=MARY,
        no=False,
    )
    tx.execute(
        "INSERT INTO payment (site_id, owed_kind, owed_id, attempts, created_at) VALUES (:site, 'order', :id, 1, 1)", site=SITE, id=ORDER
    )
    tx.execute(
        "INSERT INTO payment_attempt (id, site_id, owed_kind, owed_id, provider, status, units, currency, description, buyer_email, "
        "language, return_path, created_at, changed_at) VALUES ('p', :site, 'order', :id, 'test', 'captured', 1, 'USD', 'x', "
        "'Mary@example.com', 'en', '/x', 1, 1)",
        site=SITE,
        id=ORDER,
    )
    what_was_told_of_0025(tx)


def what_was_told_of_0025(tx: Tx) -> None:
    event = (
        "INSERT INTO outbox (id, site_id, entity, slug, entity_id, body, occurred_at, claimed_until, person) "
        "VALUES (:id, :site, :entity, 'x', :about, :body, 1, 0, :person)"
    )
    tx.execute(event, id="1", site=SITE, entity="order", about=ORDER, body="{}", person=None)
    tx.execute(event, id="2", site=SITE, entity="payment", about="p", body="{}", person=None)
    tx.execute(event, id="3", site=SITE, entity="cart", about="a", body=f'{{"memberId":"{MARY}"}}', person=None)
    received = '{"kind":"order_received","to":"o@shop.example","values":{"number":"10001"}}'
    tx.execute(event, id="4", site=SITE, entity="mail", about="4", body=received, person="o@shop.example")
    tx.execute(event, id="5", site=SITE, entity="mail", about="5", body='{"kind":"recover","to":"m@x.example"}', person="m@x.example")
    tx.execute(
        "INSERT INTO caught_mail (id, site_id, kind, recipient, subject, sealed, caught_at, person) "
        "VALUES ('4', :site, 'order_received', 'o@shop.example', 's', 'x', 1, 'o@shop.example')",
        site=SITE,
    )


def test_purchases_from_before_they_were_found_by_person_are_found(empty_database_url: str, tmp_path: Path) -> None:
    """OPS-08, OPS-10: migration 0026."""
    looks = {
        "cart": "id, email_key",
        "checkout": "id, member_id, email_key",
        "payment_attempt": "id, buyer_id, buyer_key",
        "outbox": "id, entity_id, person",
        "caught_mail": "id, person",
    }
    found = brought_forward(
        empty_database_url,
        tmp_path,
        "0025",
        marys_purchase_of_0025,
        lambda tx: {table: [tuple(row) for row in tx.all(f"SELECT {names} FROM {table} ORDER BY id")] for table, names in looks.items()},
    )
    mail = "mary@example.com"
    assert found == {
        "cart": [("a", mail), ("b", None)],
        "checkout": [("a", MARY, mail), ("b", None, None)],
        "payment_attempt": [("p", MARY, mail)],
        "outbox": [("1", ORDER, MARY), ("2", "p", MARY), ("3", "a", MARY), ("4", ORDER, mail), ("5", "5", "m@x.example")],
        "caught_mail": [("4", mail)],
    }
