"""What an owner says around an event: categories of the site, policies that guests agree to, items of the schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from roundtrip.core.told import told

Kind = Literal["category", "policy", "schedule_item"]
KINDS: Final[tuple[Kind, ...]] = ("category", "policy", "schedule_item")
EVENTS: Mapping[str, Mapping[str, str]] = {
    f"event_{kind}": {
        "created": told(f"An owner made a {words}.", f"{name}:map"),
        "updated": told(f"An owner changed a {words}.", f"{name}:map changedFields:texts"),
        "deleted": told(f"An owner deleted a {words}.", f"{name}:map"),
    }
    for kind, name, words in (
        ("category", "category", "category of events"),
        ("policy", "policy", "policy of an event"),
        ("schedule_item", "scheduleItem", "item of a schedule"),
    )
}
"""What is told to the world about them, by slug."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of them as it is kept; `event_id` is empty for a category. `content` has plain values that JSON knows:

    policy: `body`. schedule_item: `description`, `stage`, `tags`, `status`, `hidden`, `start`, `end` (UTC milliseconds).
    """

    site_id: str
    kind: Kind
    id: str
    event_id: str
    name: str
    position: int
    content: Mapping[str, Any]
    revision: int
    created_at: int
    updated_at: int
