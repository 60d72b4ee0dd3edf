"""The redirect sessions of a site: the list with its filters, and the flight recorder of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.responses import Response

from roundtrip.core.clock import DAY, HOUR
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import is_guid
from roundtrip.flows.registry import registry
from roundtrip.flows.story import Story, story
from roundtrip.redirect_session import actions, store
from roundtrip.redirect_session.model import LIVING, RedirectSession, Status
from roundtrip.redirect_session.store import Wanted
from roundtrip.sites import store as site_store
from roundtrip.storage.database import Tx
from roundtrip.web.dashboard.desk import Desk, DeskPage

PAGE = 50
CHART_SESSIONS = 5000
"""Sessions that the chart counts, at most."""
SINCE: Mapping[str, tuple[str, int]] = {"hour": ("the last hour", HOUR), "day": ("the last day", DAY), "week": ("the last week", 7 * DAY)}
ENDINGS = ("completed", "under way", "walked away", "expired", "other")


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of time in the chart: what began in it, by how it ended. Heights and places are in units of the drawing."""

    label: str
    total: int
    pieces: tuple[tuple[str, int, float, float], ...]
    x: float
    width: float


async def show_list(desk: Desk) -> Response:
    """A page of sessions, newest first, narrowed by what the address says."""
    asked = {name: desk.query(name) for name in ("status", "intent", "client", "caller", "since")}
    wanted = _wanted(asked, desk.now)
    before = desk.query("before")
    view = await desk.read(_list, desk.here.id, wanted, before if is_guid(before) else None, asked["since"], desk.now)
    kept = {name: value for name, value in asked.items() if value}
    older = view.pop("older")
    return desk.page(
        "desk_redirect_sessions.html",
        {
            **view,
            "asked": asked,
            "older": f"?{urlencode({**kept, 'before': older})}" if older else None,
            "is_first": not before,
            "is_narrowed": bool(kept),
            "statuses": [status.value for status in Status],
            "intents": sorted(registry().params),
            "since": [(name, words) for name, (words, _) in SINCE.items()],
            "base_url": desk.services.web.base_url,
        },
    )


def _wanted(asked: Mapping[str, str], now: int) -> Wanted:
    statuses, since = {status.value for status in Status}, SINCE.get(asked["since"])
    return Wanted(
        status=asked["status"] if asked["status"] in statuses else None,
        intent=asked["intent"] if asked["intent"] in registry().params else None,
        client_id=asked["client"] if is_guid(asked["client"]) else None,
        caller_id=asked["caller"] if is_guid(asked["caller"]) else None,
        since=actions.first_id_at(now - since[1]) if since else None,
    )


def _list(tx: Tx, site_id: str, wanted: Wanted, before: str | None, since: str, now: int) -> dict[str, object]:
    sessions, older = store.search(tx, site_id, wanted, before=before, limit=PAGE, now=now)
    clients = site_store.clients_of_site(tx, site_id)
    span, step = (HOUR, 5 * 60_000) if since == "hour" else (7 * DAY, DAY) if since == "week" else (DAY, HOUR)
    counted = store.endings(tx, site_id, actions.first_id_at(now - span), CHART_SESSIONS)
    names = {client.id: client.name for client in clients}
    return {
        "sessions": [_row(session, names, now) for session in sessions],
        "older": older,
        "clients": clients,
        "chart": chart([(row[0], _ending(row[1], row[2], row[3], now)) for row in counted], now, span, step),
        "chart_words": {HOUR: "the last hour", DAY: "the last 24 hours", 7 * DAY: "the last 7 days"}[span],
        "is_cut": len(counted) == CHART_SESSIONS,
    }


def _row(session: RedirectSession, names: Mapping[str, str], now: int) -> dict[str, object]:
    status = session.status_at(now)
    return {
        "session": session,
        "status": status.value,
        "client": names.get(session.client_id, "gone"),
        "outcome": Status.EXPIRED.value if status is Status.EXPIRED else session.outcome,
        "lasted": None if status in LIVING else min(session.changed_at, session.expires_at) - session.created_at,
    }


def _ending(status: str, outcome: str | None, expires_at: int, now: int) -> str:
    if status in (Status.CREATED, Status.OPENED):
        return "under way" if now < expires_at else "expired"
    return {"completed": "completed", "abandoned": "walked away", "expired": "expired"}.get(outcome or "", "other")


def chart(counted: list[tuple[int, str]], now: int, span: int, step: int) -> list[Bar]:
    """Stretches of `step` milliseconds up to now, oldest first; the drawing is 100 high and 10 wide per stretch."""
    number = span // step
    counts = [dict.fromkeys(ENDINGS, 0) for _ in range(number)]
    for created_at, ending in counted:
        place = number - 1 - max(0, now - created_at) // step
        if 0 <= place < number:
            counts[place][ending] += 1
    most = max((sum(each.values()) for each in counts), default=0)
    return [_bar(place, each, most, now - (number - place) * step) for place, each in enumerate(counts)] if most else []


def _bar(place: int, counts: Mapping[str, int], most: int, begins_at: int) -> Bar:
    pieces: list[tuple[str, int, float, float]] = []
    top = 100.0
    for ending, number in counts.items():
        if number:
            height = 100 * number / most
            top -= height
            pieces.append((ending, number, round(top, 2), round(height, 2)))
    label = datetime.fromtimestamp(begins_at / 1000, UTC).strftime("%d %b %H:%M UTC")
    return Bar(label, sum(counts.values()), tuple(pieces), place * 10 + 1.5, 7)


async def show(desk: Desk) -> Response:
    """The timeline of one session."""
    told = await desk.read(_story, desk.here.id, desk.place("id"), desk.now)
    return desk.page("desk_redirect_session.html", _view(told, desk))


def _view(told: Story, desk: Desk) -> dict[str, object]:
    session = told.session
    status = session.status_at(desk.now)
    return {
        "story": told,
        "session": session,
        "status": status.value,
        "outcome": Status.EXPIRED.value if status is Status.EXPIRED else session.outcome,
        "is_living": status in LIVING,
        "client_name": told.client.name if told.client else "gone",
        "result": list((session.result or {}).items()),
        "lasted": None if status in LIVING else min(session.changed_at, session.expires_at) - session.created_at,
        "refused_now": [target for target in told.targets if not target.advice.verdict.allowed],
        "saved": desk.query("saved"),
    }


def _story(tx: Tx, site_id: str, session_id: str, now: int) -> Story:
    return story(tx, _session(tx, site_id, session_id), now)


def _session(tx: Tx, site_id: str, session_id: str) -> RedirectSession:
    session = store.get(tx, session_id.lower()) if is_guid(session_id) else None
    if session is None or session.site_id != site_id:
        raise AppError(Kind.NOT_FOUND, "REDIRECT_SESSION_NOT_FOUND", "There is no such redirect session here (any more).")
    return session


async def confirm_expire(desk: Desk) -> Response:
    """Asks once more."""
    session = await desk.read(_session, desk.here.id, desk.place("id"))
    return desk.page("desk_redirect_session_expire.html", {"session": session, "status": session.status_at(desk.now).value})


async def expire(desk: Desk) -> Response:
    """End a session that is not over yet (SES-06)."""
    await desk.form()
    ended = await desk.write(_expire, desk.here.id, desk.place("id"), desk.me.name, desk.now)
    return desk.go(desk.here.slug, "redirect-sessions", desk.place("id"), saved="expired" if ended else "late")


def _expire(tx: Tx, site_id: str, session_id: str, name: str, now: int) -> bool:
    session = _session(tx, site_id, session_id)
    return session.status_at(now) in LIVING and actions.expire(tx, session, now, by=name)


PAGES = (
    DeskPage("/{site}/redirect-sessions", show_list),
    DeskPage("/{site}/redirect-sessions/{id}", show),
    DeskPage("/{site}/redirect-sessions/{id}/expire", confirm_expire),
    DeskPage("/{site}/redirect-sessions/{id}/expire", expire, ("POST",)),
)
