"""How a visit ends: what is kept of it, the way back, and where somebody lands who comes to a visit that is over."""

from __future__ import annotations

from dataclasses import replace

from msgspec.structs import replace as changed

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.secrets import hash_secret
from roundtrip.flows.base import Outcome
from roundtrip.flows.next import NOTHING, RETURN, Changes, End, Ended, GoTo, Leave, Next
from roundtrip.flows.notes import trace
from roundtrip.flows.steps.login import IdentifiedDraft
from roundtrip.flows.visit import Edge, Visit, context_of, find_login, stored_draft
from roundtrip.members import actions as members
from roundtrip.members.model import LOGIN_PURPOSE
from roundtrip.redirect_session import actions, store
from roundtrip.redirect_session.model import LIVING, Status
from roundtrip.redirect_session.return_url import NotAllowed
from roundtrip.storage.database import Tx


def settle(tx: Tx, visit: Visit, outcome: Outcome, edge: Edge, changes: Changes, *, silent: bool) -> Next:
    """End the visit. Who saw no page gets the answer at once; who did goes through the return address, which a reload can repeat.

    When the way back is not listed any more, what the flow did stays done (a logout is a logout), and the return address says why
    nobody is sent on.
    """
    changes = replace(changes, login_ended=outcome.login_ended, revoked=(*changes.revoked, *outcome.revoked))
    name = outcome.error or Status.COMPLETED.value
    if not actions.complete(tx, visit.session, outcome.ids, edge.now, outcome=name):
        raise AppError(Kind.CONFLICT, "CHANGED_MEANWHILE", "This visit ended meanwhile; nothing was done.")
    ended = replace(visit, session=changed(visit.session, status=Status.COMPLETED, outcome=name, result=outcome.ids))
    if not silent:
        return GoTo(ended, RETURN, changes=changes)
    now_logged_in = find_login(tx, visit.site.id, edge, started=changes.login_started)
    try:
        departed = depart(tx, replace(ended, login=now_logged_in), edge)
    except NotAllowed:
        return GoTo(ended, RETURN, opened=True, changes=changes)
    return replace(departed, changes=changes) if isinstance(departed, Leave) else departed


def depart(tx: Tx, visit: Visit, edge: Edge) -> Leave | Ended:
    """Make the way back and mark the session returned, together: who may not leave has not left.

    Looks at what is stored now: between reading the visit and this, another tab may have finished it. The answer can be had again,
    because the first one may have been lost on its way; where it is a secret, only for a short time.
    """
    session = store.get(tx, visit.session.id) or visit.session
    if session.status in LIVING and session.status_at(edge.now) is Status.EXPIRED:
        actions.expire(tx, session, edge.now, only_if_over=True)
        session = store.get(tx, session.id) or session
    limit = visit.flow.answer_again_within
    is_again = session.status is Status.RETURNED and session.outcome == Status.COMPLETED.value
    if is_again and limit is not None and edge.now - session.changed_at > limit:
        return Ended(End.OVER, visit)
    going = replace(visit, session=session, draft=stored_draft(visit.flow, session) or visit.draft)
    leaving = going.flow.leave(tx, going.draft, context_of(going, edge))
    has_left = actions.mark_returned(tx, session, edge.now, trace(leaving))
    now = store.get(tx, session.id) or session
    if not has_left and now.status is not session.status:
        return depart(tx, visit, edge)  # it ended another way in this very moment: the site is told the way that is stored
    return Leave(replace(going, session=now), leaving)


def without_answer(tx: Tx, visit: Visit, edge: Edge) -> Leave:
    """Back to the site as somebody who walked away. Moves nothing."""
    empty = replace(visit, session=changed(visit.session, outcome=Status.ABANDONED.value, result=None))
    return Leave(empty, empty.flow.leave(tx, empty.draft, context_of(empty, edge)))


def regain_login(tx: Tx, visit: Visit, edge: Edge) -> tuple[Visit, Changes]:
    """The login of this visit for a browser that never got its cookie, because the answer to the form was lost on its way.

    Only on the way to the first return, only in the browser that the visit is bound to, and under a new secret.
    """
    login_id = visit.draft.login_id if isinstance(visit.draft, IdentifiedDraft) else None
    login = members.login(tx, login_id) if login_id and visit.login is None else None
    if login is None or login.is_ended or visit.session.status is not Status.COMPLETED:
        return visit, NOTHING
    regained = members.start_login(
        tx,
        site_id=visit.site.id,
        member_id=login.member_id,
        login_id=login.id,
        secret_hash=hash_secret(LOGIN_PURPOSE, edge.fresh.login_secret),
        now=edge.now,
        previous=login,
    )
    return replace(visit, login=regained), Changes(login_started=True)


def after_end(visit: Visit, edge: Edge) -> Next:
    """Where somebody lands who opens a step of a visit that is not open any more."""
    match visit.session.status_at(edge.now):
        case Status.COMPLETED | Status.ABANDONED:
            return GoTo(visit, RETURN)
        case Status.EXPIRED:
            return Ended(End.EXPIRED, visit)
        case _:
            return Ended(End.EXPIRED if visit.session.outcome == Status.EXPIRED.value else End.OVER, visit)
