"""Numbers of orders: short enough to read out at a door, and not to be guessed. They say nothing about how many orders there are."""

from __future__ import annotations

import hashlib

_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without those that people take for one another."""
_LENGTH = 11


def order_number(order_id: str, attempt: int = 0) -> str:
    """Like `2ABC-DEFG-HJK`. `attempt` gives another one, for the day on which one is taken."""
    value = int.from_bytes(hashlib.sha256(f"order number {attempt} {order_id}".encode()).digest()[:16], "big")
    signs = ""
    for _ in range(_LENGTH):
        value, rest = divmod(value, len(_SIGNS))
        signs += _SIGNS[rest]
    return f"{signs[:4]}-{signs[4:8]}-{signs[8:]}"


def ticket_number(number: str, place: int) -> str:
    """Like `2ABC-DEFG-HJK-01`: that of its order, and its place in it from 1."""
    return f"{number}-{place:02d}"


def read_number(typed: str) -> str:
    """As somebody at the door types it: in small letters, with blanks around."""
    return "".join(typed.split()).upper()
