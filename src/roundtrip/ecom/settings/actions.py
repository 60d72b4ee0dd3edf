"""What owners can say about how their site sells."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.ecom.moment import Moment
from roundtrip.ecom.settings import store
from roundtrip.ecom.shop import ShopTerms
from roundtrip.sites.change import changed_meanwhile
from roundtrip.storage.database import Tx

EVENTS: Mapping[str, str] = {"updated": "An owner changed how the site sells."}
"""What is told to the world about a shop's settings, by slug."""

NAME = "way the shop sells"


def update(tx: Tx, site_id: str, terms: ShopTerms, revision: int, moment: Moment) -> int:
    """Keep what the owner says now; answers the new revision. Raises CONFLICT `REVISION_CHANGED` when somebody else was quicker."""
    if not store.keep(tx, site_id, terms, revision, moment.now):
        raise changed_meanwhile(NAME, revision)
    body = {"taxIncludedInPrices": terms.tax_included, "weightUnit": terms.weight_unit, "giftNote": terms.offers_gift_note}
    moment.tell(tx, site_id, "shop_settings", "updated", site_id, body)
    return revision + 1
