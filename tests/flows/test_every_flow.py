"""Every installed flow, by its own `example.py`: finished, left, late, reloaded, in two tabs, in two browsers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from roundtrip.core.clock import MINUTE
from roundtrip.core.errors import AppError
from roundtrip.flows.registry import registry
from roundtrip.flows.runner import End, Ended, GoTo, Leave, Show
from roundtrip.flows.visit import Visit
from roundtrip.redirect_session import actions
from roundtrip.redirect_session.model import Status
from roundtrip.redirect_session.return_url import NotAllowed
from roundtrip.web.render import template_folders
from tests.flows.browser import Tab, sent_to, shown
from tests.flows.examples import Walk, example_in, installed
from tests.flows.shop import LIFETIMES, SITE_ID, Shop

FLOWS = [pytest.param(folder, intent, id=intent) for folder, intent in installed()]
# A page number of the longest example; shorter ones leave the rest out.
PAGES = [
    pytest.param(folder, intent, page, id=f"{intent}-{name}")
    for folder, intent in installed()
    for page, name in enumerate(filled.page for filled in example_in(folder).filled_in)
]


@pytest.fixture
def walk(shop: Shop) -> Callable[[str, str], Walk]:
    return lambda folder, intent: Walk(shop, folder, intent)


Walks = Callable[[str, str], Walk]


def test_a_flow_without_an_example_is_noticed() -> None:
    with pytest.raises(pytest.fail.Exception, match="steps has no example"):
        example_in("steps")


def test_every_page_has_a_name_and_a_template_of_its_own() -> None:
    """Templates of all folders are searched, and three names are taken by addresses of the visit itself."""
    steps = {step.name: step for flow in registry().flows.values() for step in flow.steps}
    pages = [page for step in steps.values() for page in (step, *step.alternatives)]
    meant: dict[str, set[object]] = {}
    for page in pages:
        meant.setdefault(page.name, set()).add((page.view, page.submit, page.template))
    assert [name for name, one in meant.items() if len(one) != 1] == [], "two pages of one name"
    assert not {"return", "leave", "again"} & set(meant)
    for flow in registry().flows.values():
        for step in flow.steps:
            assert steps[step.name] is step, f"{flow.intent} and another flow call a step of their own {step.name!r}"
    templates = [path.name for folder in template_folders() for path in folder.glob("*.html")]
    assert [page.name for page in pages if templates.count(f"{page.template or page.name}.html") != 1] == []


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_the_happy_path_brings_the_visitor_back_with_the_documented_parameters(walk: Walks, folder: str, intent: str) -> None:
    """SES-02: and each move is recorded once."""
    happy = walk(folder, intent)
    created, page = happy.upto(0)
    assert shown(page).number == 1
    target, params = sent_to(happy.on(created.session.id, page))
    assert target == happy.example.returns_to
    assert params.keys() == happy.example.returns_with
    assert params.get("wixMemberLoggedIn") in (None, str(happy.example.logged_in_after).lower())
    assert (happy.tab.login is not None) is happy.example.logged_in_after
    session = happy.shop.session(created.session.id)
    assert (session.status, session.outcome) == (Status.RETURNED, "completed")
    assert happy.shop.moves(session.id) == ["completed", "created", "opened", "returned"]


@pytest.mark.parametrize(("folder", "intent", "page"), PAGES)
def test_leaving_goes_back_without_ids_and_the_back_button_goes_on(walk: Walks, folder: str, intent: str, page: int) -> None:
    left = walk(folder, intent)
    created, _ = left.upto(page)
    session_id = created.session.id
    target, params = sent_to(left.tab.leave(session_id))
    assert target == left.example.returns_to
    assert not params.keys() & (left.example.returns_with - {"state", "iss", "wixMemberLoggedIn"})
    assert left.shop.session(session_id).outcome == "abandoned"
    assert left.shop.moves(session_id) == ["abandoned", "created", "opened", "returned"]
    # Back: the page is there again, and looking at it moves nothing; sending it goes on where the visitor was.
    shown(left.tab.show(session_id, left.pages[page]))
    assert left.shop.session(session_id).status is Status.RETURNED
    _, params = sent_to(left.on(session_id, left.tab.show(session_id, left.pages[page]), start=page))
    assert params.keys() == left.example.returns_with
    assert left.shop.moves(session_id) == ["abandoned", "completed", "created", "opened", "opened", "returned", "returned"]


@pytest.mark.parametrize(("folder", "intent", "page"), PAGES)
def test_who_comes_too_late_reads_so_and_may_start_again(walk: Walks, folder: str, intent: str, page: int) -> None:
    """SES-05, SES-11: without any tidying job having run."""
    late = walk(folder, intent)
    created, _ = late.upto(page)
    session_id = created.session.id
    late.shop.wait(LIFETIMES.finish_within)
    filled = late.example.filled_in[page]
    for then in (late.tab.show(session_id, filled.page), late.tab.fill_in(session_id, filled.page, filled.form)):
        assert isinstance(then, Ended)
        assert then.end is End.EXPIRED
    assert "completed" not in late.shop.moves(session_id)
    again = late.tab.start_again(session_id)
    assert isinstance(again, GoTo)
    new_id = again.visit.session.id
    assert new_id != session_id
    target, params = sent_to(late.on(new_id, late.tab.follow(again)))
    assert target == late.example.returns_to
    assert params.keys() == late.example.returns_with
    assert late.shop.moves(new_id) == ["completed", "returned"]


@pytest.mark.parametrize(("folder", "intent", "page"), PAGES)
def test_who_comes_too_late_can_go_back_to_the_site(walk: Walks, folder: str, intent: str, page: int) -> None:
    late = walk(folder, intent)
    created, _ = late.upto(page)
    late.shop.wait(LIFETIMES.finish_within)
    target, params = sent_to(late.tab.leave(created.session.id))
    assert target == late.example.returns_to
    assert not params.keys() & (late.example.returns_with - {"state", "iss", "wixMemberLoggedIn"})
    assert late.shop.moves(created.session.id) == ["created", "expired", "opened", "returned"]


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_a_link_that_lay_around_too_long_opens_nothing(walk: Walks, folder: str, intent: str) -> None:
    """SES-05: to the millisecond."""
    late = walk(folder, intent)
    created, other = late.create(), late.create()
    late.shop.wait(LIFETIMES.open_within - 1)
    shown(late.tab.open(created))
    late.shop.wait(1)
    then = late.tab.enter(other)
    assert isinstance(then, Ended)
    assert (then.end, then.visit is not None) == (End.EXPIRED, True)
    assert sent_to(late.tab.leave_unopened(other))[0] == late.example.returns_to


@pytest.mark.parametrize(("folder", "intent", "page"), PAGES)
def test_reloading_a_page_changes_nothing(walk: Walks, folder: str, intent: str, page: int) -> None:
    """SES-04."""
    reloaded = walk(folder, intent)
    created, _ = reloaded.upto(page)
    before = reloaded.shop.session(created.session.id)
    views = [shown(reloaded.tab.show(before.id, reloaded.pages[page])) for _ in range(3)]
    assert len({(view.step.name, view.number, view.of) for view in views}) == 1
    # The link itself, opened again in the same browser, leads to where the visitor is.
    assert isinstance(reloaded.tab.open(created), Show)
    after = reloaded.shop.session(before.id)
    assert (after.status, after.draft, after.draft_revision) == (before.status, before.draft, before.draft_revision)


@pytest.mark.parametrize(("folder", "intent", "page"), PAGES)
def test_an_earlier_page_cannot_be_sent_twice(walk: Walks, folder: str, intent: str, page: int) -> None:
    """SES-04: back, then the old form again."""
    back = walk(folder, intent)
    created, _ = back.upto(page + 1)
    before = back.shop.session(created.session.id)
    for filled in back.example.filled_in[: page + 1]:
        then = back.tab.submit(before.id, filled.page, filled.form)
        assert isinstance(then, GoTo | Ended)
        assert not then.changes.login_started if isinstance(then, GoTo) else then.end is End.OVER
    after = back.shop.session(before.id)
    assert (after.draft, after.draft_revision, after.outcome) == (before.draft, before.draft_revision, before.outcome)


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_another_browser_with_the_same_link_sees_only_a_way_back(walk: Walks, folder: str, intent: str) -> None:
    """SES-03, SES-11."""
    first = walk(folder, intent)
    created, _ = first.upto(0)
    second = Tab(first.shop)
    then = second.enter(created)
    assert isinstance(then, Ended)
    assert then.end is End.ALREADY_USED
    filled = first.example.filled_in[0]
    for refused in (
        second.show(created.session.id, filled.page),
        second.fill_in(created.session.id, filled.page, filled.form),
        second.return_(created.session.id),
        second.leave(created.session.id),
        second.start_again(created.session.id),
        second.enter(created, secret="JWS.guessed"),
    ):
        assert refused == Ended(End.NOT_FOUND)
    # Going back from there moves nothing that is under way in the first browser.
    assert sent_to(second.leave_unopened(created))[0] == first.example.returns_to
    _, params = sent_to(first.on(created.session.id, first.tab.show(created.session.id, filled.page)))
    assert params.keys() == first.example.returns_with


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_previews_and_scanners_do_not_spend_the_link(walk: Walks, folder: str, intent: str) -> None:
    """SES-03."""
    happy = walk(folder, intent)
    created = happy.create()
    before = happy.shop.session(created.session.id)
    for _ in range(3):
        assert isinstance(Tab(happy.shop).look(created), Visit)
    assert happy.shop.session(created.session.id) == before
    shown(happy.tab.open(created))


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_going_back_before_opening_leaves_the_link_usable(walk: Walks, folder: str, intent: str) -> None:
    """PAG-09: the page with the one button has a way back too."""
    unsure = walk(folder, intent)
    created = unsure.create()
    assert sent_to(unsure.tab.leave_unopened(created))[0] == unsure.example.returns_to
    assert unsure.shop.moves(created.session.id) == ["created"]
    shown(unsure.tab.open(created))


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_a_lost_answer_is_repeated(walk: Walks, folder: str, intent: str) -> None:
    lost = walk(folder, intent)
    created, page = lost.upto(0)
    first = sent_to(lost.on(created.session.id, page))
    for _ in range(2):
        lost.shop.wait(MINUTE // 3)
        target, params = sent_to(lost.tab.return_(created.session.id))
        assert (target, params.keys()) == (first[0], first[1].keys())
    assert lost.shop.moves(created.session.id) == ["completed", "created", "opened", "returned"]


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_pages_of_a_visit_that_is_over_say_so(walk: Walks, folder: str, intent: str) -> None:
    over = walk(folder, intent)
    created, page = over.upto(0)
    over.on(created.session.id, page)
    filled = over.example.filled_in[-1]
    for then in (over.tab.show(created.session.id, filled.page), over.tab.submit(created.session.id, filled.page, filled.form)):
        assert isinstance(then, Ended)
        assert then.end is End.OVER


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_starting_again_asks_the_same_and_fills_in_nothing(walk: Walks, folder: str, intent: str) -> None:
    """SES-11."""
    over = walk(folder, intent)
    created, page = over.upto(0)
    over.on(created.session.id, page)
    again = over.tab.start_again(created.session.id)
    assert isinstance(again, GoTo | Leave)
    asked, new = created.session, over.shop.session(again.visit.session.id)
    assert new.id != asked.id
    assert (bytes(new.request.params), new.request.callbacks) == (bytes(asked.request.params), asked.request.callbacks)
    assert "created" not in over.shop.moves(new.id)


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_starting_again_while_it_is_under_way_goes_on(walk: Walks, folder: str, intent: str) -> None:
    under_way = walk(folder, intent)
    created, _ = under_way.upto(0)
    then = under_way.tab.start_again(created.session.id)
    assert isinstance(then, GoTo)
    assert then.visit.session.id == created.session.id


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_an_address_that_is_not_listed_any_more_is_not_gone_to(walk: Walks, folder: str, intent: str) -> None:
    """RED-08, RED-10: nothing leaves, nothing else is offered, and listing it again is enough."""
    strict = walk(folder, intent)
    created, page = strict.upto(len(strict.pages) - 1)
    session_id = created.session.id
    lists = (strict.shop.client.redirect_uris, strict.shop.client.redirect_domains)
    strict.shop.list_addresses(uris=("https://new.example/callback",), domains=("new.example",))
    with pytest.raises(NotAllowed) as refused:
        strict.on(session_id, page, start=len(strict.pages) - 1)
    assert strict.example.returns_to in refused.value.description
    assert strict.shop.session(session_id).status is Status.COMPLETED
    with pytest.raises(NotAllowed):
        strict.tab.leave(session_id)
    assert "returned" not in strict.shop.moves(session_id)
    strict.shop.list_addresses(uris=lists[0], domains=lists[1])
    assert sent_to(strict.tab.return_(session_id))[0] == strict.example.returns_to


@pytest.mark.parametrize(("folder", "intent", "page"), PAGES)
def test_a_session_that_its_owner_expired_cannot_be_finished(walk: Walks, folder: str, intent: str, page: int) -> None:
    """SES-06: the page that is already shown says so, plainly."""
    stopped = walk(folder, intent)
    created, _ = stopped.upto(page)
    session = stopped.shop.session(created.session.id)
    had_login = stopped.tab.logins.get(SITE_ID)
    assert stopped.shop.db.write_now(actions.expire, session, stopped.shop.now)
    filled = stopped.example.filled_in[page]
    then = stopped.tab.fill_in(session.id, filled.page, filled.form)
    assert isinstance(then, Ended)
    assert then.end is End.EXPIRED
    assert stopped.tab.logins.get(SITE_ID) == had_login
    assert "completed" not in stopped.shop.moves(session.id)


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_an_expired_session_is_not_expired_twice(walk: Walks, folder: str, intent: str) -> None:
    twice = walk(folder, intent)
    created, page = twice.upto(0)
    twice.on(created.session.id, page)
    session = twice.shop.session(created.session.id)
    assert not twice.shop.db.write_now(actions.expire, session, twice.shop.now)


@pytest.mark.parametrize(("folder", "intent"), FLOWS)
def test_a_form_with_nothing_in_it_never_finishes_a_visit_by_accident(walk: Walks, folder: str, intent: str) -> None:
    """A page that does not exist, or a step's name made up: leads to the current page and changes nothing."""
    odd = walk(folder, intent)
    created, _ = odd.upto(0)
    before = odd.shop.session(created.session.id)
    for page in ("return", "leave", "no_such_page", ""):
        try:
            then = odd.tab.submit(before.id, page, {})
        except AppError as error:
            pytest.fail(f"{page!r} was taken for a step: {error}")
        assert isinstance(then, GoTo)
    assert odd.shop.session(before.id) == before
