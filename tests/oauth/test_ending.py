"""Logging out, and everything else that ends tokens before their time (decision record 0011)."""

from __future__ import annotations

import pytest

from roundtrip.core.clock import DAY, HOUR, MINUTE
from roundtrip.core.identity import ApiKey, Visitor
from roundtrip.members import actions as members
from roundtrip.oauth import grants, revocation
from roundtrip.oauth.revocation import RevocationSet
from tests.oauth.conftest import NOW, SITE, World, renew


def read(world: World, revoked: RevocationSet, now: int = NOW) -> None:
    """What the edge does every half second."""
    revoked.refresh(world.db.read_now(revocation.since, revoked.read_from), now)


def test_a_member_stays_a_member_when_renewing(world: World) -> None:
    """The same refresh token twice: the official SDK never takes a new one."""
    first = world.member()
    for hours in (4, 8):
        again = world.ask(renew(first), NOW + hours * HOUR)
        assert world.access_tokens.verify(again.access_token, NOW + hours * HOUR) == world.access_tokens.verify(first.access_token, NOW)


def test_a_logout_ends_access_tokens_on_every_node(world: World) -> None:
    caller = world.access_tokens.verify(world.member().access_token, NOW)
    this_node, other_node = RevocationSet(), RevocationSet()
    read(world, other_node)
    subject = world.db.write_now(revocation.end_login, world.login.id, NOW)
    this_node.add(subject, NOW)
    assert this_node.is_revoked(caller)
    assert not other_node.is_revoked(caller)
    read(world, other_node, NOW + 500)
    assert other_node.is_revoked(caller)


def test_a_logout_ends_refresh_tokens_and_the_browsers_login(world: World) -> None:
    first = world.member()
    world.db.write_now(revocation.end_login, world.login.id, NOW)
    error = world.refusal(renew(first))
    assert (error.oauth_error, "logout" in error.description) == ("invalid_grant", True)
    assert world.db.read_now(members.find_login, SITE, "browser", NOW) is None


def test_a_logout_leaves_other_visitors_alone(world: World) -> None:
    visitor, external = world.visitor(), world.member(login=False)
    world.db.write_now(revocation.end_login, world.login.id, NOW)
    revoked = RevocationSet()
    read(world, revoked)
    for tokens in (visitor, external):
        assert not revoked.is_revoked(world.access_tokens.verify(tokens.access_token, NOW))
        world.ask(renew(tokens))


@pytest.mark.parametrize("who", ["visitor", "member"])
def test_a_grant_can_be_ended_by_itself(world: World, who: str) -> None:
    tokens = world.visitor() if who == "visitor" else world.member()
    caller = world.access_tokens.verify(tokens.access_token, NOW)
    subject = world.db.write_now(revocation.end_grant, caller.grant_id, NOW)
    revoked = RevocationSet()
    revoked.add(subject, NOW)
    assert revoked.is_revoked(caller)
    assert world.refusal(renew(tokens)).oauth_error == "invalid_grant"


def test_ending_twice_is_harmless(world: World) -> None:
    for _ in range(2):
        world.db.write_now(revocation.end_login, world.login.id, NOW)
        world.db.write_now(revocation.end_grant, "no such grant", NOW)
    assert len(world.db.read_now(revocation.since, 0)) == 2


def test_an_idle_browser_does_not_end_a_sites_own_tokens(world: World) -> None:
    """The browser's login ends after 14 days without use; the site's refresh token goes on for 90."""
    first = world.member()
    assert world.db.read_now(members.find_login, SITE, "browser", NOW + 20 * DAY) is None
    world.ask(renew(first), NOW + 20 * DAY)


def test_a_member_who_stays_away_for_90_days_logs_in_again(world: World) -> None:
    first = world.member()
    world.ask(renew(first), NOW + 80 * DAY)
    world.ask(renew(first), NOW + 160 * DAY)
    assert "expired" in world.refusal(renew(first), NOW + 250 * DAY).description


def test_member_tokens_end_after_a_year_at_the_latest(world: World) -> None:
    """AUT-11: an absolute end."""
    first = world.member()
    for days in range(60, 365, 60):
        world.ask(renew(first), NOW + days * DAY)
    assert world.refusal(renew(first), NOW + 365 * DAY).oauth_error == "invalid_grant"


def test_a_blocked_member_cannot_renew(world: World) -> None:
    first = world.member()
    world.db.write_now(lambda tx: tx.execute("UPDATE member SET status = 'blocked'"))
    assert world.refusal(renew(first)).oauth_error == "invalid_grant"


def test_a_node_that_could_not_read_for_a_while_catches_up(world: World) -> None:
    revoked = RevocationSet()
    read(world, revoked, NOW)
    world.db.write_now(revocation.end_login, world.login.id, NOW + MINUTE)
    caller = world.access_tokens.verify(world.member(login=False).access_token, NOW)
    world.db.write_now(revocation.end_grant, caller.grant_id, NOW + 2 * MINUTE)
    read(world, revoked, NOW + 10 * MINUTE)
    assert len(revoked) == 2


def test_a_revocation_that_is_committed_late_or_under_a_slow_clock_is_not_missed(world: World) -> None:
    revoked = RevocationSet()
    read(world, revoked, NOW)
    world.db.write_now(revocation.end_login, world.login.id, NOW - 30_000)
    read(world, revoked, NOW + 500)
    assert len(revoked) == 1


def test_what_is_remembered_ends_with_the_tokens(world: World) -> None:
    revoked = RevocationSet()
    world.db.write_now(revocation.end_login, world.login.id, NOW)
    read(world, revoked)
    read(world, revoked, NOW + 4 * HOUR)
    assert len(revoked) == 1
    read(world, revoked, NOW + 4 * HOUR + 2 * MINUTE)
    assert len(revoked) == 0
    assert world.db.write_now(grants.forget_expired, NOW + 5 * HOUR, 100) == 1
    assert world.db.read_now(revocation.since, 0) == []


def test_an_api_key_is_not_a_matter_of_this_table() -> None:
    revoked = RevocationSet()
    revoked.add("grant:g", NOW)
    assert not revoked.is_revoked(ApiKey("s", "k", frozenset()))
    assert revoked.is_revoked(Visitor("s", "c", "v", "g"))
