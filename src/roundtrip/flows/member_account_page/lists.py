"""The pages of the rooms' sections: one list each, in one look, with what can be done with each entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from roundtrip.core.errors import AppError, Kind
from roundtrip.flows.base import Context, Form, Submitted
from roundtrip.flows.member_account_page import menu
from roundtrip.flows.member_account_page.draft import AccountDraft
from roundtrip.flows.member_account_page.params import MemberAccountPage
from roundtrip.flows.steps.buying import moment_of
from roundtrip.flows.steps.refused import refused
from roundtrip.members.sections import Section
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked

DONE = marked("Done.")
NOT_POSSIBLE = marked("This is not possible any more. Look at it again, or ask the business.")

View = Callable[[Tx, AccountDraft, Context[MemberAccountPage]], Mapping[str, object]]
Submit = Callable[[Tx, AccountDraft, Form, Context[MemberAccountPage]], Submitted[AccountDraft]]


def view_of(section: Section) -> View:
    """Shows what the member has."""

    def view(tx: Tx, draft: AccountDraft, context: Context[MemberAccountPage]) -> Mapping[str, object]:
        entries = section.entries(tx, menu.looking(tx, draft, context))
        return {**menu.view(draft, context, section.name), "title": section.title, "empty": section.empty, "entries": entries}

    return view


def submit_of(section: Section) -> Submit:
    """Does what a button of an entry says, and shows the list again."""

    def submit(tx: Tx, draft: AccountDraft, form: Form, context: Context[MemberAccountPage]) -> Submitted[AccountDraft]:
        if section.act is None:
            return Submitted(replace(draft, section=section.name, said=""))
        try:
            section.act(tx, menu.looking(tx, draft, context), form.get("id", "")[:36], form.get("do", "")[:40], moment_of(context))
        except AppError as error:
            if error.kind not in (Kind.CONFLICT, Kind.NOT_FOUND):
                raise
            raise refused(("", NOT_POSSIBLE)) from error
        return Submitted(replace(draft, section=section.name, said=DONE))

    return submit
