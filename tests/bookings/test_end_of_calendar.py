"""Times at the ends of the calendar, for which there is no day before or after: refused in words, never a fault of ours (TST-09)."""

from __future__ import annotations

import pytest

from roundtrip.bookings import seed
from tests.api.shape import is_violated, refused
from tests.app_fixture import App
from tests.bookings.desk import AVAILABILITY, CALL, SLOTS, YOGA, Json, keyed, offers

ENDS = ["0001-01-01T00:00:00", "9999-12-31T00:00:00", "9999-12-31T23:59:59"]


@pytest.mark.parametrize("end", ENDS)
def test_times_that_no_calendar_reaches_around_are_refused(app: App, end: str) -> None:
    """TST-09: whatever visitors ask for."""
    visitor = offers(app).visitor()
    asked: list[tuple[str, Json, str]] = [
        (SLOTS, {"serviceId": CALL, "fromLocalDate": end}, "fromLocalDate"),
        (f"{SLOTS}/event", {"serviceIds": [YOGA], "fromLocalDate": end, "includeNonBookable": True}, "fromLocalDate"),
        (f"{SLOTS}/get", {"serviceId": CALL, "localStartDate": end, "timeZone": "Pacific/Kiritimati"}, "localStartDate"),
        (AVAILABILITY, {"query": {"filter": {"serviceId": CALL, "startDate": f"{end}Z", "endDate": f"{end}Z"}}}, "query.filter.startDate"),
    ]
    for path, body, field in asked:
        assert is_violated(app.post(path, body, visitor), field)
    assert is_violated(keyed(app, "POST", "/api/v1/sessions/query", {"serviceId": YOGA, "since": end, "until": end}), "since")
    series = {"serviceId": YOGA, "start": end[:16], "recurrenceRule": "FREQ=DAILY"}
    assert is_violated(keyed(app, "POST", "/api/v1/session-series", {"series": series}), "series.start")
    assert is_violated(keyed(app, "PUT", f"/api/v1/staff-members/{seed.ALEX}/days", {"from": end[:10], "to": end[:10]}), "from")


@pytest.mark.parametrize("day", ["00010101T000000", "99991231T000000", "99991231T235959"])
def test_a_session_at_the_end_of_the_calendar_is_none(app: App, day: str) -> None:
    """TST-09: its name is as good as any other that no rule gives."""
    visitor = offers(app).visitor()
    planned = keyed(app, "POST", "/api/v1/session-series/query", {"serviceId": YOGA}).json()["series"][0]["id"]
    refused(app.get(f"{SLOTS}/event/{planned}_{day}", visitor), 404, "SLOT_NOT_FOUND")
    change = {"session": {"cancelled": True}}
    refused(keyed(app, "PATCH", f"/api/v1/sessions/{planned}_{day}", change), 404, "SESSION_NOT_FOUND")
