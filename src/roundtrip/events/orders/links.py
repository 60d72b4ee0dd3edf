"""Addresses by which somebody reaches their tickets without logging in, and what is in the square code of a ticket: unguessable, and
derived, so that a copy of the database opens no door (decision 0018)."""

from __future__ import annotations

import hmac
import re

from roundtrip.credentials.one_time_code import id_in, link_token

ORDER_PREFIX = "/tickets/"
TICKET_PREFIX = "/ticket/"
RSVP_PREFIX = "/rsvp/"
_PAGE = re.compile(rf"(?:https?://[^/\s]+)?{TICKET_PREFIX}([A-Za-z0-9_-]+)")


def order_path(code_key: bytes, order_id: str) -> str:
    """The page of the tickets of an order."""
    return ORDER_PREFIX + link_token(_key(code_key, "order"), order_id)


def order_id(code_key: bytes, token: str) -> str | None:
    """The order behind the name of a page; None when we did not make the name."""
    return id_in(_key(code_key, "order"), token)


def ticket_path(code_key: bytes, ticket_id: str) -> str:
    """The page of one ticket: its address is what the square code says, so that any telephone shows whose ticket it is."""
    return TICKET_PREFIX + link_token(_key(code_key, "ticket"), ticket_id)


def ticket_id(code_key: bytes, code: str) -> str | None:
    """The ticket behind a square code, whole or the last part of it; None when we did not make it."""
    found = _PAGE.fullmatch(code.strip())
    return id_in(_key(code_key, "ticket"), found[1] if found else code.strip())


def rsvp_path(code_key: bytes, rsvp_id: str) -> str:
    """The page of an answer."""
    return RSVP_PREFIX + link_token(_key(code_key, "rsvp"), rsvp_id)


def rsvp_id(code_key: bytes, token: str) -> str | None:
    """The answer behind the name of a page; None when we did not make the name."""
    return id_in(_key(code_key, "rsvp"), token)


def _key(code_key: bytes, purpose: str) -> bytes:
    return hmac.digest(code_key, f"event {purpose} pages".encode(), "sha256")
