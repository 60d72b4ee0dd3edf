"""The sections of the account: what every room brings, found by the name of its file, and the account itself before them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from roundtrip.core.rooms import said_in
from roundtrip.flows.base import Context
from roundtrip.flows.member_account_page.draft import AccountDraft
from roundtrip.members import actions as members
from roundtrip.members.sections import Looking, Section
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked

INFO = "ACCOUNT_INFO"
SECTIONS: Sequence[Section] = tuple(sorted((module.SECTION for module in said_in("*account_section")), key=lambda one: one.place))
_INFO_TITLE = marked("Account")


def page_name(section: str) -> str:
    """The segment of a section's page in the address of the visit."""
    return f"account_{section.lower()}" if section != INFO else "account"


def looking(tx: Tx, draft: AccountDraft, context: Context[Any]) -> Looking:
    """Who looks at their account. Raises NOT_FOUND `MEMBER_NOT_FOUND`."""
    member = members.require_member(tx, context.site.id, draft.member_id or "")
    return Looking(context.site, member, context.now, context.language, context.code_key)


def view(draft: AccountDraft, context: Context[Any], current: str) -> dict[str, object]:
    """What every page of the account shows around its own: the menu, and what was done last."""
    here = f"/session/{context.session.id}/"
    titles = [(INFO, _INFO_TITLE), *((one.name, one.title) for one in SECTIONS)]
    menu: list[Mapping[str, object]] = [
        {"title": title, "url": here + page_name(name), "is_current": name == current} for name, title in titles
    ]
    return {"menu": menu, "said": draft.said or None}
