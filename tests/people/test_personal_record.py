"""One person's data, handed out and erased: in every table where it lies, and by API, command and dashboard alike (OPS-08)."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from roundtrip.cli import main
from roundtrip.core.errors import AppError
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.storage import audit
from roundtrip.storage.schema_state import FOLDER, MIGRATION_TABLE
from roundtrip.workflows import personal_record
from roundtrip.workflows.personal_record import KEPT, Who
from tests.api.shape import refused, succeeded, violated
from tests.app_fixture import LOGIN, REGISTER, App
from tests.dashboard.owner_browser import OwnerBrowser, readable
from tests.people.life import MARY, MARYS_PASSWORD, NAMES, lives, traces, visits

EXPORT, ERASE = "/api/v1/personal-data/export", "/api/v1/personal-data/erase"
NOTHING_PERSONAL = {
    "site": "a tenant",
    "client": "an app of a tenant",
    "client_secret": "an app of a tenant",
    "api_key": "an app of a tenant",
    "owner": "who runs the server; removed on the page of owners",
    "owner_login": "who runs the server",
    "owner_recovery_code": "who runs the server",
    "authorization_code": "a member's id for a minute; deleted after a day",
    "signing_key": "the server's own",
    "revocation": "ids of logins and grants, for four hours",
    "refusal": "addresses of a site, without what visitors carry",
    "shop": "how a site sells",
    "delivery_option": "how a site sends",
    "tax_rate": "what a site taxes",
    "coupon": "what a site takes off; who used it is in coupon_customer",
    "order_counter": "a number per site",
    "catalogue": "what a site sells",
    "product": "what a site sells",
    "product_variant": "what a site sells",
    "back_in_stock_due": "what a site sells again",
    "collection": "what a site sells",
    "collection_product": "what a site sells",
    "picture": "what a site shows, without what cameras write about people",
    "picture_content": "what a site shows",
    "picture_upload": "where an owner's program sends one picture to",
    "payment": "which attempt paid an order, in a visit that is deleted",
    "payment_report": "what a provider said about money, without who paid; for 90 days",
    "payment_settings": "how a site is paid",
    "booking_business": "how a site is open",
    "booking_part": "a site's services and who gives them; the owner makes, changes and deletes staff",
    "staff_day": "when a site is open",
    "service": "what a site offers",
    "service_part": "what a site offers",
    "session_series": "when a site offers it",
    "session_change": "when a site offers it",
    "booking_lane": "a number per session",
    "booking_feed": "addresses of calendars that owners subscribe to",
    "booking_time": "what is taken, named by its booking, which speaks for it",
    "idempotency_key": "answers for a client, sealed with its own key, for two days",
}
"""Tables that no room has to speak for, and why. A new one says so in its migration: `CREATE TABLE name ( -- nothing personal: why`."""

SAID_IN_MIGRATION = re.compile(r"^CREATE TABLE (\w+) \( -- nothing personal: \S", re.MULTILINE)


def nothing_personal() -> set[str]:
    return set(NOTHING_PERSONAL).union(*(SAID_IN_MIGRATION.findall(file.read_text("utf-8")) for file in FOLDER.glob("*.sql")))


def tables(app: App) -> set[str]:
    sql = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
        "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
    }
    found = app.application.db.read_now(lambda tx: tx.all(sql[tx.dialect]))
    return {name for (name,) in found if name != MIGRATION_TABLE and not name.startswith(("_yoyo", "yoyo", "sqlite_"))}


def test_every_table_has_a_room_that_speaks_for_it_or_a_reason(app: App) -> None:
    """OPS-08: a new table fails here until its room says what it keeps about people."""
    spoken_for = [table for keeps in KEPT for table in keeps.tables]
    assert len(spoken_for) == len(set(spoken_for))
    assert set(spoken_for) | nothing_personal() == tables(app)


def test_after_erasing_neither_address_nor_name_is_anywhere(app_on_each: App) -> None:
    """OPS-08: all tables of a database in which she used everything there is."""
    app = app_on_each
    other = app.register(email="mary@example.com")["id"]
    member_id = lives(app)
    assert traces(app) == list(NAMES)

    found = succeeded(app.post(EXPORT, {"memberId": member_id}, app.world.key))["personalData"]
    assert found["member"][0]["email"] == MARY
    assert found["member"][0]["profile"]["customFields"] == [{"name": "note", "value": "Blue hat"}]
    assert {name for name, rows in found.items() if rows} == {keeps.name for keeps in KEPT}
    ordered = next(order for order in found["orders"] if order["status"] == "APPROVED")
    assert (ordered["shipping"]["line"], ordered["buyerNote"], ordered["couponCode"]) == ("7 Sparrow Lane", "Ring the copper bell", "TEN")
    assert (ordered["parcels"][0]["number"], found["coupons"]) == ("TRACK77", [{"code": "TEN", "used": 1}])
    assert all(secret not in json.dumps(found) for secret in ("password_hash", "argon2", "secret_hash", "refresh_hash"))

    erased = succeeded(app.post(ERASE, {"memberId": member_id}, app.world.key))
    assert erased["memberId"] == member_id
    assert set(erased["erased"]) == {keeps.name for keeps in KEPT}
    assert traces(app) == []
    assert succeeded(app.get(f"/api/v1/members/{other}", app.world.key))["email"] == "mary@example.com"
    refused(app.post(ERASE, {"memberId": member_id}, app.world.key), 404, "MEMBER_NOT_FOUND")
    refused(app.post(EXPORT, {"email": MARY}, app.world.key), 404, "PERSON_NOT_FOUND")


def test_what_she_had_open_is_shut_and_the_world_hears_of_an_id_only(app: App) -> None:
    token = app.register(email=MARY)
    tokens = app.member(session_token=token["sessionToken"])
    app.clock.move(1)
    succeeded(app.post(ERASE, {"email": MARY.upper()}, app.world.key))
    refused(app.get("/members/v1/members/my", tokens["access_token"]), 401, "UNAUTHENTICATED")
    renewal = {"clientId": app.world.shop.id, "grantType": "refresh_token", "refreshToken": tokens["refresh_token"]}
    assert app.post("/oauth2/token", renewal).status_code in (400, 401)
    refused(app.post(LOGIN, {"loginId": {"email": MARY}, "password": MARYS_PASSWORD}, app.visitor()), 404, "-19999")
    rows = app.application.db.read_now(
        lambda tx: tx.all("SELECT slug, body FROM outbox WHERE entity = 'member' AND entity_id = :id", id=token["id"])
    )
    assert [(slug, json.loads(body).keys()) for slug, body in rows] == [("erased", {"id", "erasedAt"})]
    log = app.application.db.read_now(lambda tx: audit.page(tx, site_id=app.world.site.id, before_id=None, limit=1))
    assert (log[0].action, log[0].object_name) == ("person.erased", "(erased)")
    succeeded(app.post(REGISTER, {"loginId": {"email": MARY}, "password": MARYS_PASSWORD}, app.visitor()))


def test_somebody_who_never_became_a_member_can_ask_as_well(app: App) -> None:
    """OPS-08: an address that was typed on a page, and left there."""
    visits(app, signs_up=False)
    assert "mary.quant" in traces(app)
    found = succeeded(app.post(EXPORT, {"email": MARY}, app.world.key))["personalData"]
    assert found["visits"]
    assert succeeded(app.post(ERASE, {"email": MARY}, app.world.key))["memberId"] is None
    assert "mary.quant" not in traces(app)


def test_another_site_knows_nothing_about_her(app: App) -> None:
    """AUT-14."""
    member_id = app.register(email=MARY)["id"]
    for path in (EXPORT, ERASE):
        refused(app.post(path, {"memberId": member_id}, app.world.foreign_key), 404, "MEMBER_NOT_FOUND")
        refused(app.post(path, {"email": MARY}, app.world.foreign_key), 404, "PERSON_NOT_FOUND")
        refused(app.post(path, {"email": MARY}, app.world.reading_key), 403, "PERMISSION_DENIED")
        for body in ({}, {"memberId": member_id, "email": MARY}):
            violated(app.post(path, body, app.world.key), "memberId", "OTHER")
    assert succeeded(app.get(f"/api/v1/members/{member_id}", app.world.key))["email"] == MARY


def test_of_two_who_erase_at_once_one_finds_nothing_any_more(app_on_each: App) -> None:
    app = app_on_each
    member_id = app.register(email=MARY)["id"]
    ready, ended = threading.Barrier(2), []

    def erase() -> None:
        ids = {"entry_id": new_id(app.clock()), "event_id": new_id(app.clock())}
        ready.wait(10)
        try:
            who = Who(app.world.site, member_id)
            app.application.db.write_now(personal_record.erase, who, actor=COMMAND, now=app.clock(), **ids)
            ended.append("erased")
        except AppError as error:
            ended.append(error.code)

    threads = [threading.Thread(target=erase) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(ended) in (["MEMBER_NOT_FOUND", "erased"], ["PERSON_NOT_FOUND", "erased"])
    assert traces(app) == []


def test_the_commands_do_the_same(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTRIP_DATABASE_URL", f"sqlite:///{tmp_path / 'roundtrip.db'}")
    app.register(email=MARY)

    def run(*words: str, answer: str = "") -> Any:
        return CliRunner().invoke(main, ["member", *words, "--site", "kiln"], input=answer)

    assert json.loads(run("export", MARY).output)["member"][0]["email"] == MARY
    assert f"mail is on its way to {MARY}" in run("recover", MARY).output
    assert "logged out everywhere" in run("logout", MARY).output
    assert run("erase", MARY, answer="n\n").exit_code == 1
    assert json.loads(run("erase", MARY, "--yes", "--json").output)["erased"]["member"] == 1
    assert traces(app) == []
    assert "Nothing is kept" in run("export", MARY).output


def test_an_owner_downloads_the_data_and_erases_it_with_a_word(desk: OwnerBrowser) -> None:
    member_id = desk.app.register(email=MARY)["id"]
    desk.open(f"kiln/members/{member_id}")
    file = desk.send("/export", {})
    assert file.headers["content-disposition"] == f'attachment; filename="member-{member_id}.json"'
    assert json.loads(file.text)["member"][0]["email"] == MARY
    desk.open(f"kiln/members/{member_id}/erase")
    assert "Nothing was erased: type erase to confirm." in readable(desk.refuse("/erase", {"word": "yes"}))
    assert "Everything that was kept about this member is gone." in readable(desk.save("/erase", word="Erase"))
    assert traces(desk.app) == []
