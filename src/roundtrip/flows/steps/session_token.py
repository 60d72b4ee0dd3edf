"""Being logged in by a session token: the site has checked the member itself, by the identity API."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from roundtrip.core.secrets import hash_secret
from roundtrip.flows.base import Context, Submitted
from roundtrip.flows.steps.login import IdentifiedDraft, begin_login
from roundtrip.members import actions as members
from roundtrip.members.model import LOGIN_PURPOSE
from roundtrip.storage.database import Tx

D = TypeVar("D", bound=IdentifiedDraft)


def log_in_by_token(tx: Tx, draft: D, context: Context[Any], member_id: str) -> Submitted[D]:
    """Go on as the member of a session token that was just spent.

    A browser that is logged in as somebody else stays so: a link can be anybody's (decision record 0016).
    """
    if context.login is None or context.login.member_id == member_id:
        return Submitted(begin_login(tx, draft, context, member_id), login_started=True)
    login = members.start_login(
        tx,
        site_id=context.site.id,
        member_id=member_id,
        login_id=context.fresh.login_id,
        secret_hash=hash_secret(LOGIN_PURPOSE, context.fresh.login_secret),
        now=context.now,
    )
    return Submitted(msgspec.structs.replace(draft, member_id=member_id, login_id=login.id))
