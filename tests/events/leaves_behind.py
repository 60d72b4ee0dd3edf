"""What somebody leaves behind at events: tickets that they bought, one that somebody else bought for them, and an answer."""

from __future__ import annotations

from roundtrip.events import seed
from tests.api.shape import succeeded
from tests.app_fixture import NOW, App
from tests.events.test_events_api import EVENTS, RESERVE, RSVPS, keyed


def leaves_behind(app: App, email: str) -> None:
    """She buys two tickets, is given one by somebody else, and says that she comes to the other event."""
    app.application.db.write_now(seed.seed, app.world.site.id, now=NOW)
    asks = [{"title": "What do you wear?", "required": False}]
    separately = {"registration": {"tickets": {"guestsAssignedSeparately": True}}, "questions": asks}
    succeeded(keyed(app, "PATCH", f"{EVENTS}/{seed.SUMMER}", {"event": separately}))
    her = {"firstName": "Zephyrina", "lastName": "Quantlebury", "email": email}
    other = {"firstName": "Ben", "lastName": "Example", "email": "ben@example.com"}
    hers = [{"inputName": name, "value": value} for name, value in {**her, "What do you wear?": "A Blue hat"}.items()]
    for buyer in (her, other):
        app.clock.move(1)
        wanted = {"eventId": seed.SUMMER, "ticketQuantities": [{"ticketDefinitionId": seed.FREE, "quantity": 2}]}
        token = app.visitor()
        kept = succeeded(app.post(RESERVE, wanted, token))
        guests = [{"form": {"inputValues": hers}}, {"form": {"inputValues": [{"inputName": "firstName", "value": "Cleo"}]}}]
        body = {"eventId": seed.SUMMER, "reservationId": kept["id"], "buyer": buyer, "guests": guests}
        succeeded(app.post("/events/v1/checkout", body, token))
    answer = {"eventId": seed.STUDIO, **her, "status": "YES", "formResponse": {"Hat": "A Blue hat"}}
    succeeded(app.post(RSVPS, {"rsvp": answer}, app.visitor()))
