"""What API keys, and clients by their secret, can be allowed to do about being told."""

from __future__ import annotations

from roundtrip.core.right import Right

RIGHTS = (
    Right("webhook.read", "See webhook endpoints and what was delivered to them", "Webhooks"),
    Right("webhook.manage", "Make, change and delete webhook endpoints, and send events again", "Webhooks"),
    Right("event.read", "Read the feed of everything that happens, with what is in it about people", "Webhooks"),
)
