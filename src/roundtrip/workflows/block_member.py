"""Shutting a member out: nobody else may come in as them, and whoever is in goes out."""

from __future__ import annotations

from roundtrip.members import standing
from roundtrip.members.model import Member
from roundtrip.members.standing import Decision
from roundtrip.oauth import revocation
from roundtrip.storage.database import Tx


def block_member(tx: Tx, decision: Decision) -> tuple[Member, tuple[str, ...]]:
    """Block, and end every login and all tokens. Answers the member and the subjects for this node's `RevocationSet`.

    Raises CONFLICT `MEMBER_STATUS` when the member is blocked already, NOT_FOUND `MEMBER_NOT_FOUND`.
    """
    blocked = standing.block(tx, decision)
    return blocked, revocation.end_member(tx, blocked.id, decision.now)
