"""Signing keys: made once, unreadable without the master secret, exchanged without a break."""

from __future__ import annotations

import threading

import pytest

from roundtrip.core.errors import AppError
from roundtrip.oauth import keys, store
from roundtrip.oauth.jwks import public_keys
from roundtrip.oauth.keys import KeyRing
from roundtrip.storage.database import Database
from tests.oauth.conftest import MASTER, NOW, rotated


def test_a_restart_finds_the_same_keys(db: Database) -> None:
    db.write_now(keys.ensure_keys, MASTER, NOW)
    first = db.read_now(keys.load, MASTER, NOW)
    db.write_now(keys.ensure_keys, MASTER, NOW + 1)
    again = db.read_now(keys.load, MASTER, NOW)
    assert [key.kid for key in first.keys] == [key.kid for key in again.keys]
    assert {key.alg for key in again.keys} == set(keys.ALGORITHMS)
    assert [key.key.as_dict(private=True) for key in first.keys] == [key.key.as_dict(private=True) for key in again.keys]


def test_servers_that_start_together_agree_on_the_keys(db: Database) -> None:
    start = threading.Barrier(4)

    def run() -> None:
        start.wait()
        db.write_now(keys.ensure_keys, MASTER, NOW, algorithms=("HS256", "ES256"))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(key.alg for key in db.read_now(keys.load, MASTER, NOW).keys) == ["ES256", "HS256"]


def test_a_stolen_database_holds_no_readable_key(db: Database) -> None:
    db.write_now(keys.ensure_keys, MASTER, NOW)
    ring = db.read_now(keys.load, MASTER, NOW)
    rows = str(db.read_now(store.live_keys, NOW))
    for key in ring.keys:
        private = key.key.as_dict(private=True)
        secret = str(private["k"] if key.alg == "HS256" else private["d"])
        assert secret not in rows
        assert secret not in repr(key)


def test_the_wrong_master_secret_is_named_as_the_cause(db: Database) -> None:
    db.write_now(keys.ensure_keys, MASTER, NOW)
    with pytest.raises(AppError, match="master secret") as caught:
        db.read_now(keys.load, "another secret", NOW)
    assert caught.value.code == "MASTER_SECRET_MISMATCH"


def test_a_key_never_serves_another_algorithm(key_ring: KeyRing) -> None:
    """AUT-12: key confusion."""
    assert key_ring.find("kid-HS256", "HS256") is not None
    assert key_ring.find("kid-HS256", "RS256") is None
    assert key_ring.find("kid-RS256", "HS256") is None


def test_the_newest_key_signs_and_the_old_one_still_verifies(key_ring: KeyRing) -> None:
    ring = rotated(key_ring)
    assert ring.signing("ES256").kid == "new-ES256"
    assert ring.find("kid-ES256", "ES256") is not None


def test_what_is_published_is_public(key_ring: KeyRing) -> None:
    """No private part, nothing of the symmetric key, both keys during a rotation (AUT-18)."""
    published = public_keys(rotated(key_ring))["keys"]
    assert isinstance(published, list)
    assert [key["kid"] for key in published] == ["new-ES256", "new-RS256", "kid-ES256", "kid-RS256"]
    for key in published:
        assert not set(key) & {"d", "p", "q", "dp", "dq", "qi", "k"}
        assert key["use"] == "sig"
        assert key["alg"] in ("ES256", "RS256")
        assert key["kty"] == {"ES256": "EC", "RS256": "RSA"}[key["alg"]]


def test_a_server_without_keys_says_so() -> None:
    with pytest.raises(LookupError, match="HS256"):
        KeyRing([]).signing("HS256")
