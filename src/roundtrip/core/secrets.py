"""Secrets that are shown once and stored as a hash. Each starts with a prefix that says what it is for."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from roundtrip.core.randomness import random_bytes

_NONCE_BYTES = 12
LENGTH_BYTES = 32  # 256 bits: twice what SES-01 asks for, and nothing is gained by less


def new_secret(prefix: str) -> str:
    """A fresh secret from the operating system's generator, as `prefix` and 43 url-safe characters."""
    return prefix + urlsafe_b64encode(random_bytes(LENGTH_BYTES)).rstrip(b"=").decode()


def hash_secret(purpose: str, secret: str) -> str:
    """What is stored instead of the secret (hex, 64 characters).

    The purpose is part of the hash: a value stolen from one table, or presented at another door, matches nothing there. A fast hash
    is enough because the secret is random; passwords go through argon2 in `credentials/passwords.py`.
    """
    return hashlib.sha256(f"{purpose}\0{secret}".encode()).hexdigest()


def seal(secret: str, content: bytes) -> bytes:
    """`content` as only a holder of `secret` can read it (AES-256-GCM, RFC 5116; the nonce stands in front), as base64 text."""
    nonce = random_bytes(_NONCE_BYTES)
    return urlsafe_b64encode(nonce + AESGCM(_sealing_key(secret)).encrypt(nonce, content, None))


def unseal(secret: str, sealed: bytes) -> bytes:
    """What `seal` was given. Raises `cryptography.exceptions.InvalidTag` for another secret or changed bytes."""
    both = urlsafe_b64decode(sealed)
    return AESGCM(_sealing_key(secret)).decrypt(both[:_NONCE_BYTES], both[_NONCE_BYTES:], None)


def _sealing_key(secret: str) -> bytes:
    return hashlib.sha256(f"seal\0{secret}".encode()).digest()


def derived_key(master_secret: str, purpose: str) -> bytes:
    """32 bytes for one purpose, from the installation's one secret: knowing one of them says nothing about another."""
    return hmac.digest(master_secret.encode(), f"roundtrip {purpose}".encode(), hashlib.sha256)


def same(a: str, b: str) -> bool:
    """Compare in constant time (AUT-13)."""
    return hmac.compare_digest(a.encode(), b.encode())
