"""Signing keys: made once, kept encrypted, several at a time so that they can be exchanged without a break.

A key's *generation* orders the keys of one algorithm: the newest whose time has come signs, every key that is not retired verifies. What is
signed with them is elsewhere (`access_token.py`, `id_token.py`), and so is what others may see of them (`jwks.py`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, RSAKey

from roundtrip.core.clock import DAY, HOUR
from roundtrip.core.errors import AppError, Kind
from roundtrip.oauth import store
from roundtrip.storage.database import Tx

Algorithm = Literal["HS256", "ES256", "RS256"]
ALGORITHMS: tuple[Algorithm, ...] = ("HS256", "ES256", "RS256")
PUBLISHED_BEFORE = HOUR
"""How long a new key is in the key set before it signs, so that nobody meets a signature with a key they do not know (AUT-18)."""
VERIFIES_FOR = DAY
"""How long a replaced key verifies after its last signature: longer than anything lives that we sign."""
_SEAL = {"alg": "dir", "enc": "A256GCM"}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key, private part included: never log it, never send it."""

    kid: str
    alg: Algorithm
    generation: int
    key: OctKey | ECKey | RSAKey
    signs_from: int = 0

    def __repr__(self) -> str:
        return f"SigningKey({self.kid}, {self.alg}, {self.generation})"


class KeyRing:
    """Every key that verifies, and for each algorithm the one that signs. One per process, renewed in place after a rotation."""

    def __init__(self, keys: Sequence[SigningKey]) -> None:
        self.use(keys)

    def use(self, keys: Sequence[SigningKey]) -> None:
        """Exchange the keys."""
        self.keys = tuple(sorted(keys, key=lambda key: -key.generation))

    def find(self, kid: str, alg: Algorithm) -> SigningKey | None:
        """The key with this id, if it is one of this algorithm: a key never verifies under another algorithm's name (AUT-12)."""
        return next((key for key in self.keys if key.kid == kid and key.alg == alg), None)

    def signing(self, alg: Algorithm, now: int | None = None) -> SigningKey:
        """The newest key of an algorithm whose time has come, or the very newest without a time.

        Raises `LookupError` when there is none (`ensure_keys` was not run).
        """
        for key in self.keys:
            if key.alg == alg and (now is None or key.signs_from <= now):
                return key
        raise LookupError(f"no signing key for {alg}")


def ensure_keys(tx: Tx, master_secret: str, now: int, algorithms: Sequence[Algorithm] = ALGORITHMS) -> None:
    """Make the first key of every algorithm that has none. Run at start; does nothing from the second start on.

    Random values are made inside the transaction, against the habit of this code, because it happens once in a database's life; the
    constraint on generations keeps one of two servers that do it at once.
    """
    present = {row[1] for row in store.live_keys(tx, now)}
    for alg in algorithms:
        if alg not in present:
            key = new_key(alg)
            store.add_key(tx, kid=_kid(key), alg=alg, generation=1, private_key=_seal(key, master_secret), now=now)


def rotate(
    tx: Tx, key: OctKey | ECKey | RSAKey, alg: Algorithm, master_secret: str, now: int, *, published_before: int, verifies_for: int
) -> str:
    """Make `key` the next one of an algorithm; its id. It signs in `published_before` milliseconds, and the ones before it verify
    for `verifies_for` after that. Raises CONFLICT `KEYS_CHANGED` when somebody else rotated at the same moment.
    """
    generation = store.last_generation(tx, alg) + 1
    kid, signs_from = _kid(key), now + published_before
    sealed = _seal(key, master_secret)
    if not store.add_key(tx, kid=kid, alg=alg, generation=generation, private_key=sealed, now=now, signs_from=signs_from):
        raise AppError(
            Kind.CONFLICT, "KEYS_CHANGED", f"The {alg} key was rotated at the same moment; look at the keys before doing it again."
        )
    store.retire_keys(tx, alg, generation, signs_from + verifies_for)
    return kid


@dataclass(frozen=True, slots=True)
class KeyState:
    """A key as its owner sees it, without its material. Times are UTC milliseconds; `retired_at` may lie ahead."""

    kid: str
    alg: Algorithm
    generation: int
    created_at: int
    signs_from: int
    retired_at: int | None


def states(tx: Tx) -> list[KeyState]:
    """Every key there ever was, by algorithm, newest first."""
    return [KeyState(*row) for row in store.key_states(tx)]


def fingerprint(tx: Tx, now: int) -> tuple[tuple[str, int], ...]:
    """What changes when the keys do: every node compares it all the time, and loads the keys again when it differs."""
    return tuple((kid, signs_from) for kid, signs_from in store.live_kids(tx, now))


def load(tx: Tx, master_secret: str, now: int) -> KeyRing:
    """All keys in use. Raises `AppError` when the master secret is not the one they were encrypted with."""
    rows = store.live_keys(tx, now)
    return KeyRing(
        [SigningKey(kid, alg, number, _open(kid, alg, sealed, master_secret), signs_from) for kid, alg, number, sealed, signs_from in rows]
    )


def new_key(alg: Algorithm) -> OctKey | ECKey | RSAKey:
    """Fresh key material. An RSA key takes about 50 ms."""
    if alg == "HS256":
        return OctKey.import_key(secrets.token_bytes(32))
    return ECKey.generate_key("P-256") if alg == "ES256" else RSAKey.generate_key(2048)


def _kid(key: OctKey | ECKey | RSAKey) -> str:
    # A thumbprint (RFC 7638) of a symmetric key would be a hash of the secret itself, so those get a random name.
    return secrets.token_urlsafe(9) if isinstance(key, OctKey) else key.thumbprint()


def _seal(key: OctKey | ECKey | RSAKey, master_secret: str) -> str:
    return jwe.encrypt_compact(_SEAL, msgspec.json.encode(key.as_dict(private=True)), _master_key(master_secret))


def _open(kid: str, alg: Algorithm, sealed: str, master_secret: str) -> OctKey | ECKey | RSAKey:
    try:
        plaintext = jwe.decrypt_compact(sealed, _master_key(master_secret), algorithms=list(_SEAL.values())).plaintext
    except (JoseError, ValueError) as error:
        text = f"Signing key {kid} cannot be decrypted with this master secret; set the secret that this database was first started with."
        raise AppError(Kind.INVALID, "MASTER_SECRET_MISMATCH", text) from error
    material = msgspec.json.decode(plaintext or b"")
    kinds: dict[str, type[OctKey] | type[ECKey] | type[RSAKey]] = {"HS256": OctKey, "ES256": ECKey, "RS256": RSAKey}
    return kinds[alg].import_key(material)


def _master_key(master_secret: str) -> OctKey:
    # The purpose is mixed in, so that the master secret can serve other purposes too without one key opening another's door.
    return OctKey.import_key(hmac.digest(master_secret.encode(), b"roundtrip signing keys", hashlib.sha256))
