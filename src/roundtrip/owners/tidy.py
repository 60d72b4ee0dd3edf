"""Logins of owners, and invitations, end."""

from __future__ import annotations

from roundtrip.owners import actions
from roundtrip.storage.tidying import Tidies

TIDIES = (Tidies(actions.forget_expired),)
