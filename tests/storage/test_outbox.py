"""Domain events wait until a worker has told everybody; nobody tells one twice at once, and nothing is lost when a worker dies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from roundtrip.core.clock import DAY, MINUTE
from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.ids import new_id
from roundtrip.storage import outbox
from roundtrip.storage.database import Database, Tx

NOW = 1_767_225_600_000


def event(number: int) -> DomainEvent:
    return DomainEvent("site", "redirect_session", "created", f"entity-{number}", {"number": number, "text": "ü'%s"}, {"id": "visitor"})


def record_many(tx: Tx, count: int, first: int = NOW) -> list[str]:
    ids = [new_id(first + number) for number in range(count)]
    for number, event_id in enumerate(ids):
        outbox.record(tx, event(number), event_id=event_id, now=first + number)
    return ids


def test_an_event_is_claimed_as_it_was_recorded(db: Database) -> None:
    (event_id,) = db.write_now(record_many, 1)
    assert db.write_now(outbox.claim, 10, NOW, MINUTE) == [outbox.RecordedEvent(event_id, event(0), NOW)]


def test_an_event_without_identity_stays_without(db: Database) -> None:
    plain = DomainEvent("site", "order", "paid", "1", {})
    db.write_now(outbox.record, plain, event_id=new_id(NOW), now=NOW)
    (recorded,) = db.write_now(outbox.claim, 10, NOW, MINUTE)
    assert recorded.event == plain


def test_an_event_of_an_undone_change_was_never_there(db: Database) -> None:
    """WHK-01."""

    def change_and_fail(tx: Tx) -> None:
        record_many(tx, 1)
        raise LookupError

    with pytest.raises(LookupError):
        db.write_now(change_and_fail)
    assert db.write_now(outbox.claim, 10, NOW, MINUTE) == []


def test_the_oldest_come_first_and_never_more_than_asked_for(db: Database) -> None:
    ids = db.write_now(record_many, 7)
    claimed = [[each.event_id for each in db.write_now(outbox.claim, 3, NOW + 10, MINUTE)] for _ in range(4)]
    assert claimed == [ids[:3], ids[3:6], ids[6:], []]


def test_a_dead_workers_claim_runs_out(db: Database) -> None:
    """WHK-01: a crash at any point loses nothing; WHK-03: the id stays the same."""
    ids = db.write_now(record_many, 2)
    db.write_now(outbox.claim, 10, NOW, MINUTE)
    assert db.write_now(outbox.claim, 10, NOW + MINUTE - 1, MINUTE) == []
    assert [each.event_id for each in db.write_now(outbox.claim, 10, NOW + MINUTE, MINUTE)] == ids


def test_a_finished_event_is_not_told_again(db: Database) -> None:
    ids = db.write_now(record_many, 3)
    assert db.write_now(outbox.finish, ids[:2], NOW) == 2
    assert db.write_now(outbox.finish, ids[:2], NOW) == 0
    assert [each.event_id for each in db.write_now(outbox.claim, 10, NOW + DAY, MINUTE)] == ids[2:]


def test_no_event_is_claimed_by_two_workers(db: Database) -> None:
    """Real threads, many claims at once, until nothing is left."""

    def work(_: int) -> list[str]:
        mine: list[str] = []
        while claimed := db.write_now(outbox.claim, 7, NOW + DAY, MINUTE):
            mine += [each.event_id for each in claimed]
        return mine

    ids = db.write_now(record_many, 200)
    with ThreadPoolExecutor(8) as workers:
        claimed = [event_id for mine in workers.map(work, range(8)) for event_id in mine]
    assert sorted(claimed) == ids


def test_purging_forgets_only_what_is_finished_and_old(db: Database) -> None:
    old = db.write_now(record_many, 5)
    young = db.write_now(record_many, 2, NOW + DAY)
    db.write_now(outbox.finish, old[:4] + young, NOW + DAY)
    assert db.write_now(outbox.purge, NOW + DAY, 3) == 3
    assert db.write_now(outbox.purge, NOW + DAY, 3) == 2
    assert db.write_now(outbox.purge, NOW + DAY, 3) == 0
    left = db.read_now(lambda tx: [row[0] for row in tx.all("SELECT id FROM outbox ORDER BY id")])
    assert left == young


def test_looking_for_waiting_events_reads_the_index_of_waiting_ones(db: Database) -> None:
    """The cost of claiming must not grow with what is kept."""
    explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}[db.dialect]
    plan = db.read_now(lambda tx: tx.all(f"{explain} SELECT id FROM outbox WHERE done_at IS NULL ORDER BY id LIMIT 5"))
    assert "outbox_waiting" in str(plan)
