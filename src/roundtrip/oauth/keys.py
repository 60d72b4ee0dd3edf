"""Signing keys: made once, kept encrypted, several at a time so that they can be exchanged without a break.

A key's *generation* orders the keys of one algorithm: the newest signs, every key that is not retired verifies. What is signed with them is
elsewhere (`access_token.py`, `id_token.py`), and so is what others may see of them (`jwks.py`).
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

from roundtrip.core.errors import AppError, Kind
from roundtrip.oauth import store
from roundtrip.storage.database import Tx

Algorithm = Literal["HS256", "ES256", "RS256"]
ALGORITHMS: tuple[Algorithm, ...] = ("HS256", "ES256", "RS256")
_SEAL = {"alg": "dir", "enc": "A256GCM"}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key, private part included: never log it, never send it."""

    kid: str
    alg: Algorithm
    generation: int
    key: OctKey | ECKey | RSAKey

    def __repr__(self) -> str:
        return f"SigningKey({self.kid}, {self.alg}, {self.generation})"


class KeyRing:
    """Every key that verifies, and for each algorithm the one that signs."""

    def __init__(self, keys: Sequence[SigningKey]) -> None:
        self.keys = tuple(sorted(keys, key=lambda key: -key.generation))
        self._by_kid = {key.kid: key for key in self.keys}

    def find(self, kid: str, alg: Algorithm) -> SigningKey | None:
        """The key with this id, if it is one of this algorithm: a key never verifies under another algorithm's name (AUT-12)."""
        key = self._by_kid.get(kid)
        return key if key is not None and key.alg == alg else None

    def signing(self, alg: Algorithm) -> SigningKey:
        """The newest key of an algorithm. Raises `LookupError` when there is none (`ensure_keys` was not run)."""
        for key in self.keys:
            if key.alg == alg:
                return key
        raise LookupError(f"no signing key for {alg}")


def ensure_keys(tx: Tx, master_secret: str, now: int, algorithms: Sequence[Algorithm] = ALGORITHMS) -> None:
    """Make the first key of every algorithm that has none. Run at start; does nothing from the second start on.

    Random values are made inside the transaction, against the habit of this code, because it happens once in a database's life; the
    constraint on generations keeps one of two servers that do it at once.
    """
    present = {row[1] for row in store.live_keys(tx)}
    for alg in algorithms:
        if alg not in present:
            key = new_key(alg)
            store.add_key(tx, kid=_kid(key), alg=alg, generation=1, private_key=_seal(key, master_secret), now=now)


def load(tx: Tx, master_secret: str) -> KeyRing:
    """All keys in use. Raises `AppError` when the master secret is not the one they were encrypted with."""
    rows = store.live_keys(tx)
    return KeyRing([SigningKey(kid, alg, number, _open(kid, alg, sealed, master_secret)) for kid, alg, number, sealed in rows])


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
