"""Grants and authorization codes end."""

from __future__ import annotations

from roundtrip.oauth import grants
from roundtrip.storage.tidying import Tidies

TIDIES = (Tidies(grants.forget_expired),)
