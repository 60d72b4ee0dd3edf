"""What API keys, and clients by their secret, can be allowed to do with bookings."""

from __future__ import annotations

from roundtrip.core.right import Right

RIGHTS = (
    Right("booking.read", "See services, hidden ones too, their staff and times, and all bookings", "Bookings"),
    Right("booking.manage", "Make, change and delete services, staff, hours and sessions; confirm, move and cancel", "Bookings"),
)
