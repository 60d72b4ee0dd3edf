"""What somebody leaves behind by booking: a booking that stands, one that was cancelled, and one that was only begun."""

from __future__ import annotations

from tests.api.shape import succeeded
from tests.app_fixture import App
from tests.bookings.desk import CALL, keyed, offers, times

BOOKINGS = "/bookings/v2/bookings"


def leaves_behind(app: App, email: str) -> None:
    """She books three times, and says who she is and why she comes each time."""
    offers(app)
    who = {"firstName": "Zephyrina", "lastName": "Quantlebury", "email": email, "phone": "+1212555019"}
    made = []
    for place in (-1, -2, -3):
        entry = times(app, {"serviceId": CALL, "bookable": True}, days=4)[place]
        body = {"booking": {"bookedEntity": entry, "contactDetails": who, "message": "I wear a Blue hat"}}
        made.append(succeeded(app.post(BOOKINGS, body, app.visitor()))["booking"]["id"])
        app.clock.move(1)
    for booking_id in made[:2]:
        succeeded(keyed(app, "POST", f"/api/v1/bookings/{booking_id}/finish"))
    succeeded(keyed(app, "POST", f"{BOOKINGS}/{made[1]}/cancel", {}))
