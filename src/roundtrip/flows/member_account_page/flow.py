"""The `memberAccountPage` flow: pages that a member looks at as long as they like, and leaves by the way back. It brings back nothing."""

from __future__ import annotations

from msgspec.structs import replace

from roundtrip.flows.base import Asked, Began, Context, Flow, Form, Identity, Outcome, Step, Submitted
from roundtrip.flows.leaving import after_flow
from roundtrip.flows.links import through_entry
from roundtrip.flows.member_account_page import account, lists, menu
from roundtrip.flows.member_account_page.draft import AccountDraft
from roundtrip.flows.member_account_page.params import INTENT, MemberAccountPage
from roundtrip.flows.steps.identified import carried_over
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx

PATH = "/__members/account"


def check(tx: Tx, asked: Asked[MemberAccountPage]) -> None:
    """Anybody may be sent to their account; who is not known yet logs in there."""


def begin(tx: Tx, context: Context[MemberAccountPage]) -> Began[AccountDraft]:
    """With the section that the site named, if there is one; the member whose token asked is known."""
    wanted = context.params.section.value
    known = {one.name for one in menu.SECTIONS}
    return carried_over(tx, AccountDraft(section=wanted if wanted in known else menu.INFO), context)


def finish(tx: Tx, draft: AccountDraft, context: Context[MemberAccountPage]) -> Outcome:
    """The member has seen enough; there is no id to bring back."""
    return Outcome()


def _pages() -> dict[str, Step[AccountDraft]]:
    """Every page by its section; each is another way through the one step that the visit consists of."""
    pages = {menu.INFO: _page(menu.INFO, "account", account.view, account.submit)}
    for section in menu.SECTIONS:
        pages[section.name] = _page(section.name, "account_list", lists.view_of(section), lists.submit_of(section))
    pages["RECORD"] = _page("RECORD", "account_record", account.record_view, account.record_submit)
    pages["FILE"] = _page("FILE", "account_record", account.file_view, account.record_submit)
    pages["ERASE"] = _page("ERASE", "account_erase", account.erase_view, account.erase_submit)
    return pages


def _page(name: str, template: str, view: lists.View, submit: lists.Submit) -> Step[AccountDraft]:
    def is_current(draft: AccountDraft) -> bool:
        return draft.section == name

    return Step(
        name=menu.page_name(name),
        needed=is_current,
        done=lambda draft: draft.has_left,
        view=view,
        submit=_or_leave(submit),
        template=template,
    )


def _or_leave(submit: lists.Submit) -> lists.Submit:
    """Every page has the way out that ends the visit."""

    def submitted(tx: Tx, draft: AccountDraft, form: Form, context: Context[MemberAccountPage]) -> Submitted[AccountDraft]:
        return Submitted(replace(draft, has_left=True)) if form.get("do") == "leave" else submit(tx, draft, form, context)

    return submitted


def _steps() -> tuple[Step[AccountDraft], ...]:
    pages = _pages()
    first = [menu.INFO, *(one.name for one in menu.SECTIONS)]
    return tuple(_with_others(pages[name], [one for other, one in pages.items() if other != name]) for name in first)


def _with_others(page: Step[AccountDraft], others: list[Step[AccountDraft]]) -> Step[AccountDraft]:
    return Step(page.name, page.needed, page.done, page.view, page.submit, alternatives=tuple(others), template=page.template)


FLOW: Flow[MemberAccountPage, AccountDraft] = Flow(
    intent=INTENT,
    params=MemberAccountPage,
    draft=AccountDraft,
    returns_to=Rule.REDIRECT_DOMAIN,
    identity=Identity.MEMBER,
    check=check,
    link=through_entry(lambda params: PATH, lambda params: {"section": params.section.value}),
    begin=begin,
    steps=_steps(),
    finish=finish,
    leave=after_flow,
)
