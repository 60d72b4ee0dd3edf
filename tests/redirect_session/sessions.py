"""Makes redirect sessions for the tests of this room, and reads what was recorded about them."""

from __future__ import annotations

from typing import Any

import msgspec

from roundtrip.core.ids import new_id
from roundtrip.core.secrets import hash_secret
from roundtrip.redirect_session import actions, store
from roundtrip.redirect_session.model import Callbacks, Lifetimes, RedirectSession, Request, Status
from roundtrip.storage.database import Database

NOW = 1_790_000_000_000
SITE = "11111111-1111-4111-8111-111111111111"
CLIENT = "22222222-2222-4222-8222-222222222222"
LIFETIMES = Lifetimes()
ANNOUNCED = {"fullUrl": "", "urlDetails": {}, "shortUrl": "", "clientId": CLIENT, "intent": "login"}


def session(now: int = NOW, **changes: Any) -> RedirectSession:
    """A session as creation makes it; `changes` are fields of the row."""
    made = RedirectSession(
        id=new_id(now),
        site_id=SITE,
        client_id=CLIENT,
        intent="login",
        status=Status.CREATED,
        outcome=None,
        caller_kind="visitor",
        caller_id="33333333-3333-4333-8333-333333333333",
        caller_grant_id=None,
        caller_login_id=None,
        language="en",
        request=Request(msgspec.Raw(b"{}"), Callbacks(post_flow_url="https://shop.example/")),
        entry_hash=hash_secret(actions.ENTRY_PURPOSE, "the link"),
        browser_hash=None,
        draft=None,
        draft_revision=0,
        result=None,
        created_at=now,
        changed_at=now,
        expires_at=now + LIFETIMES.open_within,
    )
    return msgspec.structs.replace(made, **changes)


def created(db: Database, now: int = NOW) -> RedirectSession:
    """A stored session that waits for its visitor."""
    made = session(now)
    db.write_now(actions.create, made, announced=ANNOUNCED | {"id": made.id}, event_id=new_id(now))
    return made


def opened(db: Database, now: int = NOW, browser: str = "a browser") -> RedirectSession:
    """A stored session that a browser has opened."""
    bound = db.write_now(actions.open_, created(db, now), browser_secret=browser, lifetimes=LIFETIMES, now=now)
    assert bound is not None
    return bound


def stored(db: Database, session_id: str) -> RedirectSession:
    """The session as it is now."""
    found = db.read_now(store.get, session_id)
    assert found is not None
    return found


def events(db: Database, session_id: str) -> list[tuple[str, dict[str, Any]]]:
    """Every recorded event of a session: slug and body."""
    rows = db.read_now(lambda tx: tx.all("SELECT slug, body FROM outbox WHERE entity_id = :id ORDER BY occurred_at, id", id=session_id))
    return [(slug, msgspec.json.decode(body)) for slug, body in rows]
