"""What API keys, and clients by their secret, can be allowed to do with events."""

from __future__ import annotations

from roundtrip.core.right import Right

RIGHTS = (
    Right("event.read", "See events, drafts too, their tickets, orders and guests", "Events"),
    Right("event.manage", "Make, change and cancel events and tickets; cancel orders, answer for guests, check in", "Events"),
)
