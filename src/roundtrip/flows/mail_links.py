"""What the links in mails do, once their page's button was pressed: prove an address, or set a new password (IDN-05, IDN-06).

In the browser that the visit belongs to, the visit goes on. Any other browser may be a stranger's: it gets in only by a password that was
chosen in it, and is sent on only to an address that the mail's sender named and the client lists.
"""

from __future__ import annotations

from dataclasses import dataclass

from roundtrip.core.secrets import hash_secret
from roundtrip.credentials import one_time_code
from roundtrip.credentials.model import OneTimeCode, Purpose
from roundtrip.flows.base import Redirect, Submitted
from roundtrip.flows.runner import Changes, Ended, Next, advance, bound
from roundtrip.flows.steps.identified import SESSION, IdentifiedDraft
from roundtrip.flows.steps.verify_code import come_in
from roundtrip.flows.visit import Edge, Visit, context_of, find_login
from roundtrip.members import actions as members
from roundtrip.members.model import LOGIN_PURPOSE, Member
from roundtrip.redirect_session import return_url
from roundtrip.redirect_session.model import Status
from roundtrip.redirect_session.return_url import NotAllowed
from roundtrip.sites import store as sites
from roundtrip.sites.model import Site
from roundtrip.storage.database import Tx
from roundtrip.workflows import prove_address

REDIRECT = "redirect_url"
CLIENT = "client_id"
"""Where the binding of a code that the identity API made keeps where to go on, and whose address that is."""


@dataclass(frozen=True, slots=True)
class MailLink:
    """A link that would work now. `visit`: this browser is in the middle of the visit that asked for the mail."""

    code: OneTimeCode
    site: Site
    email: str
    visit: Visit | None

    @property
    def target(self) -> str | None:
        """Where the browser would be sent in the end."""
        url = self.code.binding.get(REDIRECT)
        return url if isinstance(url, str) else None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Done, in a browser that has no visit to go on with. Without a `redirect` it says so on a page."""

    site: Site
    member: Member
    redirect: Redirect | None
    changes: Changes


def session_id(key: bytes, token: str, tx: Tx) -> str | None:
    """The redirect session whose page asked for this mail: which of a browser's cookies to look at."""
    code_id = one_time_code.id_in(key, token)
    for purpose in Purpose:
        code = one_time_code.newest(tx, code_id, purpose) if code_id else None
        if code is not None:
            found = code.binding.get(SESSION)
            return found if isinstance(found, str) else None
    return None


def look(tx: Tx, token: str, purpose: Purpose, edge: Edge) -> MailLink | None:
    """What the link is for, without spending it: scanners and previews open links too (IDN-05)."""
    code_id = one_time_code.id_in(edge.code_key, token)
    code = one_time_code.find(tx, code_id, purpose, edge.now) if code_id else None
    site = sites.site(tx, code.site_id) if code else None
    member = members.member(tx, site.id, code.subject_id) if code and site else None
    return MailLink(code, site, member.email, _waiting_visit(tx, code, edge)) if code and site and member else None


def follow(tx: Tx, token: str, purpose: Purpose, password_hash: str | None, edge: Edge) -> Next | Elsewhere | None:
    """Spend the link and do what it is for. None: it was used or is too old, or the member is gone or blocked."""
    code = one_time_code.spend_link(tx, edge.code_key, token, purpose, edge.now)
    site = sites.site(tx, code.site_id) if code else None
    if code is None or site is None:
        return None
    ids = {"event_id": edge.fresh.event_id, "mail_id": edge.fresh.mail_id}
    revoked: tuple[str, ...] = ()
    if purpose is Purpose.RECOVER:
        changed = prove_address.reset_password(tx, site, code, password_hash, **ids, now=edge.now)
        member, revoked = changed or (None, ())
    else:
        member = prove_address.prove_address(tx, site, code, **ids, now=edge.now)
    if member is None:
        return None
    visit = _waiting_visit(tx, code, edge)
    if visit is None:
        return _elsewhere(tx, site, code, member, revoked, edge)
    came_in = come_in(tx, visit.draft, context_of(visit, edge), member)
    return advance(tx, visit, Submitted(came_in.draft, came_in.login_started, revoked), edge)


def _waiting_visit(tx: Tx, code: OneTimeCode, edge: Edge) -> Visit | None:
    """The visit that asked for this mail, if it is this browser's and still waits for somebody to log in."""
    asked_by = code.binding.get(SESSION)
    visit = bound(tx, asked_by, edge) if isinstance(asked_by, str) else None
    if visit is None or isinstance(visit, Ended) or visit.session.status_at(edge.now) is not Status.OPENED:
        return None
    return visit if isinstance(visit.draft, IdentifiedDraft) and visit.draft.member_id is None else None


def _elsewhere(tx: Tx, site: Site, code: OneTimeCode, member: Member, revoked: tuple[str, ...], edge: Edge) -> Elsewhere:
    known = find_login(tx, site.id, edge)
    # A browser that is logged in as somebody else stays so (decision record 0016). Who only confirms an address may be another person
    # than the one who registered, so that logs nobody in.
    may = code.purpose is Purpose.RECOVER and member.is_active and (known is None or known.member_id == member.id)
    if may:
        members.start_login(
            tx,
            site_id=site.id,
            member_id=member.id,
            login_id=edge.fresh.login_id,
            secret_hash=hash_secret(LOGIN_PURPOSE, edge.fresh.login_secret),
            now=edge.now,
        )
    return Elsewhere(site, member, _redirect(tx, code, may, edge), Changes(login_started=may, revoked=revoked))


def _redirect(tx: Tx, code: OneTimeCode, logged_in: bool, edge: Edge) -> Redirect | None:
    """The address that was named when the mail was asked for. Judged again; what was done stays done when it is not listed any more."""
    url = code.binding.get(REDIRECT)
    found = sites.client_and_site(tx, str(code.binding.get(CLIENT)))
    if not isinstance(url, str) or found is None:
        return None
    client, site = found
    try:
        return Redirect(return_url.after_recovery(client, site, url, member_logged_in=logged_in, now=edge.now))
    except NotAllowed:
        return None
