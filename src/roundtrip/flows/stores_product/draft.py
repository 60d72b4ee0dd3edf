"""What a visitor has chosen of a product."""

from __future__ import annotations

import msgspec


class ProductDraft(msgspec.Struct, frozen=True, omit_defaults=True):
    """`checkout_id` is made once the visitor wants to buy."""

    version: int = 1
    checkout_id: str = ""
