"""Logins of members end."""

from __future__ import annotations

from roundtrip.members import actions
from roundtrip.storage.tidying import Tidies

TIDIES = (Tidies(actions.forget_expired),)
