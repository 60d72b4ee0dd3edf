"""Mails leave once, in time, and come through whatever happens to server and worker. Against a real SMTP server, on each database."""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from roundtrip.core.clock import DAY, MINUTE, SECOND
from roundtrip.core.mail import MailKind
from roundtrip.credentials import one_time_code
from roundtrip.storage import mail_queue
from roundtrip.storage.mail_queue import ClaimedMail, Outcome
from roundtrip.text.mail_words import MailView, MailWords, write
from roundtrip.worker import mail as worker_mail
from roundtrip.worker.smtp import Encryption
from tests.mail.post_office import CODE_KEY, PASSWORD, SENDER, USER, Clerk, Office, make_certificate, open_post


def claim(office: Office) -> list[ClaimedMail]:
    return office.db.write_now(mail_queue.claim, 50, office.clock(), worker_mail.LEASE)


def test_in_good_weather_a_mail_comes_once(office: Office, clerk: Clerk, port: int) -> None:
    event_id = office.ask()
    assert [office.round(port) for _ in range(3)] == [1, 0, 0]
    (letter,) = clerk.letters
    assert (letter.sender, letter.recipients) == (SENDER, ["ann@shop.example"])
    assert letter.mail["Message-ID"] == f"<{event_id}@pages.example>"
    assert letter.mail["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(letter.mail["Date"]).timestamp() == office.clock() // 1000
    assert letter.mail["From"].addresses[0].display_name == "Loom"
    assert office.row(event_id)[:2] == ("sent", 1)
    assert office.counts == {"sent": 1}


def test_a_batch_shares_one_connection(office: Office, clerk: Clerk, port: int) -> None:
    for _ in range(5):
        office.ask()
    assert office.round(port) == 5
    assert (len(clerk.letters), clerk.sessions) == (5, 1)


def test_a_mail_leaves_within_a_second(office: Office, clerk: Clerk, port: int) -> None:
    """The loop itself: asked for while it is idle, sent without being told."""

    async def watch() -> float:
        loop = asyncio.get_running_loop()
        running = asyncio.create_task(office.worker(port).run())
        await asyncio.sleep(0)
        await asyncio.to_thread(office.ask)
        asked = loop.time()
        await asyncio.to_thread(clerk.has_taken.wait, 10)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        return loop.time() - asked

    assert asyncio.run(asyncio.wait_for(watch(), 10)) < 2
    assert office.db.read_now(mail_queue.waiting) == (0, None), "what was handed in is written down, even while stopping"


def test_a_worker_killed_after_sending_sends_the_same_mail_again(
    office: Office, clerk: Clerk, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WHK-01, WHK-03: nothing is lost, and mail programs see one mail: same Message-ID, same date, same code."""
    event_id = office.ask(kind=MailKind.RECOVER)

    def die(*_: object, **__: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(mail_queue, "finish", die)
        with pytest.raises(KeyboardInterrupt):
            office.round(port)
    assert office.row(event_id)[0] is None
    office.clock.move(worker_mail.LEASE)
    office.round(port)
    first, second = clerk.letters
    assert first.part("plain") == second.part("plain")
    assert first.part("html") == second.part("html")
    assert {first.mail["Message-ID"], second.mail["Message-ID"]} == {f"<{event_id}@pages.example>"}
    assert first.mail["Date"] == second.mail["Date"]


def test_two_workers_at_once_send_every_mail_once(office: Office, clerk: Clerk, port: int) -> None:
    """OPS-11: real threads, each with its own loop, until nothing is left."""
    for number in range(60):
        office.ask(to=f"ann{number}@shop.example")

    async def work() -> None:
        while await office.worker(port).round():
            pass

    async def both() -> None:
        await asyncio.gather(*(asyncio.to_thread(asyncio.run, work()) for _ in range(3)))

    asyncio.run(both())
    assert sorted(letter.recipients[0] for letter in clerk.letters) == sorted(f"ann{number}@shop.example" for number in range(60))


def test_a_server_that_is_down_gets_its_mails_later(office: Office, clerk: Clerk) -> None:
    with open_post(clerk) as port:
        pass  # now nothing listens there
    ids = [office.ask(kind=MailKind.RECOVER) for _ in range(3)]
    assert office.round(port) == 3
    assert office.round(port) == 0, "not tried again at once"
    outcome, attempts, error, again = office.row(ids[0])
    assert (outcome, attempts, again) == (None, 1, office.clock() + 10 * SECOND)
    assert "refused" in str(error).lower()
    office.clock.move(10 * SECOND)
    assert office.round(port) == 3
    assert office.row(ids[0])[3] == office.clock() + MINUTE
    office.clock.move(MINUTE)
    with open_post(clerk, port=port):
        assert office.round(port) == 3
    assert len(clerk.letters) == 3
    assert office.counts == {"postponed": 6, "sent": 3}


@pytest.mark.parametrize("place", ["RCPT", "DATA"])
def test_a_connection_that_breaks_loses_nothing(office: Office, clerk: Clerk, port: int, place: str) -> None:
    ids = [office.ask(to=f"{name}@shop.example") for name in ("ann", "bob", "cleo")]
    clerk.hang_up_at = place
    office.round(port)
    office.clock.move(10 * SECOND)
    office.round(port)
    assert {letter.mail["Message-ID"] for letter in clerk.letters} == {f"<{each}@pages.example>" for each in ids}
    assert [office.row(each)[0] for each in ids] == ["sent"] * 3


def test_a_refused_recipient_is_given_up_at_once_and_stops_nobody_else(office: Office, clerk: Clerk, port: int) -> None:
    clerk.on_recipient = lambda address: "550 5.1.1 no such user" if address.startswith("nobody") else None
    refused, fine = office.ask(to="nobody@shop.example"), office.ask()
    office.round(port)
    assert office.row(refused)[:3] == ("refused", 1, "recipient: 550 5.1.1 no such user")
    assert office.row(fine)[0] == "sent"
    (failed,) = office.db.read_now(mail_queue.failed, office.clock() - DAY, 10)
    assert (failed.mail.event_id, failed.outcome, failed.error) == (refused, Outcome.REFUSED, "recipient: 550 5.1.1 no such user")


def test_a_mail_that_cannot_be_made_stops_nobody_else(office: Office, clerk: Clerk, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(view: MailView) -> MailWords:
        if view.kind is MailKind.APPROVED:
            raise LookupError("no template")
        return write(view)

    monkeypatch.setattr(worker_mail, "write", broken)
    ids = [office.ask(kind=MailKind.APPROVED), office.ask(), office.ask(kind=MailKind.APPROVED, site=office.test), office.ask()]
    assert office.round(port) == 4
    assert [office.row(each)[0] for each in ids] == [None, "sent", None, "sent"]
    assert office.row(ids[0])[2] == office.row(ids[2])[2] == "a fault of the server: LookupError"


def test_greylisting_only_delays(office: Office, clerk: Clerk, port: int) -> None:
    clerk.on_recipient = lambda address: "451 4.7.1 try again later"
    event_id = office.ask()
    office.round(port)
    assert office.row(event_id)[:3] == (None, 1, "recipient: 451 4.7.1 try again later")
    clerk.on_recipient = lambda address: None
    office.clock.move(10 * SECOND)
    office.round(port)
    assert office.row(event_id)[:2] == ("sent", 2)


def test_a_mail_is_given_up_when_its_code_is_dead(office: Office, clerk: Clerk, port: int) -> None:
    clerk.on_content = lambda letter: "452 disk full"
    verify, recover = office.ask(kind=MailKind.VERIFY_EMAIL), office.ask(kind=MailKind.RECOVER)
    for _ in range(60):
        office.clock.move(30 * MINUTE)
        office.round(port)
    assert office.row(verify)[0] == "given_up"
    assert office.row(recover)[0] == "given_up"
    assert office.row(recover)[1] > office.row(verify)[1]
    assert office.db.read_now(mail_queue.waiting) == (0, None)


def test_tries_get_rarer_and_spread() -> None:
    assert [worker_mail.delay(n, 0.5) for n in (1, 2, 3, 4, 5, 6, 7, 99)] == [*worker_mail.DELAYS, *worker_mail.DELAYS[-1:] * 2]
    assert worker_mail.delay(1, 0.0) == 8 * SECOND
    assert worker_mail.delay(1, 0.999999) == pytest.approx(12 * SECOND, abs=1)


def test_without_a_mail_server_mails_wait_for_one(office: Office, clerk: Clerk, port: int) -> None:
    event_id = office.ask(kind=MailKind.RECOVER)
    for _ in range(5):
        assert office.round(None) == 1
        office.clock.move(MINUTE)
    assert office.row(event_id)[:3] == (None, 0, "no mail server is set")
    office.round(port)
    assert len(clerk.letters) == 1


def test_a_late_worker_does_not_undo_what_another_did(office: Office, clerk: Clerk, port: int) -> None:
    event_id = office.ask()
    (slow,) = claim(office)
    office.clock.move(worker_mail.LEASE - 1)
    assert claim(office) == []
    office.clock.move(1)
    (quick,) = claim(office)
    assert not office.db.write_now(mail_queue.postpone, slow, office.clock() + DAY, error="late")
    assert office.db.write_now(mail_queue.finish, quick, Outcome.SENT, now=office.clock())
    assert not office.db.write_now(mail_queue.finish, slow, Outcome.REFUSED, now=office.clock())
    assert office.row(event_id)[0] == "sent"


def test_starttls_and_login(office: Office, clerk: Clerk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    office.ask()
    with open_post(clerk, certificate=certificate) as port:
        office.round(port, encryption=Encryption.STARTTLS, user=USER, password=PASSWORD)
    assert len(clerk.letters) == 1
    assert clerk.logins == [(USER.encode(), True)]


def test_tls_from_the_start(office: Office, clerk: Clerk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    office.ask()
    with open_post(clerk, certificate=certificate, is_tls_from_start=True) as port:
        office.round(port, encryption=Encryption.TLS)
    assert len(clerk.letters) == 1


def test_an_unknown_certificate_gets_no_mail_and_no_password(office: Office, clerk: Clerk, tmp_path: Path) -> None:
    event_id = office.ask()
    with open_post(clerk, certificate=make_certificate(tmp_path)) as port:
        office.round(port, encryption=Encryption.STARTTLS, user=USER, password=PASSWORD)
    assert (clerk.letters, clerk.logins) == ([], [])
    assert "certificate" in str(office.row(event_id)[2]).lower()


def test_a_server_without_starttls_gets_no_mail(office: Office, clerk: Clerk, port: int) -> None:
    event_id = office.ask()
    office.round(port, encryption=Encryption.STARTTLS)
    assert clerk.letters == []
    assert "STARTTLS" in str(office.row(event_id)[2])


def test_a_wrong_password_is_told_without_repeating_it(
    office: Office, clerk: Clerk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OPS-07."""
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    event_id = office.ask()
    with open_post(clerk, certificate=certificate) as port:
        office.round(port, encryption=Encryption.STARTTLS, user=USER, password="not the password")
    assert office.row(event_id)[2] == "the mail server refused the login (535)"


def test_the_code_and_the_link_in_a_mail_are_those_of_its_row(office: Office, clerk: Clerk, port: int) -> None:
    """IDN-04: what is derived at sending opens what was issued."""
    office.ask(kind=MailKind.RECOVER)
    (claimed,) = claim(office)
    office.clock.move(worker_mail.LEASE)
    office.round(port)
    code_id = claimed.mail.code_id
    assert code_id is not None
    text = clerk.letters[0].part("plain")
    assert one_time_code.digits(CODE_KEY, code_id) in text
    (link,) = [line for line in text.splitlines() if line.startswith("https://pages.example/recover/")]
    assert one_time_code.id_in(CODE_KEY, link.rpartition("/")[2]) == code_id


def test_looking_for_mails_reads_the_index_of_waiting_ones(office: Office) -> None:
    """Idle polling costs one step however many events are kept."""
    explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}[office.db.dialect]
    plan = office.db.read_now(lambda tx: tx.all(f"{explain} {mail_queue._WAITS}", now=1))
    assert "outbox_waiting_mail" in str(plan)
