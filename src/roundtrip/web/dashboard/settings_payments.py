"""How the site is paid: later by hand, by Stripe, and what visitors tried last. Keys are taken and never shown."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from roundtrip.core.errors import AppError
from roundtrip.payments import store
from roundtrip.payments.model import Attempt
from roundtrip.payments.site_settings import actions as site_settings
from roundtrip.payments.site_settings.model import PaymentSettings, StripeKeys
from roundtrip.storage.database import Tx
from roundtrip.web.dashboard.desk import Desk, DeskPage, errors_of, is_for_the_form
from roundtrip.web.dashboard.settings import change_of, page_of, saved

NEWEST = 20


async def show(desk: Desk, typed: str | None = None, error: AppError | None = None) -> Response:
    """The ways to pay, and the newest attempts."""
    found, attempts, done = await desk.read(_read, desk)
    view = {
        "site": desk.here,
        "tab": "payments",
        "settings": found,
        "instructions": found.offline_instructions if typed is None else typed,
        "ways": [one.title for one in found.ways_to_pay(desk.here)],
        "events_url": f"{desk.services.web.base_url}/payments/{desk.here.id}/stripe/events",
        "attempts": attempts,
        "saved": done,
        "errors": errors_of(error) if error else [],
    }
    return page_of(desk, "desk_payments.html", view, error)


def _read(tx: Tx, desk: Desk) -> tuple[PaymentSettings, list[Attempt], dict[str, Any] | None]:
    attempts = store.attempts_of_site(tx, desk.here.id, before_id=None, limit=NEWEST)
    return site_settings.of_site(tx, desk.here.id), attempts, saved(tx, desk)


async def save_offline(desk: Desk) -> Response:
    """Let visitors pay later, or not."""
    form = await desk.form()
    change, typed = change_of(desk), form.get("instructions", "")
    try:
        await desk.write(site_settings.set_offline, desk.here, on=form.get("offline") == "on", instructions=typed, change=change)
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await show(desk, typed, error)
    return desk.go(desk.here.slug, "settings", "payments", saved=change.id)


async def save_stripe(desk: Desk) -> Response:
    """Set the keys of a Stripe account, or forget them."""
    form = await desk.form()
    change = change_of(desk)
    try:
        if form.get("act") == "remove":
            await desk.write(site_settings.remove_stripe, desk.here, change=change)
        else:
            keys = StripeKeys(form.get("secretKey", "").strip(), form.get("webhookSecret", "").strip())
            sealed = site_settings.seal_keys(desk.services.web.cashier.sealing_key, keys)
            await desk.write(site_settings.set_stripe, desk.here, keys, sealed=sealed, change=change)
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await show(desk, error=error)
    return desk.go(desk.here.slug, "settings", "payments", saved=change.id)


PAGES = (
    DeskPage("/{site}/settings/payments", show),
    DeskPage("/{site}/settings/payments/offline", save_offline, ("POST",)),
    DeskPage("/{site}/settings/payments/stripe", save_stripe, ("POST",)),
)
