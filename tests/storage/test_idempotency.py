"""A repeated request with the same Idempotency-Key gets the first answer (SES-10), also when both arrive at once."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from roundtrip.core.clock import DAY
from roundtrip.core.errors import AppError, Kind
from roundtrip.storage import idempotency
from roundtrip.storage.database import Database, Tx

NOW = 1_767_225_600_000
BODY = '{"id":"ü"}'.encode()


def request(tx: Tx, answer: bytes = BODY, key: str = "key", request_hash: str = "hash", scope: str = "client") -> tuple[int, bytes]:
    kept = idempotency.begin(tx, scope, key, request_hash, NOW)
    if kept is not None:
        return kept
    idempotency.finish(tx, scope, key, 200, answer)
    return 200, answer


def test_the_first_answer_is_given_again(db: Database) -> None:
    """SES-10."""
    assert db.write_now(request) == (200, BODY)
    assert db.write_now(request, b"another answer") == (200, BODY)


def test_the_same_key_with_another_request_is_refused(db: Database) -> None:
    """SES-10."""
    db.write_now(request)
    with pytest.raises(AppError) as refusal:
        db.write_now(request, request_hash="other")
    assert (refusal.value.kind, refusal.value.code) == (Kind.CONFLICT, "IDEMPOTENCY_KEY_REUSED")
    assert db.write_now(request) == (200, BODY)


def test_keys_of_two_clients_never_meet(db: Database) -> None:
    """SES-10: per client."""
    db.write_now(request, b"one", scope="client-1")
    assert db.write_now(request, b"two", scope="client-2", request_hash="other") == (200, b"two")


def test_a_request_that_failed_may_be_sent_again(db: Database) -> None:
    def fail(tx: Tx) -> None:
        idempotency.begin(tx, "client", "key", "hash", NOW)
        raise LookupError

    with pytest.raises(LookupError):
        db.write_now(fail)
    assert db.write_now(request, b"second try", request_hash="other") == (200, b"second try")


def test_a_refusal_that_kept_something_is_not_replayed(db: Database) -> None:
    """The work answered `Refused`: its transaction is kept, but there is no answer to give again."""
    assert db.write_now(idempotency.begin, "client", "key", "hash", NOW) is None
    assert db.write_now(request, b"now it works") == (200, b"now it works")


def test_the_first_answer_stays(db: Database) -> None:
    db.write_now(request)
    db.write_now(idempotency.finish, "client", "key", 500, b"late")
    assert db.write_now(request) == (200, BODY)


def test_a_twin_waits_for_the_first_and_gets_its_answer(db: Database) -> None:
    """SES-10: the twin is sent while the first is in the middle of its work."""
    first_has_begun = threading.Event()
    twin_was_sent = threading.Event()

    def first(tx: Tx) -> tuple[int, bytes]:
        assert idempotency.begin(tx, "client", "key", "hash", NOW) is None
        first_has_begun.set()
        assert twin_was_sent.wait(10)
        idempotency.finish(tx, "client", "key", 200, BODY)
        return 200, BODY

    async def send_twin() -> tuple[int, bytes]:
        twin = asyncio.ensure_future(db.write(request, b"the twin's own"))
        await asyncio.sleep(0.05 if db.dialect == "postgresql" else 0)  # long enough for it to reach the server and wait there
        assert not twin.done()
        twin_was_sent.set()
        return await twin

    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(db.write_now, first)
        assert first_has_begun.wait(10)
        assert asyncio.run(send_twin()) == (200, BODY)
        assert answer.result() == (200, BODY)


def test_fifty_twins_do_the_work_once(db: Database) -> None:
    """SES-10."""

    def work(tx: Tx, number: int) -> tuple[int, bytes]:
        kept = idempotency.begin(tx, "client", "key", "hash", NOW)
        if kept is not None:
            return kept
        answer = str(number).encode()
        tx.execute("INSERT INTO idempotency_key (scope, key, request_hash, created_at) VALUES ('work', :n, 'h', 0)", n=str(number))
        idempotency.finish(tx, "client", "key", 200, answer)
        return 200, answer

    async def story() -> set[tuple[int, bytes]]:
        return set(await asyncio.gather(*(db.write(work, number) for number in range(25))))

    with ThreadPoolExecutor(26) as threads:
        tasks = threads.submit(asyncio.run, story())
        blocking = list(threads.map(lambda number: db.write_now(work, number), range(25, 50)))
    answers = tasks.result() | set(blocking)
    assert len(answers) == 1
    done = db.read_now(lambda tx: tx.all("SELECT key FROM idempotency_key WHERE scope = 'work'"))
    assert [(200, row[0].encode()) for row in done] == list(answers)


def test_a_twin_goes_on_when_the_first_was_undone(db: Database) -> None:
    """SES-10: a failed first request leaves the way free for the one that waited."""
    first_has_begun = threading.Event()

    def first(tx: Tx) -> None:
        idempotency.begin(tx, "client", "key", "hash", NOW)
        first_has_begun.set()
        raise LookupError

    with ThreadPoolExecutor(2) as threads:
        failing = threads.submit(db.write_now, first)
        assert first_has_begun.wait(10)
        assert db.write_now(request, b"twin") == (200, b"twin")
        assert isinstance(failing.exception(10), LookupError)


def test_keys_are_kept_for_a_day_and_then_forgotten(db: Database) -> None:
    """SES-10: at least 24 hours."""
    db.write_now(request)
    assert db.write_now(idempotency.purge, NOW) == 0
    assert db.write_now(request, b"other") == (200, BODY)
    assert db.write_now(idempotency.purge, NOW + DAY) == 1
    assert db.write_now(request, b"fresh") == (200, b"fresh")
