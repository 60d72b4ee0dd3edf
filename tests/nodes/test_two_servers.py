"""Two servers on one PostgreSQL database: any request may go to either, and either may vanish (OPS-11)."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from threading import Event

import httpx

from tests.browser.shop import CREATE, Account, Json, Shop, query_of
from tests.flows.at_once import at_once
from tests.nodes.conftest import Visitor
from tests.server_fixtures import Server, StartServer

NewVisitor = Callable[[Server], Visitor]
RACERS = 20
WITHIN_SECONDS = 1.0


def logged_in(shop: Shop, visitor: Visitor, account: Account | None = None) -> Json:
    """A whole login at the visitor's node; answers the member's tokens."""
    page = visitor.follow(visitor.open(shop.auth()["fullUrl"]))
    away = visitor.follow(visitor.fill_in(page, account or shop.member()))
    return shop.redeem(away.headers["location"])


def is_alive(node: Server, tokens: Json) -> bool:
    """Whether this node honours an access token."""
    answer = httpx.get(f"{node.origin}/oauth2/user-info", headers={"authorization": tokens["access_token"]})
    assert answer.status_code in (200, 401), answer.text
    return answer.status_code == 200


def test_a_visit_made_at_one_server_is_opened_continued_and_returned_at_the_other(
    two_servers: tuple[Server, Server], node_shop: Shop, new_visitor: NewVisitor
) -> None:
    """OPS-11, SES-02."""
    here, there = two_servers
    session = node_shop.auth()
    visitor = new_visitor(there)
    page = visitor.follow(visitor.open(session["fullUrl"]))
    assert ">Log in</h1>" in page.text

    visitor.at = here
    assert ">Log in</h1>" in visitor.follow(visitor.open(session["fullUrl"])).text, "the browser is known at both"
    visitor.at = there
    away = visitor.follow(visitor.fill_in(page, node_shop.member()))

    assert query_of(away.headers["location"])["state"] == "a-state"
    tokens = node_shop.redeem(away.headers["location"], on=here)
    assert is_alive(here, tokens)
    assert is_alive(there, tokens)
    assert node_shop.status(session["id"], on=here)["outcome"] == "completed"


def test_every_step_at_the_server_that_did_not_do_the_one_before(
    two_servers: tuple[Server, Server], node_shop: Shop, new_visitor: NewVisitor
) -> None:
    """OPS-11: nothing of a visit lives in a process."""
    here, there = two_servers
    visitor = new_visitor(here)
    opened = visitor.open(node_shop.auth()["fullUrl"])
    visitor.at = there
    page = visitor.open(opened.headers["location"])
    visitor.at = here
    sent = visitor.fill_in(page, node_shop.member())
    visitor.at = there
    away = visitor.open(sent.headers["location"])

    assert node_shop.redeem(away.headers["location"], on=here)["refresh_token"]


def test_of_twenty_browsers_that_race_for_one_link_over_both_servers_one_wins(
    two_servers: tuple[Server, Server], node_shop: Shop, new_visitor: NewVisitor
) -> None:
    """SES-03, OPS-11, TST-06."""
    session = node_shop.login()
    visitors = [new_visitor(two_servers[number % 2]) for number in range(RACERS)]
    answers = at_once([partial(visitor.open, session["fullUrl"]) for visitor in visitors])

    seen = Counter(answer.status_code if isinstance(answer, httpx.Response) else repr(answer) for answer in answers)
    assert seen == {303: 1, 410: RACERS - 1}
    winner = next(one for one, answer in zip(visitors, answers, strict=True) if isinstance(answer, httpx.Response) and answer.is_redirect)
    assert ">Log in</h1>" in winner.follow(winner.open(session["fullUrl"])).text


def test_logging_out_at_one_server_ends_the_tokens_at_the_other(
    two_servers: tuple[Server, Server], node_shop: Shop, new_visitor: NewVisitor
) -> None:
    """OPS-11, IDN-08: the refresh token at once, the access token within a second."""
    here, there = two_servers
    visitor = new_visitor(here)
    tokens = logged_in(node_shop, visitor)
    assert is_alive(there, tokens)

    logout = node_shop.logout(tokens["access_token"])
    away = visitor.follow(visitor.open(logout["fullUrl"]))
    deadline = time.monotonic() + WITHIN_SECONDS
    assert query_of(away.headers["location"]) == {"wixMemberLoggedIn": "false"}
    assert node_shop.refresh(tokens, on=there).status_code == 400
    assert not is_alive(here, tokens), "at once where it happened"
    while is_alive(there, tokens):
        assert time.monotonic() < deadline, f"the access token still works after {WITHIN_SECONDS} s"
        time.sleep(0.05)


def test_one_idempotency_key_sent_to_both_servers_at_once_makes_one_session(two_servers: tuple[Server, Server], node_shop: Shop) -> None:
    """SES-10, OPS-11."""
    token, key = node_shop.visitor(), node_shop.server.secret("the-same-key-for-all-of-them")
    body = {"login": {}, "callbacks": {"postFlowUrl": f"{node_shop.site_origin}/after"}}
    calls = [partial(node_shop.post, CREATE, body, token, on=two_servers[number % 2], idempotency_key=key) for number in range(10)]
    answers = at_once(calls)

    found = [answer for answer in answers if isinstance(answer, httpx.Response)]
    assert [answer.status_code for answer in found] == [200] * len(calls), answers
    assert len({answer.text for answer in found}) == 1


def test_a_server_that_is_killed_in_the_middle_of_logins_leaves_every_visit_usable_at_the_other(
    two_servers: tuple[Server, Server],
    start_server_on_postgresql: StartServer,
    node_shop: Shop,
    new_visitor: NewVisitor,
) -> None:
    """OPS-11: whatever the dead server had or had not done, each visitor gets a code in the end."""
    _, there = two_servers
    dying = start_server_on_postgresql(beside=there)
    member, first_is_through = node_shop.member(), Event()
    visits = [(new_visitor(dying), node_shop.auth()) for _ in range(6)]
    pages = [visitor.follow(visitor.open(session["fullUrl"])) for visitor, session in visits]

    def log_in(visitor: Visitor, page: httpx.Response) -> None:
        try:
            visitor.fill_in(page, member)
        finally:
            first_is_through.set()

    def kill() -> None:
        assert first_is_through.wait(20)
        dying.stop(signal.SIGKILL)

    together: list[Callable[[], None]] = [partial(log_in, visitor, page) for (visitor, _), page in zip(visits, pages, strict=True)]
    at_once([kill, *together])

    for visitor, session in visits:
        visitor.at = there
        now = visitor.follow(visitor.open(session["fullUrl"]))
        if not now.is_redirect:
            now = visitor.follow(visitor.fill_in(now, member))
        assert node_shop.redeem(now.headers["location"], on=there)["refresh_token"]
