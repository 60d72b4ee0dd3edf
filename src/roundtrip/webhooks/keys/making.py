"""Fresh keys, and how they are sealed. What is made here is shown once and kept sealed (OPS-03)."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc.jwk import RSAKey

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.randomness import random_bytes
from roundtrip.core.secrets import seal, unseal
from roundtrip.webhooks.endpoints.model import Envelope
from roundtrip.webhooks.keys.model import KeyKind, WebhookKey

SECRET_PREFIX = "whsec_"  # noqa: S105  what secrets start with
PUBLIC_PREFIX = "whpk_"
_SECRET_BYTES = 32  # the standard allows 24 to 64

KIND_OF: dict[Envelope, KeyKind] = {
    Envelope.STANDARD: KeyKind.V1,
    Envelope.STANDARD_ASYMMETRIC: KeyKind.V1A,
    Envelope.JWT: KeyKind.RS256,
}


@dataclass(frozen=True, slots=True)
class FreshKey:
    """A key just made, before it is kept. `shown` is what its receiver needs: the secret, or the public half."""

    kind: KeyKind
    sealed: str = field(repr=False)
    public_half: str | None
    shown: str = field(repr=False)

    @property
    def hint(self) -> str:
        """Its last characters, by which people tell it from others."""
        return self.shown.strip().removesuffix("-----END PUBLIC KEY-----").strip()[-4:]


def fresh(kind: KeyKind, sealing_key: bytes) -> FreshKey:
    """Make a key. An RSA key takes about 50 ms: never inside a transaction."""
    if kind is KeyKind.V1:
        material = random_bytes(_SECRET_BYTES)
        return FreshKey(kind, _sealed(sealing_key, material), None, SECRET_PREFIX + b64encode(material).decode())
    if kind is KeyKind.V1A:
        private = Ed25519PrivateKey.generate()
        half = PUBLIC_PREFIX + b64encode(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
        material = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return FreshKey(kind, _sealed(sealing_key, material), half, half)
    key = RSAKey.generate_key(2048)
    pem = key.as_pem(private=False).decode()
    return FreshKey(kind, _sealed(sealing_key, key.as_pem(private=True)), pem, pem)


def opened(key: WebhookKey, sealing_key: bytes) -> bytes:
    """The secret, or the private half. Raises INVALID `MASTER_SECRET_MISMATCH`."""
    try:
        return unseal(sealing_key.hex(), key.sealed.encode())
    except InvalidTag as error:
        text = "A webhook key was sealed with another master secret. Set ROUNDTRIP_SECRET to that one, or make a new key."
        raise AppError(Kind.INVALID, "MASTER_SECRET_MISMATCH", text) from error


def _sealed(sealing_key: bytes, material: bytes) -> str:
    return seal(sealing_key.hex(), material).decode()
