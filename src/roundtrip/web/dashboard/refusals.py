"""Addresses that were refused lately: understand each, allow it, put it aside; and a box that explains any address."""

from __future__ import annotations

from starlette.responses import Response

from roundtrip.core.errors import AppError, Kind
from roundtrip.sites import store as site_store
from roundtrip.sites.explain import RULE_NAMES
from roundtrip.sites.model import Client, Site
from roundtrip.sites.refusals import actions, store
from roundtrip.sites.refusals.advice import Advice, advise
from roundtrip.sites.refusals.marking import difference, marked, marked_whole
from roundtrip.sites.refusals.model import Refusal
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx
from roundtrip.web.dashboard.desk import MOST_COUNTED, Desk, DeskPage, errors_of, is_for_the_form

PAGE = 100
PLACES = {"creation": "when a redirect session was created", "page": "on the page that a browser came to", "return": "on the way back"}
BOTH = (Rule.REDIRECT_URI, Rule.REDIRECT_DOMAIN)


async def show_list(desk: Desk) -> Response:
    """Everything that was refused, the latest first; with `url` and `client`, also what is to be said about that address."""
    # What this process has seen in the last seconds is shown too, not only what it has written.
    await desk.services.write_refusals()
    view = await desk.read(_list, desk.here, desk.now)
    desk.counts = {"refusals": await desk.read(store.number, desk.here.id, MOST_COUNTED)}
    box = await desk.read(explain_view, desk.here, desk.query("client"), desk.query("url"), desk.query("kind"), desk.now)
    return desk.page("desk_refusals.html", {**view, "explained": box, "saved": desk.query("saved"), "entry": desk.query("entry")})


def _list(tx: Tx, site: Site, now: int) -> dict[str, object]:
    rows = []
    for refusal in store.page(tx, site.id, limit=PAGE):
        found = actions.advice_about(tx, refusal, now)
        if found is not None:
            rows.append(_row(refusal, found[0], found[2]))
    return {"rows": rows, "clients": site_store.clients_of_site(tx, site.id)}


def _row(refusal: Refusal, client: Client, advice: Advice) -> dict[str, object]:
    said = advice.explanation
    return {
        "refusal": refusal,
        "client": client,
        "advice": advice,
        "marked": marked(advice.verdict),
        "difference": difference(advice.verdict),
        "host": said.received_host,
        "list": RULE_NAMES[refusal.rule],
        "place": PLACES.get(refusal.place, refusal.place),
        "left_out": refusal.left_out.replace("end", "its end").split(" ") if refusal.left_out else [],
    }


async def show_approval(desk: Desk, error: AppError | None = None, typed: str = "") -> Response:
    """What allowing an address would change, before it is changed."""
    refusal, client, advice = await desk.read(_one, desk.here.id, desk.place("id"), desk.now)
    view = {**_row(refusal, client, advice), "typed": typed, "errors": errors_of(error) if error else []}
    return desk.page("desk_refusal_approve.html", view, status=400 if error else 200)


def _one(tx: Tx, site_id: str, refusal_id: str, now: int) -> tuple[Refusal, Client, Advice]:
    refusal = actions.require(tx, site_id, refusal_id)
    found = actions.advice_about(tx, refusal, now)
    if found is None:
        raise AppError(Kind.NOT_FOUND, "CLIENT_NOT_FOUND", "The client of this refusal is gone.")
    return refusal, found[0], found[2]


async def approve(desk: Desk) -> Response:
    """Add exactly the entry that was shown (worked out again from what is stored), and forget the refusal."""
    form = await desk.form()
    revision = form.get("revision", "")
    try:
        _, entry = await desk.write(
            actions.approve,
            site_id=desk.here.id,
            refusal_id=desk.place("id"),
            typed_host=form.get("host", ""),
            revision=int(revision) if revision.isdecimal() and len(revision) < 10 else -1,
            actor=desk.actor,
            now=desk.now,
        )
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await show_approval(desk, error, form.get("host", ""))
    return desk.go(desk.here.slug, "refusals", saved="approved", entry=entry)


async def dismiss(desk: Desk) -> Response:
    """Put one aside; it comes back when it happens again."""
    await desk.form()
    await desk.write(actions.dismiss, site_id=desk.here.id, refusal_id=desk.place("id"), actor=desk.actor, now=desk.now)
    return desk.go(desk.here.slug, "refusals", saved="dismissed")


def explain_view(tx: Tx, site: Site, client_id: str, url: str, kind: str, now: int) -> dict[str, object]:
    """What `desk_explain_box.html` shows: the clients to choose from, and the verdicts about an address if one was asked about.

    `action` is where its form goes; a page that includes the box for one client leaves the others out of `clients`.
    """
    clients = site_store.clients_of_site(tx, site.id)
    client = next((one for one in clients if one.id == client_id), clients[0] if len(clients) == 1 else None)
    rules = (Rule(kind),) if kind in Rule.__members__ else BOTH
    verdicts = []
    if url and client is not None:
        advices = [advise(client, site.mode, rule, url[:4096], now=now) for rule in rules]
        verdicts = [(RULE_NAMES[advice.verdict.rule], advice, marked_whole(advice.verdict)) for advice in advices]
    return {
        "action": f"/dashboard/{site.slug}/refusals",
        "clients": clients,
        "client_id": client.id if client else "",
        "url": url,
        "kind": kind if kind in Rule.__members__ else "",
        "mode": site.mode.value,
        "settings": f"/dashboard/{site.slug}/settings/clients/{client.id}" if client else "",
        "verdicts": verdicts,
        "asks_for_client": bool(url) and client is None,
    }


PAGES = (
    DeskPage("/{site}/refusals", show_list),
    DeskPage("/{site}/refusals/{id}/approve", show_approval),
    DeskPage("/{site}/refusals/{id}/approve", approve, ("POST",)),
    DeskPage("/{site}/refusals/{id}/dismiss", dismiss, ("POST",)),
)
