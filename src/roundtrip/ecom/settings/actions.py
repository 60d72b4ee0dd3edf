"""What owners can say about how their site sells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from roundtrip.core.told import told
from roundtrip.ecom.settings import store
from roundtrip.ecom.shop import Shop, ShopTerms
from roundtrip.sites.change import changed_meanwhile
from roundtrip.sites.moment import Moment
from roundtrip.storage import audit
from roundtrip.storage.database import Tx

EVENTS: Mapping[str, Mapping[str, str]] = {
    "shop_settings": {"updated": told("An owner changed how the site sells.", "taxIncludedInPrices:yesno weightUnit giftNote:yesno")}
}
"""What is told to the world about a shop's settings, by slug."""

NAME = "way the shop sells"


def update(tx: Tx, shop: Shop, terms: ShopTerms, moment: Moment) -> Shop:
    """Keep what the owner says now of a shop as it was read. Raises CONFLICT `REVISION_CHANGED` when somebody else was quicker."""
    site_id = shop.site_id
    if not store.keep(tx, site_id, terms, shop.revision, moment.now):
        raise changed_meanwhile(NAME, shop.revision)
    before, after = audit.changed(msgspec.to_builtins(shop.terms), msgspec.to_builtins(terms))
    moment.note(tx, site_id, "shop_settings.updated", site_id, "Shop", before, after)
    body = {"taxIncludedInPrices": terms.tax_included, "weightUnit": terms.weight_unit, "giftNote": terms.offers_gift_note}
    moment.tell(tx, site_id, "shop_settings", "updated", site_id, body)
    return replace(shop, terms=terms, revision=shop.revision + 1)
