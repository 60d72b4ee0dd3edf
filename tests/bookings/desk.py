"""A reception desk for tests of the API: an application whose site `kiln` offers the demo services."""

from __future__ import annotations

from typing import Any

from roundtrip.bookings import seed
from roundtrip.core.clock import rfc3339
from tests.api.shape import succeeded
from tests.app_fixture import NOW, App

Json = dict[str, Any]
SERVICES, AVAILABILITY, SLOTS = (
    "/_api/bookings/v2/services",
    "/availability-calendar/v1/availability/query",
    "/_api/service-availability/v2/time-slots",
)
CALL, COACHING, YOGA, POTTERY = (seed.service_id(number) for number in range(1, 5))
DAY = 86_400_000
UNKNOWN = "01990000-0000-7000-8000-000000000000"


def offers(app: App, site_id: str | None = None) -> App:
    """Put the demo services up for booking."""
    app.application.db.write_now(seed.seed, site_id or app.world.site.id, now=NOW)
    return app


def keyed(app: App, method: str, path: str, body: object = None) -> Any:
    """A call with the site's key; answers the response."""
    content = {} if body is None else {"json": body}
    return app.request(method, path, headers={"authorization": app.world.key}, **content)


def times(app: App, filters: Json, token: str | None = None, days: float = 2, **more: object) -> list[Json]:
    """The entries of the availability calendar from now on."""
    window = {"startDate": rfc3339(app.clock.now), "endDate": rfc3339(int(app.clock.now + days * DAY))}
    query = {"filter": window | filters, **({"sort": more.pop("sort")} if "sort" in more else {})}
    query |= {"cursorPaging": more.pop("cursorPaging")} if "cursorPaging" in more else {}
    found: list[Json] = succeeded(app.post(AVAILABILITY, {"query": query, **more}, token or app.visitor()))["availabilityEntries"]
    return found


def starts(entries: list[Json]) -> list[str]:
    """When they begin."""
    return [one["slot"]["startDate"] for one in entries]
