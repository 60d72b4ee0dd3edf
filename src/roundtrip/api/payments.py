"""Where payment providers report what happened. They prove who they are by a signature over the untouched body (PAY-04)."""

from __future__ import annotations

import asyncio
import logging

from roundtrip.api.operation import Call, Operation
from roundtrip.api.wire import Wire
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import is_guid
from roundtrip.payments import providers, settle
from roundtrip.payments.model import Report
from roundtrip.payments.providers.base import ReportRefused
from roundtrip.workflows import selling

logger = logging.getLogger("roundtrip.payments")

PATH = "/payments/{site}/{provider}/events"


class ProviderEvent(Wire):
    """As much of an event as every provider that is known here has. The rest is read by the provider, from the untouched body."""

    id: str = ""
    type: str = ""


class Received(Wire):
    """The report is safe here; nothing more is needed from the provider."""

    received: bool


async def receive(call: Call) -> Received:
    """Verify, keep by id, apply. Once it is kept the answer is a success, whatever becomes of applying it: the worker goes on with that."""
    site_id, name = call.path_params["site"].lower(), call.path_params["provider"]
    if not is_guid(site_id) or name not in providers.known() or providers.known()[name].is_pretended:
        raise _unknown(site_id, name)
    report = await _verified(call, site_id, name)
    if report is None:
        return Received(True)
    try:
        is_new = await call.write(settle.keep, report, call.now)
    except AppError as error:
        # Another installation's, or of a database that was restored: repeating it would not help anybody.
        logger.warning("event %s of %s: %s", report.event_id, name, error.description)
        return Received(True)
    if is_new:
        await _apply(call, report)
    return Received(True)


async def _verified(call: Call, site_id: str, name: str) -> Report | None:
    cashier = call.services.cashier
    try:
        till = await call.read(cashier.till, site_id, name)
    except AppError as error:
        raise _unknown(site_id, name) from error
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in call.headers.items()}
    try:
        provider = await asyncio.to_thread(cashier.provider, name, till)
        return await asyncio.to_thread(provider.read_report, call.raw_body, headers, call.now)
    except ReportRefused as error:
        logger.warning("an event of %s for site %s was refused: %s", name, site_id, error)
        raise AppError(Kind.INVALID, "PAYMENT_EVENT_REFUSED", f"The event was not accepted: {error}.", data={"provider": name}) from error


async def _apply(call: Call, report: Report) -> None:
    try:
        await call.write(selling.settle, call.services.cashier.sellers, report, call.now)
    except Exception:
        logger.exception("report %s about attempt %s could not be applied; the worker goes on", report.event_id, report.attempt_id)


def _unknown(site_id: str, name: str) -> AppError:
    return AppError(
        Kind.NOT_FOUND,
        "PAYMENT_PROVIDER_NOT_FOUND",
        f"No site {site_id!r} is paid by {name!r}. The address of a site's endpoint is shown by `roundtrip payments show`.",
        data={"site": site_id, "provider": name},
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="ReceivePaymentEvent",
        method="POST",
        paths=(PATH,),
        summary="Take what a payment provider reports.",
        run=receive,
        permission="public",
        request=ProviderEvent,
        response=Received,
        example={"id": "evt_1", "object": "event", "type": "checkout.session.completed", "data": {"object": {}}},
        errors=("PAYMENT_EVENT_REFUSED", "PAYMENT_PROVIDER_NOT_FOUND"),
    ),
)
