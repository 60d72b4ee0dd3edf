"""Test sites catch their mails (OPS-12): for API and command line, sealed and bounded. Live sites have no mailbox."""

from __future__ import annotations

import json
import logging

import pytest

from roundtrip.core.clock import DAY, SECOND
from roundtrip.core.ids import new_id
from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.credentials import one_time_code
from roundtrip.sites import actions as sites
from roundtrip.sites.model import Site
from roundtrip.storage import caught_mail, mail_queue
from roundtrip.storage.caught_mail import Bodies, CaughtMail
from roundtrip.storage.database import Tx
from roundtrip.worker.run import Worker
from tests.api.shape import refused, succeeded
from tests.app_fixture import NOW, App, _everything
from tests.mail.post_office import CODE_KEY, Clerk, Office
from tests.server_fixtures import Server

LIST = "/api/v1/mailbox"


def ask(app: App, site: Site, to: str = "ann@shop.example") -> tuple[str, str]:
    """A mail is wanted; answers the event's id and the code's."""
    event_id, code_id = new_id(app.clock()), new_id(app.clock())
    mail = MailRequest(MailKind.VERIFY_EMAIL, to, "de", code_id, {"name": "Ann"})
    app.application.db.write_now(mail_queue.request, site.id, mail, event_id=event_id, now=app.clock())
    return event_id, code_id


def send(app: App) -> None:
    """The worker's turn. On SQLite the application's own loop may have been quicker, so wait until every mail was looked at."""

    async def work() -> None:
        while await app.application.db.read(_untouched):
            await app.application.mails.round()

    app.runner.run(work())


def _untouched(tx: Tx) -> int:
    row = tx.one("SELECT COUNT(*) FROM outbox WHERE entity = 'mail' AND done_at IS NULL AND last_error IS NULL")
    assert row is not None
    return int(row[0])


def test_a_test_sites_mail_is_caught_and_shown_by_the_api(app_on_each: App) -> None:
    app = app_on_each
    event_id, code_id = ask(app, app.world.site)
    send(app)
    (listed,) = succeeded(app.get(LIST, app.world.key))["mails"]
    assert listed == {
        "id": event_id, "kind": "verify_email", "to": "ann@shop.example", "subject": "Bestätigen Sie Ihre Adresse bei Kiln & Co.",
        "caughtDate": "2026-09-21T14:13:20.123Z",
    }  # fmt: skip
    shown = succeeded(app.get(f"{LIST}/{event_id}", app.world.key))
    assert one_time_code.digits(CODE_KEY, code_id) in shown["text"]
    assert one_time_code.link_token(CODE_KEY, code_id) in shown["html"]
    assert {**listed, "text": shown["text"], "html": shown["html"]} == shown


def test_pages_of_a_mailbox(app: App) -> None:
    ids = [ask(app, app.world.site)[0] for _ in range(5)]
    send(app)
    first = succeeded(app.get(f"{LIST}?limit=3", app.world.key))
    second = succeeded(app.get(f"{LIST}?limit=3&cursor={first['nextCursor']}", app.world.key))
    assert [mail["id"] for mail in first["mails"] + second["mails"]] == sorted(ids, reverse=True)
    assert second["nextCursor"] is None
    for bad in ("limit=0", "limit=101", "limit=x", "limit=%C2%B2", "cursor=x"):
        refused(app.get(f"{LIST}?{bad}", app.world.key), 400)


def test_a_mailbox_is_for_keys_that_may_read_it_and_for_their_own_site(app: App) -> None:
    """AUT-14."""
    event_id, _ = ask(app, app.world.site)
    send(app)
    refused(app.get(LIST, app.world.reading_key), 403, "PERMISSION_DENIED")
    refused(app.get(LIST, app.visitor()), 403, "PERMISSION_DENIED")
    assert succeeded(app.get(LIST, app.world.foreign_key))["mails"] == []
    refused(app.get(f"{LIST}/{event_id}", app.world.foreign_key), 404, "MAIL_NOT_FOUND")


def test_a_live_site_has_no_mailbox(app: App) -> None:
    """OPS-12."""
    key = live_key(app)
    event_id, _ = ask(app, app.world.live_site)
    send(app)
    refused(app.get(LIST, key), 403, "TEST_MODE_ONLY")
    refused(app.get(f"{LIST}/{event_id}", key), 403, "TEST_MODE_ONLY")
    assert app.application.db.read_now(lambda tx: tx.all("SELECT id FROM caught_mail")) == []


def test_a_test_sites_mail_never_reaches_the_mail_server(office: Office, clerk: Clerk, port: int) -> None:
    """OPS-12: whatever server is set."""
    caught, travelled = office.ask(site=office.test), office.ask(site=office.live)
    office.round(port)
    assert [letter.mail["Message-ID"] for letter in clerk.letters] == [f"<{travelled}@pages.example>"]
    assert office.row(caught)[0] == "caught"
    assert office.counts == {"caught": 1, "sent": 1}


def test_the_database_shows_no_caught_code(office: Office) -> None:
    """OPS-03."""
    office.ask(site=office.test)
    (claimed,) = office.db.write_now(mail_queue.claim, 5, office.clock(), SECOND)
    office.clock.move(SECOND)
    office.round(None)
    assert claimed.mail.code_id is not None
    everything = office.db.read_now(_everything)
    assert "Kiln & Co." in everything
    assert f"verify/{claimed.mail.code_id.replace('-', '')}" not in everything
    assert one_time_code.link_token(CODE_KEY, claimed.mail.code_id) not in everything
    assert "Type this code" not in everything


def test_a_mailbox_is_bounded_by_number_and_by_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caught_mail, "MOST_PER_SITE", 5)
    sealed = caught_mail.sealed(CODE_KEY, Bodies("text", "html"))

    def fill(tx: Tx, site_id: str, count: int) -> list[str]:
        ids = [new_id(NOW + number) for number in range(count)]
        for number, mail_id in enumerate(ids):
            caught_mail.store(tx, CaughtMail(mail_id, site_id, MailKind.APPROVED, "ann@shop.example", "Hello", NOW + number), sealed)
        return ids

    ids, others = office.db.write_now(fill, office.test.id, 8), office.db.write_now(fill, office.live.id, 3)
    kept = office.db.read_now(caught_mail.page, office.test.id, before_id=None, limit=100)
    assert [mail.id for mail in kept] == sorted(ids[-5:], reverse=True)
    assert len(office.db.read_now(caught_mail.page, office.live.id, before_id=None, limit=100)) == len(others)
    assert office.db.write_now(caught_mail.purge, NOW + 1 + DAY, 4) == 4
    assert office.db.write_now(caught_mail.purge, NOW + 1 + DAY, 10) == 4


def test_the_worker_tidies_old_caught_mails_away(app: App) -> None:
    ask(app, app.world.site)
    send(app)
    app.clock.move(29 * DAY)
    worker = Worker(app.application.db, app.clock, app.application.settings.lifetimes)
    app.runner.run(worker.tidy())
    assert len(succeeded(app.get(LIST, app.world.key))["mails"]) == 1
    app.clock.move(2 * DAY)
    app.runner.run(worker.tidy())
    assert succeeded(app.get(LIST, app.world.key))["mails"] == []


def test_logs_name_no_code_and_no_words(office: Office, clerk: Clerk, port: int, caplog: pytest.LogCaptureFixture) -> None:
    """OPS-07: whatever happens to a mail."""
    caplog.set_level(logging.DEBUG)
    clerk.on_recipient = lambda address: (
        "550 5.1.1 nobody" if address.startswith("bob") else "451 later" if address.startswith("cleo") else None
    )
    for name in ("ann", "bob", "cleo"):
        office.ask(to=f"{name}@shop.example")
    office.ask(site=office.test, to="dora@shop.example")
    claimed = office.db.write_now(mail_queue.claim, 10, office.clock(), SECOND)
    office.clock.move(SECOND)
    office.round(port)
    log = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("roundtrip"))
    assert all(word in log for word in ("sent", "refused", "postponed", "mail caught for dora@shop.example: open"))
    for each in claimed:
        assert each.mail.code_id is not None
        assert one_time_code.digits(CODE_KEY, each.mail.code_id) not in log.replace(each.event_id, "")
        assert one_time_code.link_token(CODE_KEY, each.mail.code_id) not in log
    assert "Type this code" not in log
    assert not any(f"{name}@" in log for name in ("ann", "bob", "cleo")), "addresses of live sites are not logged"


def test_metrics_count_mails(app: App) -> None:
    ask(app, app.world.site)
    send(app)
    shown = (app.get("/metrics").text for _ in range(1000))
    assert any('roundtrip_mails_total{outcome="caught"} 1.0' in text for text in shown), "counted right after it was written down"


def test_the_command_line_reads_a_mailbox(server: Server) -> None:
    server.command("site", "create", "nobody-writes", "--name", "Nobody writes")
    assert server.command("mailbox", "list", "--site", "nobody-writes").strip() == "No mails yet."
    assert json.loads(server.command("mailbox", "list", "--site", "nobody-writes", "--json")) == []


def live_key(app: App) -> str:
    """An API key of the live site."""
    text = "IST.a-key-of-the-live-site-0123456789"
    key_id = new_id(NOW)
    app.application.db.write_now(
        lambda tx: sites.create_api_key(tx, site=app.world.live_site, key_id=key_id, key=text, name="key", permissions=("*",), now=NOW)
    )
    return text
