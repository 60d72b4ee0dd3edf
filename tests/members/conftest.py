"""A site with a member, as far as the tests of this room need one."""

from __future__ import annotations

import pytest

from roundtrip.core.ids import new_id
from roundtrip.members import actions
from roundtrip.members.model import Member, Profile
from roundtrip.storage.database import Database

NOW = 1_790_000_000_000
SITE = "11111111-1111-4111-8111-111111111111"
CLIENT = "22222222-2222-4222-8222-222222222222"


def sign_up(db: Database, email: str = "Ann@Example.com", *, site_id: str = SITE, profile: Profile | None = None) -> Member:
    """A new member by the room's own action."""
    return db.write_now(
        actions.register,
        site_id=site_id,
        email=email,
        password_hash="a hash",
        profile=profile or Profile(nickname="Ann", first_name="Ann", last_name="Smith"),
        member_id=new_id(NOW),
        now=NOW,
        event_id=new_id(NOW),
    )


@pytest.fixture
def ann(db: Database) -> Member:
    """A member of the site."""
    return sign_up(db)
