"""The same money at the same moment, on real threads and both databases; and what is left when a process dies in between."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from roundtrip.core.clock import MINUTE
from roundtrip.core.money import Money
from roundtrip.payments import actions, providers, settle, store
from roundtrip.payments.model import Refund, Settled, Status, Verdict
from roundtrip.payments.refunds import actions as refunds
from roundtrip.storage.database import Database, Tx
from tests.flows.at_once import at_once
from tests.payments.owed import NOW, PRICE, begun, owed, refunds_of, report, settled, stored
from tests.payments.stored import attempts_of

ROUNDS = 5


def _news(answers: list[Settled | Exception]) -> list[Settled]:
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    return [answer for answer in answers if isinstance(answer, Settled) and answer.is_news]


def test_two_tabs_that_begin_at_once_share_one_attempt(db: Database) -> None:
    """PAY-06."""
    for _ in range(ROUNDS):
        thing = owed()
        answers = at_once([partial(db.write_now, actions.begin, thing, providers.TEST, NOW) for _ in range(8)])
        assert len({answer.id for answer in answers if not isinstance(answer, Exception)}) == 1
        assert not [answer for answer in answers if isinstance(answer, Exception)]


def test_two_tabs_with_two_providers_leave_one_running_attempt(db: Database) -> None:
    """PAY-06."""
    for _ in range(ROUNDS):
        thing = owed()
        names = (providers.TEST, providers.STRIPE, providers.OFFLINE)
        answers = at_once([partial(db.write_now, actions.begin, thing, name, NOW) for name in names * 2])
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        attempts = db.read_now(attempts_of, thing.site_id, thing.kind, thing.id)
        assert len([one for one in attempts if one.is_running]) == 1


def test_the_same_event_ten_times_at_once_pays_once(db: Database) -> None:
    """PAY-04."""
    for _ in range(ROUNDS):
        attempt = begun(db, owed())
        said = report(attempt)
        [news] = _news(at_once([partial(db.write_now, settle.settle, said, NOW) for _ in range(10)]))
        assert news.is_paid
        assert refunds_of(db, attempt) == []


def test_two_workers_with_the_same_report_apply_it_once(db: Database) -> None:
    """PAY-04: what a report changes is guarded once more, so this spares the second worker its locks and the seller the question."""
    said = report(begun(db, owed()))
    assert db.write_now(settle.keep, said, NOW)
    assert sorted(map(str, at_once([partial(db.write_now, store.apply_report, said, NOW) for _ in range(4)]))) == ["False"] * 3 + ["True"]


def test_the_same_money_under_ten_event_ids_at_once_pays_once(db: Database) -> None:
    """PAY-04: the visitor's return, the worker and the provider all report it."""
    for _ in range(ROUNDS):
        attempt = begun(db, owed())
        [news] = _news(at_once([partial(db.write_now, settle.settle, report(attempt), NOW) for _ in range(10)]))
        assert news.is_paid
        assert refunds_of(db, attempt) == []


def test_two_captures_of_one_thing_at_once_count_once_and_give_the_other_back(db: Database) -> None:
    """PAY-06."""
    for _ in range(ROUNDS):
        thing = owed()
        attempts = [begun(db, thing, name) for name in (providers.STRIPE, providers.TEST)]
        news = _news(at_once([partial(db.write_now, settle.settle, report(one), NOW) for one in attempts * 2]))
        assert sorted((one.is_paid, one.overtaken) for one in news) == [(False, True), (True, False)]
        assert sum(refund.units for one in attempts for refund in refunds_of(db, one)) == PRICE.units


def test_two_things_of_one_visit_paid_at_once_count_once(db: Database) -> None:
    """PAY-06: one session, one payment."""
    for _ in range(ROUNDS):
        first = owed()
        attempts = [begun(db, first), begun(db, owed(session_id=first.session_id))]
        news = _news(at_once([partial(db.write_now, settle.settle, report(one), NOW) for one in attempts]))
        assert sorted((one.is_paid, one.overtaken) for one in news) == [(False, True), (True, False)]


def test_money_and_turning_back_at_once_lose_no_money(db: Database) -> None:
    """PAY-08."""
    for _ in range(ROUNDS):
        attempt = begun(db, owed())
        both: list[Callable[[], object]] = [
            partial(db.write_now, actions.cancel, attempt.id, NOW),
            partial(db.write_now, settle.settle, report(attempt), NOW),
        ]
        cancelled, paid = at_once(both)
        assert isinstance(paid, Settled)
        assert (paid.is_paid, paid.is_late) == (True, cancelled)
        assert stored(db, attempt.id).status is Status.CAPTURED


def test_money_and_another_choice_at_once_never_leave_a_running_attempt_beside_the_money(db: Database) -> None:
    """PAY-06."""
    for _ in range(ROUNDS):
        thing = owed()
        attempt = begun(db, thing, providers.STRIPE)
        both: list[Callable[[], object]] = [
            partial(db.write_now, actions.begin, thing, providers.TEST, NOW),
            partial(db.write_now, settle.settle, report(attempt), NOW),
        ]
        assert not [answer for answer in at_once(both) if isinstance(answer, Exception)]
        assert stored(db, attempt.id).status is Status.CAPTURED
        assert db.read_now(store.running, thing.site_id, thing.kind, thing.id) is None


def test_refunds_at_once_add_up_to_what_came_in_at_most(db: Database) -> None:
    for _ in range(ROUNDS):
        attempt = begun(db, owed())
        settled(db, report(attempt))
        part = Money.parse("10", "EUR")
        asked = [partial(db.write_now, refunds.request, attempt.id, part, reason="r", key=str(n), now=NOW) for n in range(8)]
        made = [answer for answer in at_once(asked) if isinstance(answer, Refund)]
        assert len(made) == 4
        assert stored(db, attempt.id).refundable == Money.parse("2", "EUR")


def test_the_same_refund_asked_for_at_once_is_one(db: Database) -> None:
    for _ in range(ROUNDS):
        attempt = begun(db, owed())
        settled(db, report(attempt))
        asked = [partial(db.write_now, refunds.request, attempt.id, None, reason="r", key="same", now=NOW) for _ in range(8)]
        answers = at_once(asked)
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        assert len({answer.id for answer in answers if isinstance(answer, Refund)}) == 1


class CrashedError(Exception):
    """The process died here."""


def _dies_after(tx: Tx, said: object, now: int) -> None:
    settle.settle(tx, said, now)  # type: ignore[arg-type]
    raise CrashedError


def test_a_crash_while_a_report_is_applied_leaves_it_waiting(db: Database) -> None:
    """PAY-03, PAY-04: kept first, so the provider need not say it again."""
    attempt = begun(db, owed())
    said = report(attempt)
    assert db.write_now(settle.keep, said, NOW)
    with pytest.raises(CrashedError):
        db.write_now(_dies_after, said, NOW)
    assert stored(db, attempt.id).status is Status.STARTED
    [waiting] = db.write_now(settle.waiting, NOW, 10)
    assert waiting == said
    assert db.write_now(settle.waiting, NOW, 10) == [], "another worker has it"
    assert db.write_now(store.purge_reports, NOW + 1, 10) == 0, "what nobody applied is not forgotten, however old"
    assert settled(db, waiting).is_paid
    assert db.write_now(store.purge_reports, NOW + 1, 10) == 1
    assert db.write_now(settle.waiting, NOW + 2 * MINUTE, 10) == []


def test_a_report_for_later_waits_for_its_time(db: Database) -> None:
    attempt = begun(db, owed())
    db.write_now(settle.keep, report(attempt, due_at=NOW + MINUTE), NOW)
    assert db.write_now(settle.waiting, NOW, 10) == []
    assert len(db.write_now(settle.waiting, NOW + MINUTE, 10)) == 1


@pytest.mark.parametrize("other", [{"site_id": "another"}, {"provider": providers.STRIPE}, {"attempt_id": "unknown"}])
def test_a_report_about_somebody_elses_payment_is_refused(db: Database, other: dict[str, str]) -> None:
    attempt = begun(db, owed())
    with pytest.raises(Exception, match="There is no attempt"):
        settled(db, report(attempt, Verdict.CAPTURED, **other))
    assert stored(db, attempt.id).status is Status.STARTED
