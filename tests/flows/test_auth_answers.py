"""`auth`: who gets a code without a page, who gets a page, and what travels back."""

from __future__ import annotations

import pytest

from roundtrip.core.clock import DAY, MINUTE
from roundtrip.core.errors import AppError
from roundtrip.flows import ending
from roundtrip.flows.base import Redirect
from roundtrip.flows.runner import End, Ended, GoTo, Leave
from roundtrip.flows.visit import load
from roundtrip.redirect_session.model import Status
from tests.flows.browser import Tab, sent_to, shown
from tests.flows.shop import ANN, ANNS_PASSWORD, ISSUER, REQUEST, SITE_ID, Shop

ANNS_FORM = {"email": ANN, "password": ANNS_PASSWORD}
PREVIEW = "https://blue-preview.shop.example/callback"


def test_a_browser_that_is_logged_in_gets_a_code_at_once(shop: Shop, tab: Tab) -> None:
    login = tab.log_in(shop.ann)
    created = shop.auth()
    target, params = sent_to(tab.enter(created))
    assert target == "https://shop.example/callback"
    assert params.keys() == {"code", "state", "iss"}
    caller = shop.member_of(shop.redeem(params["code"]))
    assert (caller.member_id, caller.login_id) == (shop.ann.id, login.id)
    assert shop.moves(created.session.id) == ["completed", "created", "opened", "returned"]


def test_prompt_none_without_a_login_answers_login_required(shop: Shop, tab: Tab) -> None:
    """AUT-10, AUT-05: told to the site with state and iss, without a page."""
    created = shop.auth(prompt="none")
    _, params = sent_to(tab.enter(created))
    assert params == {"error": "login_required", "error_description": "No active session", "state": "a-state", "iss": ISSUER}
    session = shop.session(created.session.id)
    assert (session.status, session.outcome) == (Status.RETURNED, "login_required")


def test_prompt_none_with_a_login_answers_a_code(shop: Shop, tab: Tab) -> None:
    tab.log_in(shop.ann)
    assert "code" in sent_to(tab.enter(shop.auth(prompt="none")))[1]


def test_prompt_none_inside_the_request_counts_too(shop: Shop, tab: Tab) -> None:
    """AUT-10: as standard clients send it."""
    created = shop.create("auth", {"authRequest": {**REQUEST, "prompt": "none"}})
    assert sent_to(tab.enter(created))[1]["error"] == "login_required"


@pytest.mark.parametrize("prompt", ["login", "consent login", "login select_account"])
def test_prompt_login_asks_for_the_password_again(shop: Shop, tab: Tab, prompt: str) -> None:
    """AUT-10: in whatever order the words come."""
    tab.log_in(shop.ann)
    created = shop.create("auth", {"authRequest": {**REQUEST, "prompt": prompt}})
    assert shown(tab.open(created)).step.name == "login"


def test_prompt_login_renews_the_login_under_a_new_secret(shop: Shop, tab: Tab) -> None:
    """AUT-15: the secret from before is worth nothing, tokens that other clients hold from the login stay good."""
    login = tab.log_in(shop.ann)
    before = dict(tab.logins)
    created = shop.auth(prompt="login")
    shown(tab.open(created))
    _, params = sent_to(tab.fill_in(created.session.id, "login", ANNS_FORM))
    assert tab.logins != before
    assert Tab(shop, logins=before).login is None
    assert tab.login is not None
    assert tab.login.id == login.id == shop.member_of(shop.redeem(params["code"])).login_id


def test_without_a_prompt_and_without_a_login_the_page_comes(shop: Shop, tab: Tab) -> None:
    created = shop.auth()
    assert shown(tab.open(created)).step.name == "login"
    _, params = sent_to(tab.fill_in(created.session.id, "login", ANNS_FORM))
    assert shop.member_of(shop.redeem(params["code"])).member_id == shop.ann.id


def test_the_answer_travels_in_the_fragment_when_the_site_wants_it_there(shop: Shop, tab: Tab) -> None:
    tab.log_in(shop.ann)
    then = tab.enter(shop.auth(responseMode="fragment"))
    assert isinstance(then, Leave)
    assert isinstance(then.leaving, Redirect)
    address, _, fragment = then.leaving.url.partition("#")
    assert address == "https://shop.example/callback"
    assert fragment.startswith("code=")


def test_a_state_with_odd_characters_comes_back_unchanged(shop: Shop, tab: Tab) -> None:
    """AUT-05."""
    state = "a b&c=d#e+f%20ü\"'<>"
    assert sent_to(tab.enter(shop.auth(prompt="none", state=state)))[1]["state"] == state
    assert "state" not in sent_to(tab.enter(shop.auth(prompt="none", state=None)))[1]


def test_leaving_the_login_page_answers_access_denied(shop: Shop, tab: Tab) -> None:
    """AUT-05."""
    created = shop.auth()
    tab.open(created)
    _, params = sent_to(tab.leave(created.session.id))
    assert params.keys() == {"error", "error_description", "state", "iss"}
    assert params["error"] == "access_denied"


def test_a_session_token_logs_in_without_a_page_once(shop: Shop, tab: Tab) -> None:
    """AUT-16: and the browser is logged in afterwards."""
    token = shop.session_token()
    first, second = shop.auth(prompt="none", sessionToken=token), shop.auth(prompt="none", sessionToken=token)
    _, params = sent_to(tab.enter(first))
    assert shop.member_of(shop.redeem(params["code"])).member_id == shop.ann.id
    assert tab.login is not None
    assert tab.login.member_id == shop.ann.id
    assert sent_to(Tab(shop).enter(second))[1]["error"] == "login_required"


def test_a_session_token_is_good_for_five_minutes(shop: Shop, tab: Tab) -> None:
    """AUT-16."""
    early, late = shop.session_token(), shop.session_token()
    first, second = shop.auth(prompt="none", sessionToken=early), shop.auth(prompt="none", sessionToken=late)
    shop.wait(5 * MINUTE - 1)
    assert "code" in sent_to(tab.enter(first))[1]
    shop.wait(1)
    assert sent_to(Tab(shop).enter(second))[1]["error"] == "login_required"


def test_a_session_token_of_another_client_is_worth_nothing(shop: Shop, tab: Tab) -> None:
    """AUT-16: and it is not spent by trying."""
    token = shop.session_token(client=shop.other)
    assert sent_to(tab.enter(shop.auth(prompt="none", sessionToken=token)))[1]["error"] == "login_required"
    row = shop.db.read_now(lambda tx: tx.one("SELECT COUNT(*) FROM session_token WHERE spent_at IS NULL"))
    assert row == (1,)


def test_a_dead_session_token_leads_to_the_login_page_where_a_page_is_fine(shop: Shop, tab: Tab) -> None:
    assert shown(tab.open(shop.auth(sessionToken="JWS.unknown"))).step.name == "login"


def test_the_session_token_is_stored_as_a_hash_only(shop: Shop) -> None:
    token = shop.session_token()
    created = shop.auth(prompt="none", sessionToken=token)
    assert token in created.entry.full_url
    assert token.encode() not in bytes(shop.session(created.session.id).request.params)
    assert token not in str(shop.events(created.session.id))


def test_a_session_token_of_a_blocked_member_is_worth_nothing(shop: Shop, tab: Tab) -> None:
    token = shop.session_token()
    shop.db.write_now(lambda tx: tx.execute("UPDATE member SET status = 'blocked'"))
    assert sent_to(tab.enter(shop.auth(prompt="none", sessionToken=token)))[1]["error"] == "login_required"


def test_logging_in_as_somebody_else_ends_the_login_before(shop: Shop, tab: Tab) -> None:
    """AUT-15: one browser is one person."""
    tab.log_in(shop.ann)
    tokens = shop.redeem(sent_to(tab.enter(shop.auth()))[1]["code"])
    created = shop.auth(prompt="login")
    shown(tab.open(created))
    sent_to(tab.fill_in(created.session.id, "sign_up", {"email": "bob@example.com", "password": "nine green bottles"}))
    assert tab.login is not None
    assert tab.login.member_id != shop.ann.id
    assert not shop.can_refresh(tokens)


def test_a_link_with_somebody_elses_session_token_leaves_the_browsers_login_alone(shop: Shop, tab: Tab) -> None:
    """Login CSRF: whoever sends a visitor such a link must not become the one the visitor's browser is logged in as."""
    tab.log_in(shop.ann)
    tokens = shop.redeem(sent_to(tab.enter(shop.auth()))[1]["code"])
    bob = shop.sign_up("bob@example.com")
    code = sent_to(tab.enter(shop.auth(prompt="none", sessionToken=shop.session_token(member=bob))))[1]["code"]
    assert shop.member_of(shop.redeem(code)).member_id == bob.id
    assert tab.login is not None
    assert tab.login.member_id == shop.ann.id
    assert shop.can_refresh(tokens)


def test_a_preview_address_is_confirmed_before_a_silent_answer(shop: Shop, tab: Tab) -> None:
    """RED-18: the page names the host; cancelling gives no code."""
    tab.log_in(shop.ann)
    created = shop.auth(redirectUri=PREVIEW)
    page = shown(tab.open(created))
    assert (page.step.name, page.view["host"]) == ("continue", "blue-preview.shop.example")
    target, params = sent_to(tab.fill_in(created.session.id, "continue", {}))
    assert target == PREVIEW
    assert shop.member_of(shop.redeem(params["code"], redirectUri=PREVIEW)).member_id == shop.ann.id
    other = shop.auth(redirectUri=PREVIEW)
    tab.open(other)
    assert sent_to(tab.leave(other.session.id))[1]["error"] == "access_denied"


@pytest.mark.parametrize("with_token", [False, True])
def test_a_preview_address_never_gets_a_code_without_anybody_looking(shop: Shop, tab: Tab, with_token: bool) -> None:
    """RED-18."""
    tab.log_in(shop.ann)
    token = shop.session_token() if with_token else None
    target, params = sent_to(tab.enter(shop.auth(prompt="none", redirectUri=PREVIEW, sessionToken=token)))
    assert (target, params["error"]) == (PREVIEW, "interaction_required")
    assert "code" not in params


def test_somebody_who_has_just_typed_a_password_is_not_asked_again(shop: Shop, tab: Tab) -> None:
    """RED-18: logging in is the user action."""
    created = shop.auth(redirectUri=PREVIEW)
    assert shown(tab.open(created)).of == 1
    assert "code" in sent_to(tab.fill_in(created.session.id, "login", ANNS_FORM))[1]


def test_a_login_that_ended_before_the_return_is_no_login(shop: Shop, tab: Tab) -> None:
    """Logged out in another tab while the confirm page stood open."""
    tab.log_in(shop.ann)
    created = shop.auth(redirectUri=PREVIEW)
    shown(tab.open(created))
    out = shop.logout()
    tab.open(out)
    tab.fill_in(out.session.id, "logout_confirm", {})
    _, params = sent_to(tab.fill_in(created.session.id, "continue", {}))
    assert params["error"] == "login_required"


def test_a_lost_answer_is_repeated_with_a_code_of_its_own(shop: Shop, tab: Tab) -> None:
    """AUT-04: each code works once and for a minute; none is written down to be sent again."""
    created = shop.auth()
    tab.open(created)
    lost = sent_to(tab.fill_in(created.session.id, "login", ANNS_FORM))[1]["code"]
    shop.wait(MINUTE)
    code = sent_to(tab.return_(created.session.id))[1]["code"]
    assert code != lost
    shop.redeem(code)
    for dead in (lost, code):
        with pytest.raises(AppError):
            shop.redeem(dead)


def test_an_old_visit_gives_no_codes_any_more_but_a_way_back(shop: Shop, tab: Tab) -> None:
    """AUT-04: what stands in a browser's history is not a login, and not a dead end either."""
    created = shop.auth()
    tab.open(created)
    assert "code" in sent_to(tab.fill_in(created.session.id, "login", ANNS_FORM))[1]
    shop.wait(MINUTE + 1)
    then = tab.return_(created.session.id)
    assert isinstance(then, Ended)
    assert then.end is End.OVER
    target, params = sent_to(tab.leave(created.session.id))
    assert (target, params["error"]) == ("https://shop.example/callback", "access_denied")
    assert "code" not in params
    assert shop.session(created.session.id).outcome == "completed"


def test_who_left_can_look_back_and_leave_again_later(shop: Shop, tab: Tab) -> None:
    """No secret is in that answer, so it can be had at any time."""
    created = shop.auth()
    tab.open(created)
    first = sent_to(tab.leave(created.session.id))
    shop.wait(10 * MINUTE)
    shown(tab.show(created.session.id, "login"))
    assert sent_to(tab.leave(created.session.id)) == first
    assert sent_to(tab.return_(created.session.id)) == first


def test_an_answer_that_was_never_fetched_is_no_code_after_the_visits_life(shop: Shop, tab: Tab) -> None:
    """SES-05."""
    created = shop.auth()
    tab.open(created)
    assert isinstance(tab.submit(created.session.id, "login", ANNS_FORM), GoTo)
    shop.wait(DAY)
    assert sent_to(tab.return_(created.session.id))[1]["error"] == "login_required"


def test_who_leaves_just_after_another_tab_finished_is_told_what_is_stored(shop: Shop, tab: Tab) -> None:
    """Two at once: the leaving request had read the visit before the login in the other tab was kept."""
    created = shop.auth()
    tab.open(created)
    edge = tab.edge(created.session.id)
    stale = shop.db.read_now(load, created.session.id, edge)
    assert stale is not None
    assert isinstance(tab.submit(created.session.id, "login", ANNS_FORM), GoTo)
    _, params = sent_to(shop.db.write_now(ending.depart, stale, edge))
    assert "code" in params
    assert shop.session(created.session.id).outcome == "completed"


def test_coming_back_keeps_a_login_alive(shop: Shop, tab: Tab) -> None:
    """IDN-07: a login ends after two weeks without use, not two weeks after it began."""
    tab.log_in(shop.ann)
    for _ in range(4):
        shop.wait(10 * DAY)
        assert "code" in sent_to(tab.enter(shop.auth(prompt="none")))[1]
    shop.wait(14 * DAY)
    assert sent_to(tab.enter(shop.auth(prompt="none")))[1]["error"] == "login_required"


def test_a_login_at_one_site_is_none_at_another(shop: Shop, tab: Tab) -> None:
    tab.log_in(shop.ann)
    tab.logins = {"another-site": tab.logins[SITE_ID]}
    assert sent_to(tab.enter(shop.auth(prompt="none")))[1]["error"] == "login_required"
