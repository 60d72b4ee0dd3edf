"""Signing up: who becomes a member, and what the rest of the world hears about it."""

from __future__ import annotations

import re
import threading

import pytest

from roundtrip.core.errors import AppError, Kind
from roundtrip.members import actions
from roundtrip.members.model import Member, MemberStatus, Profile
from roundtrip.storage import outbox
from roundtrip.storage.database import Database
from tests.members.conftest import SITE, sign_up


def test_a_new_member_is_found_again(db: Database) -> None:
    made = sign_up(db, "Ann@Example.com")
    assert made.email == "Ann@Example.com"
    assert made.status is MemberStatus.ACTIVE
    assert db.read_now(actions.member, SITE, made.id) == made


def test_a_member_belongs_to_one_site(db: Database) -> None:
    """AUT-14: an id of another site's member is nobody."""
    made = sign_up(db)
    assert db.read_now(actions.member, "another-site", made.id) is None
    assert db.read_now(actions.credentials, "another-site", made.email) is None


@pytest.mark.parametrize("again", ["ann@example.com", "ANN@EXAMPLE.COM", "\uff41nn@example.com"])
def test_one_address_is_one_member_however_it_is_written(db: Database, again: str) -> None:
    first = sign_up(db, "Ann@Example.com")
    with pytest.raises(AppError) as caught:
        sign_up(db, again)
    assert (caught.value.kind, caught.value.code) == (Kind.CONFLICT, "-19995")
    found = db.read_now(actions.credentials, SITE, again)
    assert found is not None
    assert found.member_id == first.id


def test_the_same_address_may_join_two_sites(db: Database) -> None:
    assert sign_up(db).id != sign_up(db, site_id="another-site").id


def test_of_two_who_sign_up_at_once_with_one_address_exactly_one_succeeds(db: Database) -> None:
    outcomes: list[Member | AppError] = []
    start = threading.Barrier(8)

    def run() -> None:
        start.wait()
        try:
            outcomes.append(sign_up(db))
        except AppError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    members = [outcome for outcome in outcomes if isinstance(outcome, Member)]
    errors = [outcome.code for outcome in outcomes if isinstance(outcome, AppError)]
    assert len(members) == 1
    assert errors == ["-19995"] * 7
    assert len(db.read_now(outbox.untold, 10)) == 1


def test_the_world_hears_of_a_new_member_without_secrets(db: Database) -> None:
    made = sign_up(db)
    (told,) = db.read_now(outbox.untold, 10)
    assert (told.event.entity, told.event.slug, told.event.entity_id, told.event.site_id) == ("member", "created", made.id, SITE)
    assert told.event.body["email"] == "Ann@Example.com"
    assert "a hash" not in str(told.event.body)


def test_what_the_form_asked_beyond_names_is_kept_untouched(db: Database) -> None:
    made = sign_up(db, profile=Profile(more={"language": "he", "customFields": [{"name": "size", "value": {"strValue": "ל"}}]}))
    assert made.profile == '{"language":"he","customFields":[{"name":"size","value":{"strValue":"ל"}}]}'


@pytest.mark.parametrize(
    ("profile", "pattern"),
    [
        (Profile(nickname="Änn O'Hara"), r"ann-o-hara-[0-9a-f]{8}"),
        (Profile(slug="the-ann", nickname="Ann"), r"the-ann-[0-9a-f]{8}"),
        (Profile(nickname="דנה"), r"member-[0-9a-f]{8}"),
        (Profile(), r"member-[0-9a-f]{8}"),
    ],
)
def test_a_slug_is_readable_and_never_made_from_the_address(db: Database, profile: Profile, pattern: str) -> None:
    assert re.fullmatch(pattern, sign_up(db, profile=profile).slug)


def test_an_unknown_address_has_no_credentials(db: Database) -> None:
    """IDN-03: the caller then checks against the stand-in hash."""
    assert db.read_now(actions.credentials, SITE, "nobody@example.com") is None
