"""A request to be told when something is back in stock. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from roundtrip.core.clock import DAY
from roundtrip.core.told import told
from roundtrip.ecom.goods import Reference

ENTITY = "back_in_stock_request"
_OF_REQUEST = "id catalogItemId variantId"
EVENTS: Mapping[str, Mapping[str, str]] = {
    "back_in_stock_request": {
        "created": told(
            "Somebody wants to be told when a variant is back in stock. Carries its id and the product's and variant's.",
            _OF_REQUEST,
        ),
        "notified": told("The goods are back, and the mail that says so is on its way.", _OF_REQUEST),
        "deleted": told("An owner deleted a request.", _OF_REQUEST),
    }
}
"""What is told to the world about a request, by slug. The address is not among it."""

KEPT_FOR = 365 * DAY
"""How long a request is kept after it was made or answered."""
MOST_WAITING = 20
"""How many things one address can wait for at a site: whoever types somebody else's address fills no mailbox."""


class Status(StrEnum):
    """Whether somebody waits, or was told."""

    RECEIVED = "RECEIVED"
    NOTIFICATION_SENT = "NOTIFICATION_SENT"


@dataclass(frozen=True, slots=True)
class Request:
    """One address that waits for one variant, or was told. `reference` and `item_url` are as sent, `language` is that of the mail."""

    id: str
    site_id: str
    client_id: str
    email: str
    reference: Reference
    variant_id: str
    item_url: str
    language: str
    status: Status
    created_at: int
    changed_at: int

    @property
    def product_id(self) -> str:
        """What is waited for; of it, `variant_id`."""
        return self.reference.item_id


@dataclass(frozen=True, slots=True)
class Due:
    """A variant that came back while somebody waited. `version` is how often it did when this was read."""

    site_id: str
    product_id: str
    variant_id: str
    version: int
