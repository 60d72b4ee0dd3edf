"""Domain events wait until they are taken to be told: each once, in an order in which nothing slips in behind a reader."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from roundtrip.core.clock import DAY
from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.ids import new_id
from roundtrip.storage import outbox
from roundtrip.storage.database import Database, Tx

NOW = 1_767_225_600_000


def event(number: int, entity_id: str | None = None) -> DomainEvent:
    body = {"number": number, "text": "ü'%s"}
    return DomainEvent("site", "redirect_session", "created", entity_id or f"entity-{number}", body, {"id": "visitor"})


def record_many(tx: Tx, count: int, first: int = NOW) -> list[str]:
    ids = [new_id(first + number) for number in range(count)]
    for number, event_id in enumerate(ids):
        outbox.record(tx, event(number), event_id=event_id, now=first + number)
    return ids


def test_an_event_is_taken_as_it_was_recorded_and_once(db: Database) -> None:
    (event_id,) = db.write_now(record_many, 1)
    assert db.read_now(outbox.is_waiting)
    assert db.read_now(outbox.untold, 10) == [outbox.RecordedEvent(event_id, event(0), NOW, 1)]
    assert db.write_now(outbox.take, 10, NOW) == [outbox.RecordedEvent(event_id, event(0), NOW, 1, 1)]
    assert db.write_now(outbox.take, 10, NOW + DAY) == []
    assert not db.read_now(outbox.is_waiting)


def test_an_event_without_identity_stays_without_and_an_erasure_stays_one(db: Database) -> None:
    plain = DomainEvent("site", "member", "erased", "1", {}, is_erasure=True)
    db.write_now(outbox.record, plain, event_id=new_id(NOW), now=NOW)
    (recorded,) = db.write_now(outbox.take, 10, NOW)
    assert recorded.event == plain


def test_an_event_of_an_undone_change_was_never_there(db: Database) -> None:
    """WHK-01."""

    def change_and_fail(tx: Tx) -> None:
        record_many(tx, 1)
        raise LookupError

    with pytest.raises(LookupError):
        db.write_now(change_and_fail)
    assert db.read_now(outbox.untold, 10) == []


def test_the_first_event_of_what_was_just_made_writes_no_counter_and_the_others_follow_it(db: Database) -> None:
    """WHK-09: creating a redirect session costs one row less, and its story has the same order."""
    db.write_now(outbox.record, event(0, "one"), event_id=new_id(NOW), now=NOW, is_first=True)
    assert db.read_now(lambda tx: tx.one("SELECT COUNT(*) FROM event_count")) == (0,)
    for number in (1, 2):
        before = db.read_now(outbox.counts, event(0, "one").entity, ["one"]).get("one", 0)
        db.write_now(outbox.record, event(number, "one"), event_id=new_id(NOW), now=NOW, least=2)
        assert db.read_now(outbox.counts, event(0, "one").entity, ["one"])["one"] > before, "whoever waits is woken"
    assert sorted(one.sequence for one in db.read_now(outbox.untold, 10)) == [1, 2, 3]


def test_events_of_one_entity_are_counted_also_by_two_who_tell_at_once(db: Database) -> None:
    """WHK-09: the number of an event among those of its entity, without looking at the others."""

    def tell(number: int) -> None:
        db.write_now(outbox.record, event(number, "one"), event_id=new_id(NOW), now=NOW)

    db.write_now(outbox.record, event(0, "another"), event_id=new_id(NOW), now=NOW)
    with ThreadPoolExecutor(4) as tellers:
        list(tellers.map(tell, range(12)))
    told = db.read_now(outbox.untold, 100)
    assert sorted(one.sequence for one in told if one.event.entity_id == "one") == list(range(1, 13))
    assert [one.sequence for one in told if one.event.entity_id == "another"] == [1]


def test_the_oldest_come_first_and_never_more_than_asked_for(db: Database) -> None:
    ids = db.write_now(record_many, 7)
    taken = [[each.event_id for each in db.write_now(outbox.take, 3, NOW + 10)] for _ in range(4)]
    assert taken == [ids[:3], ids[3:6], ids[6:], []]
    assert [one.position for one in db.read_now(outbox.following, "site", 2, 3)] == [3, 4, 5]
    assert db.read_now(outbox.following, "another site", 0, 3) == []


def test_events_of_one_entity_keep_their_order_whatever_their_ids_say(db: Database) -> None:
    """WHK-10: within one millisecond ids are in no order, and the clocks of two servers differ."""
    for number, first in enumerate([NOW + 5, NOW + 1, NOW + 3, NOW + 3]):
        db.write_now(outbox.record, event(number, "one"), event_id=new_id(first), now=first)
    db.write_now(outbox.record, event(9, "another"), event_id=new_id(NOW + 4), now=NOW + 4)
    taken = db.write_now(outbox.take, 10, NOW)
    assert [one.event.body["number"] for one in taken] == [9, 0, 1, 2, 3]


def test_what_is_committed_late_comes_behind_what_was_read_already(db: Database) -> None:
    """WHK-10: an older id that becomes visible later is not missed by a reader who is past it."""
    older = new_id(NOW)
    db.write_now(record_many, 2, NOW + 10)
    db.write_now(outbox.take, 10, NOW)
    read = db.read_now(outbox.following, "site", 0, 10)
    db.write_now(outbox.record, event(9), event_id=older, now=NOW)
    db.write_now(outbox.take, 10, NOW)
    assert [one.event_id for one in db.read_now(outbox.following, "site", read[-1].position or 0, 10)] == [older]


def test_while_one_takes_another_takes_nothing_and_what_it_leaves_undone_is_taken_later(db: Database) -> None:
    """WHK-01: a worker that dies while it takes events has taken none."""
    db.write_now(record_many, 1)
    db.write_now(outbox.take, 1, NOW)  # the first ever has nobody beside it
    ids = db.write_now(record_many, 2)
    is_taking, may_die = Event(), Event()

    def die(tx: Tx) -> None:
        outbox.take(tx, 10, NOW)
        is_taking.set()
        may_die.wait(10)
        raise LookupError

    with ThreadPoolExecutor(1) as worker:
        dying = worker.submit(db.write_now, die)
        assert is_taking.wait(10)
        if db.dialect == "postgresql":  # SQLite has one writer: the other one waits for it
            assert db.write_now(outbox.take, 10, NOW) == []
        may_die.set()
        with pytest.raises(LookupError):
            dying.result()
    taken = db.write_now(outbox.take, 10, NOW)
    assert [(one.event_id, one.position) for one in taken] == list(zip(ids, (2, 3), strict=True))


def test_no_event_is_taken_by_two_workers_and_no_position_is_given_twice(db: Database) -> None:
    """Real threads, many at once, until nothing is left."""

    def work(_: int) -> list[tuple[int | None, str]]:
        mine: list[tuple[int | None, str]] = []
        while db.read_now(outbox.is_waiting):
            mine += [(each.position, each.event_id) for each in db.write_now(outbox.take, 7, NOW + DAY)]
        return mine

    ids = db.write_now(record_many, 200)
    with ThreadPoolExecutor(8) as workers:
        taken = [one for mine in workers.map(work, range(8)) for one in mine]
    assert sorted(taken) == list(zip(range(1, 201), ids, strict=True))


def test_purging_forgets_only_what_is_old(db: Database) -> None:
    db.write_now(record_many, 5)
    young = db.write_now(record_many, 2, NOW + DAY)
    assert [db.write_now(outbox.purge, NOW + DAY, 3) for _ in range(3)] == [3, 2, 0]
    assert [one.event_id for one in db.read_now(outbox.untold, 10)] == young


def test_looking_for_waiting_events_reads_the_index_of_waiting_ones(db: Database) -> None:
    """The cost of taking must not grow with what is kept."""
    explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}[db.dialect]
    plan = db.read_now(lambda tx: tx.all(f"{explain} SELECT id FROM outbox WHERE {outbox._UNTOLD} ORDER BY id LIMIT 5"))
    assert "outbox_untold" in str(plan)
