"""A visitor's browser: keeps the cookies that the pages set, and follows from page to page as `web/` lets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from roundtrip.core.errors import Refused
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import hash_secret, new_secret
from roundtrip.flows import direct, paid, runner
from roundtrip.flows.base import Browser, Fresh, Message, Redirect
from roundtrip.flows.create import Created
from roundtrip.flows.direct import Direct
from roundtrip.flows.next import RETURN, Changes, Elsewhere, GoTo, Leave, Next, Pay, SentBack, Show
from roundtrip.flows.visit import Edge, Visit
from roundtrip.members import actions as members
from roundtrip.members.model import LOGIN_PURPOSE, Login, Member
from roundtrip.payments import actions as payments
from roundtrip.payments import settle
from roundtrip.payments.providers.test import Choice, reports_of
from roundtrip.redirect_session.entry_url import ENTRY_PARAM, IDENTITY_PARAM
from roundtrip.storage.database import Database
from roundtrip.workflows import selling
from roundtrip.workflows.cashier import PAGE_PREFIX
from tests.flows.shop import CODE_KEY, ISSUER, LIFETIMES, PAYMENT_KEY, SITE_ID, Shop

Form = Mapping[str, str]


def entry_secret(created: Created) -> str:
    """The one-time value in an entry address."""
    params = created.entry.search_params
    return params.get(ENTRY_PARAM) or params[IDENTITY_PARAM]


def send(db: Database, session_id: str, page: str, form: Form, edge: Edge, work: object | None) -> Next:
    """One page's form in a transaction of its own; a refusal that is kept is raised after the commit, as the edge does it."""
    then = db.write_now(runner.submit, session_id, page, form, edge, work)
    if isinstance(then, Refused):
        raise then.error
    return then


@dataclass
class Tab:
    """Every tab of one browser has the same cookies. `comes_from` is the origin of the page that led here,
    `referrer` what it says of its address, `away` the clients whose own login page was visited lately."""

    shop: Shop
    visits: dict[str, str] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    comes_from: str | None = None
    referrer: str | None = None
    away: set[str] = field(default_factory=set)
    address: str = "203.0.113.7"

    def edge(self, session_id: str | None = None) -> Edge:
        """One request of this browser."""
        now = self.shop.now
        fresh = Fresh(
            browser_secret=new_secret(""),
            login_id=new_id(now),
            login_secret=new_secret(""),
            member_id=new_id(now),
            code=new_secret(""),
            event_id=new_id(now),
            mail_id=new_id(now),
        )
        cookies = Browser(self.visits.get(session_id or ""), dict(self.logins), frozenset(self.away))
        return Edge(now, ISSUER, cookies, fresh, LIFETIMES, self.comes_from, self.address, CODE_KEY, PAYMENT_KEY, referrer=self.referrer)

    def look(self, created: Created) -> Next | Visit:
        """A preview of the entry address, or a HEAD request."""
        return self.shop.db.read_now(runner.look, created.session.id, entry_secret(created), self.edge(created.session.id))

    def enter(self, created: Created, secret: str | None = None) -> Next:
        """Open the entry address, without following where it leads."""
        edge = self.edge(created.session.id)
        return self._take(edge, self.shop.db.write_now(runner.enter, created.session.id, secret or entry_secret(created), edge))

    def open(self, created: Created) -> Next:
        """Open the entry address and follow."""
        return self.follow(self.enter(created))

    def go_directly(self, wanted: Direct) -> Next:
        """Open the authorize or logout address as a client does that knows only the standard, and follow."""
        edge = self.edge()
        then = self.shop.db.write_now(direct.visit, wanted, edge, session_id=new_id(edge.now), secret=new_secret(""))
        return self.follow(self._take(edge, then))

    def show(self, session_id: str, page: str) -> Next:
        """Open one page of a visit."""
        edge = self.edge(session_id)
        return self._take(edge, self.shop.db.read_now(runner.show, session_id, page, edge))

    def outside(self, session_id: str) -> Next:
        """Choose the site's own login page."""
        edge = self.edge(session_id)
        return self._take(edge, self.shop.db.read_now(runner.outside, session_id, edge))

    def resume(self, address: str, token: str | None = None) -> Next:
        """Come back from the site's own login page, to the address that it was given; without following."""
        session_id, key = urlsplit(address).path.removeprefix("/session/").split("/resume/")
        edge = self.edge(session_id)
        return self._take(edge, self.shop.db.write_now(runner.resume, session_id, key, token, edge))

    def submit(self, session_id: str, page: str, form: Form) -> Next:
        """Send one page's form: what waits first, then the transaction."""
        edge = self.edge(session_id)
        work = self.shop.db.read_now(runner.prepare, session_id, page, form, edge)
        done = work.run() if work else None
        return self._take(edge, send(self.shop.db, session_id, page, form, edge, done))

    def fill_in(self, session_id: str, page: str, form: Form) -> Next:
        """Send a form and follow."""
        return self.follow(self.submit(session_id, page, form))

    def return_(self, session_id: str) -> Next:
        """Go back to the site with what happened."""
        edge = self.edge(session_id)
        return self._take(edge, self.shop.db.write_now(runner.return_, session_id, edge))

    def leave(self, session_id: str) -> Next:
        """Go back to the site without finishing."""
        edge = self.edge(session_id)
        return self._take(edge, self.shop.db.write_now(runner.leave, session_id, edge))

    def leave_unopened(self, created: Created) -> Next:
        """Go back to the site with nothing but the link."""
        edge = self.edge(created.session.id)
        return self.shop.db.read_now(runner.leave_unopened, created.session.id, entry_secret(created), edge)

    def start_again(self, session_id: str) -> Next:
        """Press "start again", without following."""
        edge = self.edge(session_id)
        return self._take(edge, self.shop.db.write_now(runner.start_again, session_id, edge, new_session_id=new_id(edge.now)))

    def follow(self, then: Next) -> Next:
        """On to where we are sent, until there is a page, an end or the way back."""
        for _ in range(5):
            if isinstance(then, Pay):
                then = self.pay(then)
            if not isinstance(then, GoTo):
                return then
            session_id = then.visit.session.id
            then = self.return_(session_id) if then.segment == RETURN else self.show(session_id, then.segment)
        raise AssertionError("sent in circles")

    def pay(self, then: Pay, choice: Choice = Choice.PAID) -> Next:
        """What the test provider's page does with this choice, and the way back from it; without following."""
        token = then.path.removeprefix(PAGE_PREFIX)
        attempt = self.shop.db.read_now(payments.attempt_of_token, PAYMENT_KEY, token)
        assert attempt is not None
        for report in reports_of(attempt, choice, self.shop.now):
            if report.due_at:
                self.shop.db.write_now(settle.keep, report, self.shop.now)
            else:
                self.shop.db.write_now(selling.settle, paid.sellers(), report, self.shop.now)
        return GoTo(then.visit, attempt.return_path.rpartition("/")[2])

    def log_in(self, member: Member) -> Login:
        """A login of this browser that exists already."""
        secret = new_secret("")
        login = self.shop.db.write_now(
            members.start_login,
            site_id=SITE_ID,
            member_id=member.id,
            login_id=new_id(self.shop.now),
            secret_hash=hash_secret(LOGIN_PURPOSE, secret),
            now=self.shop.now,
        )
        self.logins[SITE_ID] = secret
        return login

    @property
    def login(self) -> Login | None:
        """The living login behind this browser's cookie."""
        secret = self.logins.get(SITE_ID)
        return self.shop.db.read_now(members.find_login, SITE_ID, hash_secret(LOGIN_PURPOSE, secret), self.shop.now) if secret else None

    def _take(self, edge: Edge, then: Next) -> Next:
        """Keep the cookies of an answer, as `web/visits.py` sets them."""
        if isinstance(then, Elsewhere):
            self.away.add(then.visit.client.id)
        changes = then.changes if isinstance(then, GoTo | Leave) else Changes()
        if isinstance(then, GoTo) and then.opened:
            self.visits[then.visit.session.id] = edge.fresh.browser_secret
        if changes.login_ended:
            self.logins.pop(SITE_ID, None)
        elif changes.login_started:
            self.logins[SITE_ID] = edge.fresh.login_secret
        return then


def shown(then: Next) -> Show:
    """The page, when there must be one."""
    assert isinstance(then, Show), then
    return then


def sent_to(then: Next) -> tuple[str, dict[str, str]]:
    """Where the browser leaves to, and every parameter in the query and the fragment."""
    assert isinstance(then, Elsewhere | Leave | SentBack), then
    assert isinstance(then.leaving, Redirect), then.leaving
    parts = urlsplit(then.leaving.url)
    params = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    params |= dict(parse_qsl(parts.fragment, keep_blank_values=True))
    return parts._replace(query="", fragment="").geturl(), params


def message(then: Next) -> Message:
    """What is posted to the other window."""
    assert isinstance(then, Leave), then
    assert isinstance(then.leaving, Message), then.leaving
    return then.leaving
