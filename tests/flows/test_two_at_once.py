"""Every installed flow when two things happen at the same moment, in two tabs or two browsers, on real threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import pytest

from roundtrip.core.errors import AppError
from roundtrip.flows import runner
from roundtrip.flows.base import Submitted
from roundtrip.flows.runner import Ended, GoTo, Leave, Next
from roundtrip.flows.visit import Edge, Visit
from roundtrip.redirect_session import actions
from roundtrip.redirect_session.model import Status
from tests.flows.at_once import at_once
from tests.flows.browser import Tab, entry_secret, send, sent_to
from tests.flows.examples import Walk, example_in, installed
from tests.flows.shop import Shop
from tests.flows.test_ecom_checkout import BUYER, Till, buyer

__all__ = ["buyer"]

EVERY = [pytest.param(folder, intent, id=intent) for folder, intent in installed()]
FLOWS = [pytest.param(folder, intent, id=intent) for folder, intent in installed() if not example_in(folder).is_paid]
"""What is paid for on the last page has races of its own (`tests/ecom/test_order_locks.py`, `tests/payments/test_at_once.py`)."""
ROUNDS = 6
"""Each round is another session of the same shop; a race that is lost one time in ten shows in most runs."""


def is_late(answer: Next | bool | Exception) -> bool:
    """The answer of the one who came second and is told so."""
    return isinstance(answer, AppError) and answer.code in ("CHANGED_MEANWHILE", "SIGN_UP_REFUSED")


def last_page(walk: Walk, prefix: str) -> tuple[str, Tab, Edge, str, Mapping[str, str], object]:
    """A session whose last page is filled in but not sent: everything that `runner.submit` needs."""
    if walk.example.logged_in_before:
        walk.tab.log_in(walk.shop.ann)
    created, _ = walk.upto(len(walk.pages) - 1)
    session_id = created.session.id
    filled = walk.example.filled_in[-1]
    form = {**filled.form, **({"email": f"{prefix}@example.com"} if "email" in filled.form else {})}
    edge = walk.tab.edge(session_id)
    work = walk.shop.db.read_now(runner.prepare, session_id, filled.page, form, edge)
    return session_id, walk.tab, edge, filled.page, form, work.run() if work else None


@pytest.mark.parametrize(("folder", "intent"), EVERY)
def test_of_many_browsers_with_one_link_exactly_one_gets_in(shop: Shop, folder: str, intent: str) -> None:
    """SES-03."""
    walk = Walk(shop, folder, intent)
    created = walk.create()
    edges = [Tab(shop).edge(created.session.id) for _ in range(20)]
    edges = [replace(edge, browser=walk.tab.edge().browser) for edge in edges]
    secret = entry_secret(created)
    answers = at_once([partial(shop.db.write_now, runner.enter, created.session.id, secret, edge) for edge in edges])
    winners = [answer for answer in answers if isinstance(answer, GoTo | Leave)]
    assert len(winners) == 1
    assert {type(answer) for answer in answers} <= {GoTo, Leave, Ended}
    assert shop.moves(created.session.id).count("opened") == 1


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_the_same_form_from_two_tabs_counts_once(shop: Shop, folder: str, intent: str) -> None:
    """SES-04."""
    walk = Walk(shop, folder, intent)
    for turn in range(ROUNDS):
        session_id, tab, edge, page, form, work = last_page(walk, f"double{turn}")
        edges = [edge, replace(tab.edge(session_id), browser=edge.browser)]
        answers = at_once([partial(send, shop.db, session_id, page, form, one, work) for one in edges])
        started = [answer for answer in answers if isinstance(answer, GoTo) and answer.changes != runner.NOTHING]
        assert len(started) <= 1
        assert all(isinstance(answer, GoTo) or is_late(answer) for answer in answers), answers
        assert shop.moves(session_id) == ["completed", "created", "opened"]
        for answer, used in zip(answers, edges, strict=True):
            if answer in started:
                tab._take(used, answer)
        assert sent_to(tab.return_(session_id))[1].keys() == walk.example.returns_with


def test_a_page_that_another_tab_sent_a_moment_earlier_is_not_taken_as_well(buyer: Till) -> None:
    """SES-04: in the middle of a visit, where no end says it; what the first tab sent stays, and the second is told."""
    shop, edge = buyer.shop, buyer.tab.edge(buyer.session_id)
    read = shop.db.read_now(runner.bound, buyer.session_id, edge)
    assert isinstance(read, Visit)
    buyer.fill("contact", **BUYER)
    kept = shop.session(buyer.session_id)
    with pytest.raises(AppError) as late:
        shop.db.write_now(runner.advance, read, Submitted(read.draft), edge)
    assert (late.value.code, shop.session(buyer.session_id)) == ("CHANGED_MEANWHILE", kept)


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_finishing_and_leaving_at_once_ends_one_way_and_says_so(shop: Shop, folder: str, intent: str) -> None:
    walk = Walk(shop, folder, intent)
    for turn in range(ROUNDS):
        session_id, tab, edge, page, form, work = last_page(walk, f"torn{turn}")
        finished, left = at_once(
            [
                partial(send, shop.db, session_id, page, form, edge, work),
                partial(shop.db.write_now, runner.leave, session_id, tab.edge(session_id)),
            ]
        )
        session = shop.session(session_id)
        moves = shop.moves(session_id)
        assert session.outcome in ("completed", "abandoned")
        assert ("completed" in moves) is (session.outcome == "completed" or moves.count("opened") == 2)
        assert isinstance(finished, GoTo | Ended) or is_late(finished)
        assert isinstance(left, Leave), left
        # What the site is told is what is stored.
        said = sent_to(left)[1]
        if intent == "auth":
            assert ("code" in said) is (left.visit.session.outcome == "completed"), (said, moves)


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_finishing_and_being_expired_at_once_has_one_winner(shop: Shop, folder: str, intent: str) -> None:
    """SES-06."""
    walk = Walk(shop, folder, intent)
    for turn in range(ROUNDS):
        session_id, tab, edge, page, form, work = last_page(walk, f"late{turn}")
        session = shop.session(session_id)
        race: list[Callable[[], object]] = [
            partial(send, shop.db, session_id, page, form, edge, work),
            partial(shop.db.write_now, actions.expire, session, shop.now),
        ]
        finished, expired = at_once(race)
        assert isinstance(expired, bool)
        assert shop.session(session_id).status is (Status.EXPIRED if expired else Status.COMPLETED)
        assert shop.moves(session_id) == sorted(["created", "opened", "expired" if expired else "completed"])
        if expired:
            assert isinstance(finished, Ended | AppError)
            assert tab.login is None or walk.example.logged_in_before


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_returning_from_two_tabs_is_one_return(shop: Shop, folder: str, intent: str) -> None:
    walk = Walk(shop, folder, intent)
    session_id, tab, edge, page, form, work = last_page(walk, "bea")
    tab._take(edge, send(shop.db, session_id, page, form, edge, work))
    edges = [tab.edge(session_id) for _ in range(4)]
    answers = at_once([partial(shop.db.write_now, runner.return_, session_id, one) for one in edges])
    assert {frozenset(sent_to(answer)[1]) for answer in answers if not isinstance(answer, Exception)} == {walk.example.returns_with}
    assert shop.moves(session_id) == ["completed", "created", "opened", "returned"]


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_a_page_that_was_left_and_is_sent_from_two_tabs_goes_on_in_both(shop: Shop, folder: str, intent: str) -> None:
    """The Back button in two tabs: one of them opens the visit again, the other finds it open."""
    walk = Walk(shop, folder, intent)
    for turn in range(ROUNDS):
        session_id, tab, edge, page, form, work = last_page(walk, f"back{turn}")
        shop.db.write_now(runner.leave, session_id, edge)
        edges = [edge, replace(tab.edge(session_id), browser=edge.browser)]
        answers = at_once([partial(send, shop.db, session_id, page, form, one, work) for one in edges])
        assert all(isinstance(answer, GoTo) or is_late(answer) for answer in answers), answers
        assert shop.session(session_id).status is Status.COMPLETED
