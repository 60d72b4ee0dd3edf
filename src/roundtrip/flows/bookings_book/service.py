"""The list of services: one button for each, grouped as the owner grouped them."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from roundtrip.bookings.services import store
from roundtrip.bookings.services.model import Service, ServiceKind
from roundtrip.flows.base import Context, Form, Step, Submitted
from roundtrip.flows.bookings_book.params import BookingsBook
from roundtrip.flows.steps.booking_words import other_services, price_words, shown_picture
from roundtrip.flows.steps.choose_time import NOT_OFFERED, TimeDraft
from roundtrip.flows.steps.refused import refused
from roundtrip.storage.database import Tx
from roundtrip.text import when
from roundtrip.text.marks import marked

MOST = 100
PICTURE = 96


def bookable(tx: Tx, site_id: str, resource_id: str | None) -> list[Service]:
    """The services that visitors may book here, of one staff member if one is named."""
    found = [one for one in store.visible(tx, site_id, MOST) if one.terms.is_online]
    wanted = (resource_id or "").lower()
    return [one for one in found if not wanted or wanted in {staff.id for staff in one.staff}]


def _view(tx: Tx, draft: TimeDraft, context: Context[BookingsBook]) -> Mapping[str, object]:
    groups: dict[str, list[dict[str, object]]] = {}
    for one in bookable(tx, context.site.id, context.params.resource_id):
        shown: dict[str, object] = {
            "id": one.id,
            "name": one.name,
            "tag_line": one.terms.tag_line,
            "price": price_words(one, context.language),
            "length": when.length(one.terms.minutes, context.language) if one.kind is not ServiceKind.COURSE else "",
            "picture": shown_picture(one, PICTURE, PICTURE),
        }
        groups.setdefault(one.category.name if one.category else "", []).append(shown)
    return {
        "step_name": marked("Service"),
        "groups": [{"name": name, "services": services} for name, services in groups.items()],
        "others": other_services(context),
    }


def _submit(tx: Tx, draft: TimeDraft, form: Form, context: Context[BookingsBook]) -> Submitted[TimeDraft]:
    chosen = next((one for one in bookable(tx, context.site.id, context.params.resource_id) if one.id == form.get("service", "")), None)
    if chosen is None:
        raise refused(("", NOT_OFFERED))
    is_whole = chosen.kind is ServiceKind.COURSE
    return Submitted(replace(draft, service_id=chosen.id, needs_time=not is_whole, start=0, staff_id="", event_id=""))


STEP: Step[TimeDraft] = Step(
    name="service",
    needed=lambda draft: True,
    done=lambda draft: bool(draft.service_id),
    view=_view,
    submit=_submit,
)
