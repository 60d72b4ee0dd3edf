"""Addresses by which somebody reaches a booking, or a calendar of bookings, without logging in: unguessable, and derived, so that a copy of
the database opens nothing (decision 0018)."""

from __future__ import annotations

import hmac

from roundtrip.credentials.one_time_code import id_in, link_token

PREFIX = "/booking/"
FEED_PREFIX = "/calendar/"


def path(code_key: bytes, booking_id: str) -> str:
    """The page of one booking on our host."""
    return PREFIX + link_token(_key(code_key, "booking"), booking_id)


def booking_id(code_key: bytes, token: str) -> str | None:
    """The booking behind the name of a page; None when we did not make the name."""
    return id_in(_key(code_key, "booking"), token)


def feed_path(code_key: bytes, feed_id: str) -> str:
    """The address of a feed on our host."""
    return f"{FEED_PREFIX}{link_token(_key(code_key, 'calendar'), feed_id)}.ics"


def feed_id(code_key: bytes, token: str) -> str | None:
    """The feed behind a name; None when we did not make it."""
    return id_in(_key(code_key, "calendar"), token)


def _key(code_key: bytes, purpose: str) -> bytes:
    return hmac.digest(code_key, f"{purpose} pages".encode(), "sha256")
