"""Links and cookies cannot be guessed, and what is stored does not open anything."""

from __future__ import annotations

from base64 import urlsafe_b64decode

from hypothesis import given
from hypothesis import strategies as st

from roundtrip.core.ids import new_id
from roundtrip.core.secrets import hash_secret, new_secret
from roundtrip.redirect_session import actions
from roundtrip.storage.database import Database
from tests.redirect_session.sessions import LIFETIMES, NOW, opened, session, stored


def test_a_secret_has_at_least_128_random_bits_and_nothing_of_the_id() -> None:
    """SES-01."""
    made = [(new_id(NOW), new_secret("JWS.")) for _ in range(2000)]
    raw = [urlsafe_b64decode(secret.removeprefix("JWS.") + "=") for _, secret in made]
    assert {len(one) for one in raw} == {32}
    assert len(set(raw)) == len(raw)
    # Every bit is set in about half of them: 2000 throws stay within 6 sigma of 1000.
    for bit in range(256):
        assert 865 < sum(one[bit // 8] >> (bit % 8) & 1 for one in raw) < 1135
    for public_id, secret in made:
        head = bytes.fromhex(public_id.replace("-", ""))
        decoded = urlsafe_b64decode(secret.removeprefix("JWS.") + "=")
        assert head[:6] not in decoded
        assert head[8:] not in decoded


def test_the_id_opens_nothing() -> None:
    """SES-01: it is public, and in the address of every page."""
    one = session()
    assert not actions.is_entry_secret(one, one.id)
    assert not actions.is_entry_secret(one, one.entry_hash)
    assert not actions.is_entry_secret(one, "")
    assert actions.is_entry_secret(one, "the link")


@given(st.text(max_size=60))
def test_only_the_very_secret_opens(guess: str) -> None:
    assert actions.is_entry_secret(session(), guess) is (guess == "the link")


def test_only_the_browser_that_opened_it_is_bound(db: Database) -> None:
    """SES-03: neither the link's secret nor anything stored is a browser's cookie."""
    one = stored(db, opened(db, browser="the cookie").id)
    assert actions.is_bound_to(one, "the cookie")
    for wrong in (None, "", "the link", "The cookie", one.browser_hash, one.entry_hash, one.id):
        assert not actions.is_bound_to(one, wrong)
    assert not actions.is_bound_to(session(), None)
    assert not actions.is_bound_to(session(), "")


def test_a_secret_for_one_door_does_not_fit_another() -> None:
    assert hash_secret(actions.ENTRY_PURPOSE, "x") != hash_secret(actions.BROWSER_PURPOSE, "x")


def test_a_repeated_visit_has_a_cookie_and_no_link_of_the_old_one(db: Database) -> None:
    """SES-11: the old link does not open the new session."""
    old = opened(db)
    again = db.write_now(actions.repeat, old, session_id=new_id(NOW), browser_secret="new cookie", lifetimes=LIFETIMES, now=NOW + 1)
    assert stored(db, again.id) == again
    assert actions.is_bound_to(again, "new cookie")
    assert not actions.is_bound_to(again, "a browser")
    assert not actions.is_entry_secret(again, "the link")
    assert (again.request, again.caller_id, again.draft) == (old.request, old.caller_id, None)
