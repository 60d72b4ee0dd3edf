"""What API keys, and clients by their secret, can be allowed to do with plans."""

from __future__ import annotations

from roundtrip.core.right import Right

RIGHTS = (
    Right("plan.read", "See plans, hidden ones too, and everybody's orders of plans", "Plans"),
    Right("plan.manage", "Make, change and archive plans; give, pause, cancel and refund orders of plans", "Plans"),
)
