"""The timeline of every flow: each move has its moment, in order, and nothing that a visitor typed is in it (SES-02)."""

from __future__ import annotations

import pytest

from roundtrip.flows.story import story
from roundtrip.redirect_session import actions, store
from roundtrip.redirect_session.model import Lifetimes
from tests.flows.examples import Walk, installed
from tests.flows.shop import Shop

FLOWS = [pytest.param(folder, intent, id=intent) for folder, intent in installed()]


def kinds(shop: Shop, session_id: str) -> list[str]:
    found = shop.db.read_now(story, shop.session(session_id), shop.now)
    assert all(entry.sentence for entry in found.entries)
    return [entry.kind for entry in found.entries]


def moves(shop: Shop, session_id: str) -> list[str]:
    """The same without the ways to a payment page and to the next flow, which only some visits take."""
    return [kind for kind in kinds(shop, session_id) if kind not in ("sent_to_pay", "continued")]


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_the_happy_path_leaves_no_gap(shop: Shop, folder: str, intent: str) -> None:
    """SES-02."""
    walk = Walk(shop, folder, intent)
    created, page = walk.upto(0)
    walk.on(created.session.id, page)
    session = shop.session(created.session.id)
    assert moves(shop, session.id) == ["created", "opened", *["step_done"] * len(walk.pages), "completed", "returned"]
    told = shop.db.read_now(story, session, shop.now)
    typed = {value for filled in walk.example.filled_in for value in filled.form.values() if len(value) > 3}
    kept = repr(shop.db.read_now(lambda tx: tx.all("SELECT details FROM redirect_session_moment")))
    assert not [value for value in typed if value in kept]
    # Each move has its domain event under the same id.
    assert [entry.event.slug for entry in told.entries if entry.event] == ["created", "opened", "completed", "returned"]
    assert all(target.advice.verdict.allowed for target in told.targets)


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_walking_away_and_coming_back_is_told_in_order(shop: Shop, folder: str, intent: str) -> None:
    """SES-02: even when all of it happens in one millisecond."""
    walk = Walk(shop, folder, intent)
    created, _ = walk.upto(0)
    session_id = created.session.id
    walk.tab.leave(session_id)
    walk.on(session_id, walk.tab.show(session_id, walk.pages[0]))
    steps = ["step_done"] * len(walk.pages)
    assert moves(shop, session_id) == ["created", "opened", "abandoned", "returned", "reopened", *steps, "completed", "returned"]


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_starting_again_names_the_other_visit(shop: Shop, folder: str, intent: str) -> None:
    walk = Walk(shop, folder, intent)
    created, page = walk.upto(0)
    walk.on(created.session.id, page)
    again = walk.tab.start_again(created.session.id)
    new_id = again.visit.session.id  # type: ignore[union-attr]
    assert kinds(shop, created.session.id)[-1] == "started_again"
    told = shop.db.read_now(story, shop.session(new_id), shop.now)
    assert told.entries[0].sentence == "Started again, in the browser of the visit before"
    assert told.entries[0].details[0] == ("Instead of", created.session.id)


def test_creating_a_session_writes_no_moment(shop: Shop) -> None:
    """The path that must stay quick: one row and one domain event, as before."""
    created = shop.login()
    assert shop.db.read_now(store.moment_rows, created.session.id) == []


def test_moments_go_with_their_session(shop: Shop) -> None:
    created = shop.login()
    session = shop.session(created.session.id)
    assert shop.db.write_now(actions.expire, session, shop.now)
    shop.wait(Lifetimes().keep_for + 1)
    assert shop.db.write_now(actions.purge, lifetimes=Lifetimes(), now=shop.now, limit=10) == 1
    assert shop.db.read_now(store.moment_rows, session.id) == []


def test_reloading_the_last_page_for_ever_fills_nothing(shop: Shop) -> None:
    created = shop.login()
    session_id = created.session.id
    for number in range(300):
        shop.db.write_now(store.add_moment, session_id, moment_id=f"m{number}", at=shop.now, kind="wrong_browser", details="{}", most=200)
    assert len(shop.db.read_now(store.moment_rows, session_id)) == 200
