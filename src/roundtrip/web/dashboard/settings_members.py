"""What a site asks of those who sign up: a proved address, the owner's approval, both or neither."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from roundtrip.core.errors import AppError
from roundtrip.sites import sign_on_policy
from roundtrip.web.dashboard.desk import Desk, DeskPage, errors_of, is_for_the_form
from roundtrip.web.dashboard.settings import change_of, page_of, revision_of, saved


async def show(desk: Desk, error: AppError | None = None) -> Response:
    """The two questions, and what each of them means."""
    view: dict[str, Any] = {
        "site": desk.here,
        "tab": "members",
        "saved": await desk.read(saved, desk),
        "errors": errors_of(error) if error else [],
    }
    return page_of(desk, "desk_sign_on_policy.html", view, error)


async def save(desk: Desk) -> Response:
    """Save both at once, guarded by what the owner looked at."""
    form = await desk.form()
    change = change_of(desk)
    try:
        await desk.write(
            sign_on_policy.change_seen,
            desk.here.id,
            revision_of(form),
            require_owner_approval=bool(form.get("approval")),
            require_email_verification=bool(form.get("verification")),
            actor=change.actor,
            entry_id=change.id,
            now=change.now,
        )
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await show(desk, error)
    return desk.go(desk.here.slug, "settings", "members", saved=change.id)


PAGES = (
    DeskPage("/{site}/settings/members", show),
    DeskPage("/{site}/settings/members", save, ("POST",)),
)
