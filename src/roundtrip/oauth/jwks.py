"""The public halves of the signing keys, as a JSON Web Key Set (RFC 7517). Symmetric keys have no public half and never appear."""

from __future__ import annotations

from roundtrip.oauth.keys import KeyRing


def public_keys(key_ring: KeyRing) -> dict[str, object]:
    """Every key that others may meet in a signature, newest first; the old ones too while they verify (AUT-18)."""
    return {
        "keys": [
            {**key.key.as_dict(private=False), "kid": key.kid, "alg": key.alg, "use": "sig"} for key in key_ring.keys if key.alg != "HS256"
        ]
    }
