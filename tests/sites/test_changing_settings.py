"""Changing clients, secrets, keys and sites: written down, guarded, undone; on both databases (OPS-02, OPS-03, OPS-04)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from roundtrip.core.clock import DAY
from roundtrip.core.errors import AppError
from roundtrip.core.identity import Actor
from roundtrip.core.ids import new_id
from roundtrip.sites import actions as sites
from roundtrip.sites import client_secrets, clients, site_settings, store
from roundtrip.sites.change import Change
from roundtrip.sites.client_fields import FIELD_NAMES, picture, with_fields
from roundtrip.sites.client_secrets import Others
from roundtrip.sites.model import STANDARD_CLIENT, Client, Mode, Site
from roundtrip.sites.undo import undo
from roundtrip.storage import audit
from roundtrip.storage.audit import AuditEntry
from roundtrip.storage.database import Database, Tx
from tests.flows.at_once import at_once

NOW = 1_790_000_000_000
OLIVE = Actor("owner", "o1", "Olive")
SITE_ID = "11111111-1111-4111-8111-111111111111"
CLIENT_ID = "5d0b2c1e-7a54-4f0e-9b1f-1f6f0f1b7a01"


def by_olive(now: int = NOW + 1, *permissions: str) -> Change:
    """A change that an owner makes; with permissions, one by somebody who has no others."""
    return Change(new_id(now), OLIVE, now, frozenset(permissions or {"*"}))


def shop(db: Database) -> tuple[Client, Site]:
    """A client of a test-mode site, as it is stored; made if need be."""

    def make(tx: Tx) -> tuple[Client, Site]:
        if store.site(tx, SITE_ID) is None:
            site = sites.create_site(
                tx, site_id=SITE_ID, slug="kiln", name="Kiln", mode=Mode.TEST, language="en", theme='{"brandColor":"#112233"}', now=NOW
            )
            uris, domains = ("https://shop.example/cb",), ("shop.example",)
            sites.create_client(
                tx, site=site, client_id=CLIENT_ID, name="Shop", now=NOW, change=by_olive(NOW), redirect_uris=uris, redirect_domains=domains
            )
        return sites.require_client(tx, CLIENT_ID)

    return db.write_now(make)


def change(db: Database, fields: Mapping[str, Any], by: Change | None = None) -> Client:
    """Set fields of the client as it is stored."""
    client, site = shop(db)
    return db.write_now(clients.update, client=client, site=site, fields=fields, change=by or by_olive())


def add_domain(db: Database, client: Client, site: Site, host: str) -> Client:
    """Add one entry to the domains of a client as it was read."""
    return db.write_now(clients.add_entry, client=client, site=site, field="allowedRedirectDomains", entry=host, change=by_olive())


def add_secret(db: Database, secret: str, others: Others, now: int) -> None:
    """Make a secret for the client."""
    client, _ = shop(db)
    db.write_now(client_secrets.add, client=client, secret_id=new_id(now), secret=secret, others=others, change=by_olive(now))


def add_key(db: Database, permissions: tuple[str, ...], by: Change) -> None:
    """Make an API key."""
    _, site = shop(db)
    db.write_now(sites.create_api_key, site=site, key_id=new_id(NOW), key="IST.x", name="Key", permissions=permissions, now=NOW, change=by)


def entries(db: Database, object_id: str = CLIENT_ID) -> list[AuditEntry]:
    """The audit log about one thing, newest first."""
    return list(db.read_now(lambda tx: audit.page(tx, site_id=SITE_ID, before_id=None, limit=100, object_id=object_id)))


def refusal(outcome: object) -> str:
    """The code of a refusal; empty for anything else."""
    return outcome.code if isinstance(outcome, AppError) else ""


def test_a_change_is_written_down_with_who_when_before_and_after(db: Database) -> None:
    """OPS-02: only what differs, in the transaction of the change."""
    shop(db)
    by = by_olive(NOW + 5)
    changed = change(db, {"name": "Shop 2", "description": "", "tokenSettings.idTokenAlg": "RS256"}, by)
    entry = entries(db)[0]
    assert (entry.id, entry.at, entry.actor, entry.action) == (by.id, NOW + 5, OLIVE, "client.updated")
    assert entry.before == {"name": "Shop", "tokenSettings.idTokenAlg": "ES256"}
    assert entry.after == {"name": "Shop 2", "tokenSettings.idTokenAlg": "RS256"}
    assert changed == shop(db)[0]
    assert changed.revision == 2


def test_a_refused_change_leaves_no_trace(db: Database) -> None:
    """OPS-02."""
    before = shop(db)
    log = entries(db)
    with pytest.raises(AppError, match="loginUrl"):
        change(db, {"name": "Shop 2", "loginUrl": "https://elsewhere.example/"})
    assert shop(db) == before
    assert entries(db) == log


def test_of_two_who_read_the_same_revision_one_wins(db: Database) -> None:
    """OPS-04: real threads, one conditional update."""
    client, site = shop(db)
    names = [f"Shop {number}" for number in range(8)]
    outcomes = at_once(
        [partial(db.write_now, clients.update, client=client, site=site, fields={"name": name}, change=by_olive()) for name in names]
    )
    winners = [one for one in outcomes if isinstance(one, Client)]
    assert len(winners) == 1
    assert [refusal(one) for one in outcomes].count("REVISION_CHANGED") == 7
    assert shop(db)[0] == winners[0]
    assert [entry.action for entry in entries(db)] == ["client.updated", "client.created"]


def test_entries_that_are_added_at_once_are_all_there(db: Database) -> None:
    """OPS-04: adding does not depend on the rest of the list, so nobody is refused and nothing is lost."""
    client, site = shop(db)
    hosts = [f"h{number}.example" for number in range(8)]
    outcomes = at_once([partial(add_domain, db, client, site, host) for host in hosts])
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert set(shop(db)[0].redirect_domains) == {"shop.example", *hosts}
    assert len(entries(db)) == 9


def test_the_twenty_first_entry_is_refused_even_in_a_race(db: Database) -> None:
    """RED-16."""
    change(db, {"allowedRedirectDomains": [f"h{number}.example" for number in range(18)]})
    client, site = shop(db)
    outcomes = at_once([partial(add_domain, db, client, site, f"n{number}.example") for number in range(6)])
    assert len([one for one in outcomes if isinstance(one, Client)]) == 2
    assert len(shop(db)[0].redirect_domains) == 20


def test_a_client_is_deleted_once(db: Database) -> None:
    client, _ = shop(db)
    outcomes = at_once([partial(db.write_now, clients.delete, client=client, change=by_olive()) for _ in range(4)])
    assert [refusal(one) for one in outcomes].count("CLIENT_NOT_FOUND") == 3
    assert [entry.action for entry in entries(db)].count("client.deleted") == 1


def test_undo_sets_back_exactly_what_one_change_set(db: Database) -> None:
    """OPS-04."""
    first, second = by_olive(NOW + 1), by_olive(NOW + 2)
    change(db, {"name": "Shop 2", "allowedRedirectDomains": ["a.example"]}, first)
    change(db, {"description": "Kept"}, second)
    db.write_now(undo, site_id=SITE_ID, entry_id=first.id, change=by_olive(NOW + 3))
    client, _ = shop(db)
    assert (client.name, client.redirect_domains, client.description) == ("Shop", ("shop.example",), "Kept")
    with pytest.raises(AppError, match="changed again meanwhile"):
        db.write_now(undo, site_id=SITE_ID, entry_id=first.id, change=by_olive())
    with pytest.raises(AppError, match="no such change"):
        db.write_now(undo, site_id="another site", entry_id=second.id, change=by_olive())


def test_every_field_survives_being_read_and_written(db: Database) -> None:
    """OPS-04: what the log keeps can be set again, so every change can be undone."""
    client, site = shop(db)
    full = replace(client, tokens=STANDARD_CLIENT, description="d", technology="t", login_url="https://shop.example/l")
    shown = picture(full)
    assert set(shown) == set(FIELD_NAMES)
    assert with_fields(client, site.mode, shown, NOW) == full


def test_a_secret_is_replaced_without_downtime(db: Database) -> None:
    """OPS-03: the old one works for a day, or ends at once."""

    def is_good(secret: str, now: int) -> bool:
        return db.read_now(client_secrets.recognise, CLIENT_ID, secret, now) is not None

    add_secret(db, "first", Others.KEEP, NOW)
    add_secret(db, "second", Others.A_DAY, NOW + 1)
    assert (is_good("first", NOW + DAY), is_good("first", NOW + 1 + DAY)) == (True, False)
    add_secret(db, "third", Others.END, NOW + 2)
    assert [is_good(one, NOW + 2) for one in ("first", "second", "third")] == [False, False, True]
    assert "third" not in repr(entries(db))


def test_a_client_has_at_most_ten_living_secrets(db: Database) -> None:
    for number in range(client_secrets.MOST):
        add_secret(db, f"s{number}", Others.KEEP, NOW)
    with pytest.raises(AppError, match="limit"):
        add_secret(db, "one more", Others.KEEP, NOW)


def test_nobody_gives_away_more_than_they_have(db: Database) -> None:
    """OPS-03, decision 0082."""
    for wanted in (("*",), ("key.manage", "member.manage")):
        with pytest.raises(AppError, match="would be allowed"):
            add_key(db, wanted, by_olive(NOW, "key.manage"))
    add_key(db, ("key.manage",), by_olive(NOW, "key.manage"))
    wide = {"tokenSettings.authMethod": "client_secret_post", "tokenSettings.grantTypes": ["client_credentials"]}
    with pytest.raises(AppError, match="would be allowed"):
        change(db, wide, by_olive(NOW, "oauth_app.manage"))
    # What is given when nobody says what is more than this key has, too.
    narrow = {**wide, "tokenSettings.permissions": ["oauth_app.manage"]}
    change(db, narrow, by_olive(NOW, "oauth_app.manage"))


def test_a_site_is_changed_guarded_and_written_down(db: Database) -> None:
    """OPS-02, OPS-04."""
    _, site = shop(db)
    fields = [{"name": f"Kiln {number}"} for number in range(4)]
    outcomes = at_once([partial(db.write_now, site_settings.update, site=site, fields=one, change=by_olive()) for one in fields])
    assert [refusal(one) for one in outcomes].count("REVISION_CHANGED") == 3
    assert [entry.action for entry in entries(db, SITE_ID)] == ["site.updated", "site.created"]
    assert shop(db)[1].theme == '{"brandColor":"#112233"}'


def test_a_mode_switch_names_what_stops(db: Database) -> None:
    """OPS-12, RED-17."""
    lists = {
        "allowedRedirectUris": ["https://shop.example/cb", "https://*-p.shop.example/cb", "http://localhost:3000/cb"],
        "allowedRedirectDomains": ["shop.example", "http://plain.example"],
    }
    change(db, lists)
    client, site = shop(db)
    stopped = [one.entry for one in site_settings.stopped_by([client], Mode.TEST, Mode.LIVE)]
    assert stopped == ["https://*-p.shop.example/cb", "http://localhost:3000/cb", "http://plain.example"]
    assert site_settings.stopped_by([client], Mode.LIVE, Mode.TEST) == []
    changed = db.write_now(site_settings.switch_mode, site=site, mode=Mode.LIVE, change=by_olive())
    assert changed == shop(db)[1]
    assert entries(db, SITE_ID)[0].after == {"mode": "live"}
