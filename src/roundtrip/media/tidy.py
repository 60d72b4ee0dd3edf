"""Addresses to bring a picture to end."""

from __future__ import annotations

from roundtrip.media import store
from roundtrip.storage.tidying import Tidies

TIDIES = (Tidies(store.forget_uploads),)
