"""Refresh tokens that rotate: one successor for everybody, and the end of the family for who comes too late (AUT-11)."""

from __future__ import annotations

from functools import partial

import pytest

from roundtrip.core.clock import DAY, SECOND
from roundtrip.core.errors import AppError, Refused
from roundtrip.oauth.model import GRACE
from roundtrip.oauth.token import TokenAnswer
from tests.flows.at_once import at_once
from tests.oauth.conftest import NOW, SHOP, World, renew


@pytest.fixture
def rotating(world: World) -> World:
    """The shop asks for rotation."""
    tokens = '{"refresh_token_rotation": true}'
    world.db.write_now(lambda tx: tx.execute("UPDATE client SET tokens = :t WHERE id = :id", t=tokens, id=SHOP.id))
    return world


def test_each_use_gives_the_next_one(rotating: World) -> None:
    """AUT-11."""
    tokens, seen = rotating.member(), set()
    for step in range(5):
        seen.add(tokens.refresh_token)
        tokens = rotating.ask(renew(tokens), NOW + step * 60 * SECOND)
    assert len(seen) == 5
    assert tokens.refresh_token not in seen


def test_a_lost_answer_is_given_again_for_a_moment(rotating: World) -> None:
    """AUT-11: bounded, and told apart so that it can be logged."""
    first = rotating.member()
    second = rotating.ask(renew(first))
    again = rotating.ask(renew(first), NOW + GRACE)
    assert (again.refresh_token, again.is_repeated, second.is_repeated) == (second.refresh_token, True, False)
    assert rotating.refusal(renew(first), NOW + GRACE + 1).oauth_error == "invalid_grant"
    assert rotating.refusal(renew(second), NOW + GRACE + 2).oauth_error == "invalid_grant", "the family ended"


def test_an_older_one_ends_the_family_at_once(rotating: World) -> None:
    """AUT-11: the grace is for the last one only. What was revoked stays revoked, though the request was refused."""
    first = rotating.member()
    second = rotating.ask(renew(first))
    third = rotating.ask(renew(second))
    answer = rotating.try_ask(renew(first))
    assert isinstance(answer, Refused)
    assert "revoked" in rotating.refusal(renew(third)).description
    assert rotating.db.read_now(lambda tx: tx.one("SELECT count(*) FROM revocation")) == (1,)


def test_twenty_at_once_get_the_same_successor(rotating: World) -> None:
    """AUT-11, TST-06: two tabs are no thief."""
    first = rotating.member()
    answers = at_once([partial(rotating.ask, renew(first)) for _ in range(20)])
    assert not [one for one in answers if isinstance(one, Exception)]
    assert len({one.refresh_token for one in answers if isinstance(one, TokenAnswer)}) == 1
    assert sum(not one.is_repeated for one in answers if isinstance(one, TokenAnswer)) == 1


def test_of_an_old_and_a_new_one_at_once_nothing_survives(rotating: World) -> None:
    """AUT-11, TST-06: whichever comes first, the family ends."""
    first = rotating.member()
    second = rotating.ask(renew(first))
    late = NOW + GRACE + 1
    at_once([partial(rotating.try_ask, renew(tokens), late) for tokens in (first, second, first, second)])
    third = rotating.try_ask(renew(second), late + 1) if _is_alive(rotating, second, late) else None
    assert third is None or isinstance(third, Refused)
    assert rotating.db.read_now(lambda tx: tx.one("SELECT count(*) FROM oauth_grant WHERE revoked_at IS NULL")) == (0,)


def _is_alive(world: World, tokens: TokenAnswer, now: int) -> bool:
    try:
        return not isinstance(world.try_ask(renew(tokens), now), Refused)
    except AppError:
        return False


def test_rotation_does_not_outlive_the_hard_end(rotating: World) -> None:
    """AUT-11: the end of a year, however often it was used."""
    tokens, now = rotating.member(login=False), NOW
    for _ in range(6):
        now += 60 * DAY
        tokens = rotating.ask(renew(tokens), now)
    assert rotating.refusal(renew(tokens), NOW + 365 * DAY).oauth_error == "invalid_grant"


def test_an_sdk_client_keeps_its_first_one(world: World) -> None:
    """Record 0013: a made-up token that names a grant ends nothing there."""
    tokens = world.visitor()
    assert world.ask(renew(tokens)).refresh_token == tokens.refresh_token
    forged = str(tokens.refresh_token)[:-1] + ("A" if not str(tokens.refresh_token).endswith("A") else "B")
    assert world.refusal(renew(tokens, refreshToken=forged)).oauth_error == "invalid_grant"
    assert world.ask(renew(tokens)).refresh_token == tokens.refresh_token
