"""Drafts that nobody paid are forgotten when no money can be on its way for them any more."""

from __future__ import annotations

from roundtrip.plans.orders import store
from roundtrip.plans.orders.model import DRAFTS_KEPT_FOR
from roundtrip.storage.tidying import Tidies

TIDIES = (Tidies(store.forget_drafts, DRAFTS_KEPT_FOR),)
