"""Drives every flow: one visit from the entry address to the way back. Knows no intent by name, and no HTTP.

Each public function is one transaction. What a page shall do next comes back as a value (`next.py`): `Show` a step, `GoTo` another
address of the same visit, `Elsewhere`, `Leave`, or `Ended` with the reason why there is nothing to show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from roundtrip.core.errors import AppError, Kind, Refused
from roundtrip.flows import acknowledged, ending, site_login
from roundtrip.flows.base import Continue, Flow, Form, Outcome, Step, Submitted, Work
from roundtrip.flows.create import Creation, create_opened
from roundtrip.flows.next import NOTHING, RETURN, Changes, Elsewhere, End, Ended, GoTo, Hold, Leave, Next, Notice, Pay, SentBack, Show
from roundtrip.flows.notes import refused_step
from roundtrip.flows.registry import registry
from roundtrip.flows.steps.login import LOGIN, LOGIN_STEPS
from roundtrip.flows.visit import Edge, Visit, context_of, find_login, load
from roundtrip.members import actions as members
from roundtrip.redirect_session import actions, moments
from roundtrip.redirect_session.model import LIVING, Status
from roundtrip.redirect_session.moments import MomentKind
from roundtrip.redirect_session.return_url import NotAllowed
from roundtrip.storage.database import Tx

__all__ = ["NOTHING", "Changes", "Elsewhere", "End", "Ended", "GoTo", "Leave", "Next", "Notice", "SentBack", "Show"]


def look(tx: Tx, session_id: str, secret: str | None, edge: Edge) -> Next | Visit:
    """What opening the entry address would do, without doing it: for HEAD, previews and browsers that do not say who they are.

    A `Visit` means: it can be opened.
    """
    visit = load(tx, session_id, edge)
    if visit is None:
        return Ended(End.NOT_FOUND)
    if actions.is_bound_to(visit.session, edge.browser.session_secret):
        return GoTo(visit, _segment(visit))
    if secret is None or not actions.is_entry_secret(visit.session, secret):
        return Ended(End.NOT_FOUND)
    match visit.session.status_at(edge.now):
        case Status.CREATED:
            return visit
        case Status.EXPIRED:
            return Ended(End.EXPIRED, visit)
        case _:
            return Ended(End.ALREADY_USED, visit)


def enter(tx: Tx, session_id: str, secret: str | None, edge: Edge) -> Next:
    """Open a session for the browser that came first, or take its own browser on to where it was (SES-03, SES-04)."""
    seen = look(tx, session_id, secret, edge)
    if isinstance(seen, GoTo) and seen.visit.session.may_reopen and actions.reopen(tx, seen.visit.session, edge.now):
        return replace(seen, segment=_segment(load(tx, session_id, edge) or seen.visit))
    if not isinstance(seen, Visit):
        return seen
    opened = actions.open_(
        tx, seen.session, browser_secret=edge.fresh.browser_secret, lifetimes=edge.lifetimes, now=edge.now, came_from=edge.referrer_origin
    )
    if opened is None:
        return Ended(End.ALREADY_USED, seen)
    return _begin(tx, replace(seen, session=opened), edge)


def enter_directly(tx: Tx, wanted: Creation, edge: Edge) -> Next:
    """A standard client's request without a redirect session: make one, already opened and bound, and go on as ever."""
    session, client, site = create_opened(tx, wanted, browser_secret=edge.fresh.browser_secret, came_from=edge.referrer_origin)
    if edge.only_site not in (None, site.id):
        raise AppError(Kind.NOT_FOUND, "CLIENT_NOT_FOUND", f"This address belongs to another site than client {client.id}.")
    return _begin(tx, Visit(wanted.flow, session, client, site, wanted.flow.keep(wanted.params), None, find_login(tx, site.id, edge)), edge)


def show(tx: Tx, session_id: str, segment: str, edge: Edge) -> Next:
    """The page of one step, for the bound browser. Which step it is follows from the draft, never from the address."""
    visit = bound(tx, session_id, edge)
    if isinstance(visit, Ended):
        return visit
    # A visit that was walked away from shows its page again (the Back button); sending the form opens it again.
    walked_away = visit.session.may_reopen and edge.now < visit.session.expires_at
    if visit.session.status_at(edge.now) is not Status.OPENED and not walked_away:
        return ending.after_end(visit, edge)
    step = current_step(visit)
    if step is None:
        return GoTo(visit, RETURN)
    page = _page(step, segment)
    if page is None:
        return GoTo(visit, step.name)
    notice = site_login.notice(visit.draft) if step is LOGIN else None
    if page is LOGIN:
        try:
            outside = site_login.instead_of_page(visit, edge)
        except NotAllowed:
            notice = Notice.LOGIN_ADDRESS_REFUSED
        else:
            if outside is not None:
                return outside
    return _show(tx, visit, step, page, notice, edge)


def _show(tx: Tx, visit: Visit, step: Step[Any], page: Step[Any], notice: Notice | None, edge: Edge) -> Show:
    steps = [one for one in _steps(visit.flow) if one.needed(visit.draft) and one.counts]
    shown = page.view(tx, visit.draft, context_of(visit, edge))
    if visit.flow.without_login is not None and step in LOGIN_STEPS:
        shown = {**shown, "may_decline": True}
    if visit.flow.beside_login is not None and step in LOGIN_STEPS:
        shown = {**shown, "summary": visit.flow.beside_login(tx, context_of(visit, edge))}
    number = steps.index(step) + 1 if step.counts else 0
    of = len(steps) + int(str(shown.get("steps_beyond", 0)))
    known = _known(shown)
    # What was typed on an earlier page goes before what the request asked to fill in; a field that knows nothing is there, and empty.
    typed = {name: value for name, value in known.items() if value}
    view = {**shown, "values": {**known, **visit.flow.prefilled(visit.params), **typed}}
    others = tuple(one.name for one in (step, *step.alternatives) if one is not page)
    own_page = step is LOGIN and site_login.is_offered(visit, edge)
    return Show(visit, page, view, number, of, others, notice, own_page)


def _known(shown: Mapping[str, object]) -> Mapping[str, object]:
    """What a step wants to find in its fields before anything is typed."""
    values = shown.get("values")
    return values if isinstance(values, Mapping) else {}


def prepare(tx: Tx, session_id: str, segment: str, form: Form, edge: Edge) -> Work | None:
    """The job that has to be done between reading the form and submitting it, if the step has one."""
    visit = _held(tx, session_id, edge)
    if visit is None or not _is_open(visit, edge) or not any(page.prepare for page in _pages(visit.flow) if page.name == segment):
        return None
    visit = refreshed(tx, visit, edge)
    page = _page(current_step(visit), segment)
    if _declines_login(visit, page, form):
        return None
    return page.prepare(tx, visit.draft, form, context_of(visit, edge)) if page and page.prepare else None


def submit(tx: Tx, session_id: str, segment: str, form: Form, edge: Edge, work: object | None) -> Next | Refused:
    """Take a step's form. A form of a step that is not the current one changes nothing and leads to the current one (SES-04).

    `Refused`: the step says no, and what it wrote (a counted guess) is kept.
    """
    visit = bound(tx, session_id, edge)
    if isinstance(visit, Ended):
        return visit
    if visit.session.may_reopen:
        # False when another tab has just done it: what is stored now counts either way.
        actions.reopen(tx, visit.session, edge.now)
        visit = load(tx, session_id, edge) or visit
    if visit.session.status_at(edge.now) is not Status.OPENED:
        return ending.after_end(visit, edge)
    step = current_step(visit)
    page = _page(step, segment) if step else None
    if step is None or page is None:
        return GoTo(visit, step.name if step else RETURN)
    if _declines_login(visit, page, form) and visit.flow.without_login is not None:
        return advance(tx, visit, Submitted(visit.flow.without_login(visit.draft)), edge)
    submitted = page.submit(tx, visit.draft, form, replace(context_of(visit, edge), work=work))
    if isinstance(submitted, Submitted) and submitted.gone is not None:
        return Leave(visit, submitted.gone, Changes(login_ended=True, revoked=submitted.revoked))
    if isinstance(submitted, Refused):
        moments.note(tx, visit.session.id, MomentKind.STEP_REFUSED, edge.now, refused_step(page.name, submitted.error))
        return submitted
    if submitted.refused is not None:
        moments.note(tx, visit.session.id, MomentKind.STEP_REFUSED, edge.now, refused_step(page.name, submitted.refused))
        _save_draft(tx, visit, submitted.draft, edge.now)  # another tab's draft is as good
        return Refused(submitted.refused)
    moments.note(tx, visit.session.id, MomentKind.STEP_DONE, edge.now, {"step": page.name})
    return advance(tx, visit, submitted, edge)


def _declines_login(visit: Visit, page: Step[Any] | None, form: Form) -> bool:
    """Sent by the pages around logging in, where a flow leaves that to its visitor."""
    is_login = any(page is one or page in one.alternatives for one in LOGIN_STEPS)
    return is_login and visit.flow.without_login is not None and form.get("decline") == "login"


def start_again(tx: Tx, session_id: str, edge: Edge, *, new_session_id: str) -> Next:
    """The same visit once more, in the browser that it belonged to: same target, same request, nothing filled in (SES-11)."""
    visit = bound(tx, session_id, edge)
    if isinstance(visit, Ended):
        return visit
    if visit.session.status_at(edge.now) in LIVING:
        return GoTo(visit, _segment(visit))
    session = actions.repeat(
        tx, visit.session, session_id=new_session_id, browser_secret=edge.fresh.browser_secret, lifetimes=edge.lifetimes, now=edge.now
    )
    again = load(tx, session.id, edge)
    assert again is not None  # made in this transaction, of a flow that was there
    return _begin(tx, again, edge)


def leave(tx: Tx, session_id: str, edge: Edge) -> Next:
    """The visitor walks away: abandon what is open, then go back to the site."""
    visit = bound(tx, session_id, edge)
    if isinstance(visit, Ended):
        return visit
    if visit.session.status_at(edge.now) is Status.OPENED:
        actions.abandon(tx, visit.session, edge.now)
    departed = ending.depart(tx, visit, edge)
    # An answer that may not be had again is no reason to keep anybody: they go back without it.
    return ending.without_answer(tx, visit, edge) if isinstance(departed, Ended) else departed


def outside(tx: Tx, session_id: str, edge: Edge) -> Next:
    """The visitor asks for the site's own login page. Raises `return_url.NotAllowed`."""
    visit = bound(tx, session_id, edge)
    if isinstance(visit, Ended):
        return visit
    is_open = visit.session.status_at(edge.now) is Status.OPENED and current_step(visit) is LOGIN
    return (site_login.page(visit, edge) if is_open else None) or GoTo(visit, _segment(visit))


def resume(tx: Tx, session_id: str, key: str, token: str | None, edge: Edge) -> Next:
    """Back from the site's own login page: spend what it brought, and go on at the next step (SES-09, AUT-16).

    Nothing is spent for another browser, for a visit that is over, or when somebody is logged in already.
    """
    visit = bound(tx, session_id, edge)
    if isinstance(visit, Ended):
        return visit
    if visit.session.may_reopen:
        actions.reopen(tx, visit.session, edge.now)
        visit = load(tx, session_id, edge) or visit
    if visit.session.status_at(edge.now) is not Status.OPENED:
        return ending.after_end(visit, edge)
    if current_step(visit) is not LOGIN:
        return GoTo(visit, _segment(visit))
    submitted = site_login.come_back(tx, visit.draft, key, token, context_of(visit, edge), edge.browser.session_secret)
    return advance(tx, visit, submitted, edge)


def leave_unopened(tx: Tx, session_id: str, secret: str | None, edge: Edge) -> Next:
    """Back to the site for somebody who holds the link of a session and has not opened it: not yet, too late, or opened elsewhere.

    Moves nothing: the link stays as good as it was, and what is under way in another browser goes on.
    """
    seen = look(tx, session_id, secret, edge)
    held = seen.visit if isinstance(seen, Ended) else seen
    if not isinstance(held, Visit):
        return held or Ended(End.NOT_FOUND)
    return ending.without_answer(tx, held, edge)


def return_(tx: Tx, session_id: str, edge: Edge) -> Next:
    """Back to the site with what happened. Repeating it repeats the answer, so a lost response loses nobody."""
    visit = bound(tx, session_id, edge)
    if isinstance(visit, Ended):
        return visit
    if visit.session.status_at(edge.now) is Status.OPENED:
        # Nothing left to do although nobody sent a form: what was missing happened elsewhere (a payment came in).
        return GoTo(visit, _segment(visit)) if current_step(visit) else advance(tx, visit, Submitted(visit.draft), edge)
    if acknowledged.waits(tx, visit.session, visit.client, edge.now):
        return Hold(visit)
    logged_in, changes = ending.regain_login(tx, visit, edge)
    departed = ending.depart(tx, logged_in, edge)
    return replace(departed, changes=changes) if isinstance(departed, Leave) else departed


def _begin(tx: Tx, visit: Visit, edge: Edge) -> Next:
    if visit.login is not None:
        members.touch(tx, visit.login, edge.now)
    began = visit.flow.begin(tx, context_of(visit, edge))
    draft = site_login.remember(began.draft, visit, edge)
    begun = replace(visit, draft=draft)
    if began.error is not None:
        outcome = Outcome(error=began.error.oauth_error or began.error.code.lower())
        return ending.settle(tx, begun, outcome, edge, Changes(login_started=began.login_started), silent=True)
    answer = advance(tx, begun, Submitted(draft, began.login_started), edge, silent=True)
    return replace(answer, opened=True) if isinstance(answer, GoTo) else answer


def advance(tx: Tx, visit: Visit, submitted: Submitted[Any], edge: Edge, *, silent: bool = False) -> Next:
    """Keep the new draft; then the next step, or the end."""
    advanced = refreshed(tx, replace(visit, draft=submitted.draft), edge)
    if not _save_draft(tx, visit, advanced.draft, edge.now):
        raise AppError(Kind.CONFLICT, "CHANGED_MEANWHILE", "This step was just sent from another tab; nothing was done twice.")
    changes = Changes(login_started=submitted.login_started, revoked=submitted.revoked)
    if submitted.pay_at is not None:
        moments.note(tx, visit.session.id, MomentKind.SENT_TO_PAY, edge.now)
        return Pay(advanced, submitted.pay_at, changes)
    step = current_step(advanced)
    if step is not None:
        return GoTo(advanced, step.name, changes=changes)
    outcome = visit.flow.finish(tx, advanced.draft, context_of(advanced, edge))
    if isinstance(outcome, Continue):
        return _continue(tx, advanced, outcome, edge, changes)
    return ending.settle(tx, advanced, outcome, edge, changes, silent=silent)


def _continue(tx: Tx, visit: Visit, onward: Continue, edge: Edge, changes: Changes) -> Next:
    """Go on as another flow, in the same session: one row, one browser, the same callbacks."""
    flow = registry().flow(onward.intent)
    params = flow.keep(onward.params)
    session = actions.continue_as(tx, visit.session, onward.intent, msgspec.json.encode(params).decode(), edge.now)
    if session is None:
        raise AppError(Kind.CONFLICT, "CHANGED_MEANWHILE", "This step was just sent from another tab; nothing was done twice.")
    login = find_login(tx, visit.site.id, edge, started=True) if changes.login_started else visit.login
    answer = _begin(tx, Visit(flow, session, visit.client, visit.site, params, flow.draft(), login), edge)
    if isinstance(answer, GoTo):
        return replace(answer, opened=False, changes=changes)
    return replace(answer, changes=changes) if isinstance(answer, Leave) else answer


def _save_draft(tx: Tx, visit: Visit, draft: Any, now: int) -> bool:
    # Not `isinstance`: asking a protocol costs more than all the rest of this.
    named: str | None = getattr(draft, "person", None)
    return actions.save_draft(tx, visit.session, msgspec.json.encode(draft).decode(), now, person=named)


def refreshed(tx: Tx, visit: Visit, edge: Edge) -> Visit:
    """The visit with what has happened elsewhere since its draft was kept."""
    if visit.flow.refresh is None:
        return visit
    now = visit.flow.refresh(tx, visit.draft, context_of(visit, edge))
    return replace(visit, draft=now.draft, found=now.found)


def bound(tx: Tx, session_id: str, edge: Edge) -> Visit | Ended:
    """The visit, for the browser that it belongs to."""
    visit = _held(tx, session_id, edge)
    if visit is None:
        return Ended(End.NOT_FOUND)
    return refreshed(tx, visit, edge) if _is_open(visit, edge) else visit


def _held(tx: Tx, session_id: str, edge: Edge) -> Visit | None:
    visit = load(tx, session_id, edge)
    return visit if visit is not None and actions.is_bound_to(visit.session, edge.browser.session_secret) else None


def _is_open(visit: Visit, edge: Edge) -> bool:
    return visit.session.status_at(edge.now) is Status.OPENED or visit.session.may_reopen


def _steps(flow: Flow[Any, Any]) -> tuple[Step[Any], ...]:
    steps = (LOGIN, *flow.steps) if flow.identity == "member" else flow.steps
    return tuple(page for step in steps for page in (LOGIN_STEPS if step is LOGIN else (step,)))


def current_step(visit: Visit) -> Step[Any] | None:
    """The first step that is needed and not done. Reload, back, two tabs: the answer is always the same."""
    return next((step for step in _steps(visit.flow) if step.needed(visit.draft) and not step.done(visit.draft)), None)


def _pages(flow: Flow[Any, Any]) -> Iterator[Step[Any]]:
    """Every page of a flow, the other ways through its steps too."""
    for step in _steps(flow):
        yield from (step, *step.alternatives)


def _page(step: Step[Any] | None, segment: str) -> Step[Any] | None:
    return next((page for page in (step, *step.alternatives) if page.name == segment), None) if step else None


def _segment(visit: Visit) -> str:
    step = current_step(visit)
    return step.name if step else RETURN
