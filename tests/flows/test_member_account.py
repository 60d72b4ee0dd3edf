"""The hosted account: what a member sees is theirs alone, what they end is ended, and who erases themselves leaves nothing behind."""

from __future__ import annotations

from typing import Any

import pytest

from roundtrip.core.errors import AppError
from roundtrip.core.ids import new_id
from roundtrip.events import seed as events
from roundtrip.events.event.actions import require
from roundtrip.events.orders.model import Guest
from roundtrip.events.reservations import actions as reservations
from roundtrip.events.reservations.wanted import Wanted
from roundtrip.events.rsvps.actions import Said
from roundtrip.events.rsvps.model import Status as Answer
from roundtrip.flows.example import HOME
from roundtrip.flows.next import Show
from roundtrip.members import actions as members
from roundtrip.plans import seed
from roundtrip.plans.orders import store
from roundtrip.plans.orders.actions import Wish
from roundtrip.plans.orders.model import PlanOrder, Status
from roundtrip.redirect_session.model import Callbacks
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import answer_event, buy_plan, order_tickets
from tests.flows.browser import Tab, sent_to, shown
from tests.flows.shop import ANN, SITE_ID, Shop


@pytest.fixture
def order(shop: Shop) -> PlanOrder:
    """Ann has the newsletter."""
    shop.db.write_now(seed.seed, SITE_ID, now=shop.now)
    moment = Moment(shop.now, new_id(shop.now))
    return shop.db.write_now(buy_plan.begin, SITE_ID, seed.COMMUNITY, shop.ann.id, Wish(), moment)


def opened(shop: Shop, tab: Tab, section: str = "SUBSCRIPTIONS") -> tuple[str, Show]:
    created = shop.create("memberAccountPage", {"section": section}, callbacks=Callbacks(post_flow_url=HOME))
    return created.session.id, shown(tab.open(created))


def test_a_member_sees_their_plans_and_ends_one(shop: Shop, order: PlanOrder) -> None:
    tab = Tab(shop)
    tab.log_in(shop.ann)
    session_id, page = opened(shop, tab)
    entries: Any = page.view["entries"]
    assert (page.step.name, [(one.title, one.state) for one in entries]) == ("account_subscriptions", [("Community", "Active")])
    page = shown(tab.fill_in(session_id, "account_subscriptions", {"do": "cancel", "id": order.id}))
    assert page.view["said"] == "Done."
    ended = shop.db.read_now(store.order, SITE_ID, order.id)
    assert ended is not None
    assert ended.status is Status.CANCELED
    with pytest.raises(AppError) as again:
        tab.submit(session_id, "account_subscriptions", {"do": "cancel", "id": order.id})
    assert "not possible any more" in again.value.violations[0].description
    assert sent_to(tab.follow(tab.submit(session_id, "account", {"do": "leave"}))) == (HOME, {"wixMemberLoggedIn": "true"})


def test_nobody_ends_what_is_somebody_elses(shop: Shop, order: PlanOrder) -> None:
    """RED-20: the id alone is worth nothing, and what is not theirs does not exist."""
    bob, tab = shop.sign_up("bob@example.com"), Tab(shop)
    tab.log_in(bob)
    session_id, page = opened(shop, tab)
    assert page.view["entries"] == []
    with pytest.raises(AppError):
        tab.submit(session_id, "account_subscriptions", {"do": "cancel", "id": order.id})
    kept = shop.db.read_now(store.order, SITE_ID, order.id)
    assert kept is not None
    assert kept.status is Status.ACTIVE


def test_names_and_logins_are_the_members_own_affair(shop: Shop, order: PlanOrder) -> None:
    """IDN-06: all other browsers are logged out, this one is not."""
    other, tab = Tab(shop), Tab(shop)
    other.log_in(shop.ann)
    tab.log_in(shop.ann)
    session_id, page = opened(shop, tab, "ACCOUNT_INFO")
    assert page.step.name == "account"
    with pytest.raises(AppError) as wrong:
        tab.submit(session_id, "account", {"do": "save", "phone": "call me"})
    assert [one.field for one in wrong.value.violations] == ["phone"]
    tab.submit(session_id, "account", {"do": "save", "first_name": "Anna", "phone": "+49 761 1"})
    assert shop.member(ANN).first_name == "Anna"
    tab.submit(session_id, "account", {"do": "end-logins"})
    assert (other.login is not None and other.login.is_ended) or other.login is None
    assert tab.login is not None
    assert '"Anna' in str(shown(tab.show(session_id, "account_record")).view["text"])


def test_who_erases_themselves_is_gone_and_taken_back(shop: Shop, order: PlanOrder) -> None:
    """OPS-08: the word has to be typed; the visit is gone with its member, and the way back is not."""
    tab = Tab(shop)
    tab.log_in(shop.ann)
    session_id, _ = opened(shop, tab)
    with pytest.raises(AppError):
        tab.submit(session_id, "account_erase", {"email": "somebody@example.com"})
    assert sent_to(tab.submit(session_id, "account_erase", {"email": ANN.upper()})) == (HOME, {"wixMemberLoggedIn": "false"})
    assert shop.db.read_now(members.member, SITE_ID, shop.ann.id) is None
    kept = shop.db.read_now(store.order, SITE_ID, order.id)
    assert kept is not None
    assert (kept.status, kept.member_id, kept.content.email) == (Status.CANCELED, None, "")


def test_tickets_and_answers_stand_in_the_account_and_lead_to_their_pages(shop: Shop) -> None:
    """The latest first; somebody else's are nowhere."""
    shop.db.write_now(events.seed, SITE_ID, now=shop.now)
    ann, guest = shop.ann.id, Guest("Ann", "Example", ANN)

    def go(tx: Tx, member_id: str, at: Moment) -> None:
        wanted = [Wanted(events.FREE, 2)]
        kept = reservations.reserve(
            tx, require(tx, SITE_ID, events.SUMMER), wanted, visitor_id=None, member_id=member_id, moment=Moment(at.now - 1, at.id)
        )
        order_tickets.place(tx, SITE_ID, kept.id, order_tickets.Wanted(guest, member_id=member_id), at)

    shop.db.write_now(go, ann, Moment(shop.now, new_id(shop.now)))
    shop.db.write_now(go, shop.sign_up("bob@example.com").id, Moment(shop.now, new_id(shop.now)))
    shop.wait(1)
    answer = Said(Answer.YES, 2, guest, member_id=ann)
    shop.db.write_now(lambda tx: answer_event.answer(tx, require(tx, SITE_ID, events.STUDIO), answer, Moment(shop.now, new_id(shop.now))))

    tab = Tab(shop)
    tab.log_in(shop.ann)
    _, page = opened(shop, tab, "EVENTS")
    entries: Any = page.view["entries"]
    assert [(one.title, one.state) for one in entries] == [("Open Studio Day", "You come"), ("Summer Night Live", "Tickets are good")]
    assert [one.links[0].words for one in entries] == ["Look at your answer, or change it", "Look at the tickets"]
