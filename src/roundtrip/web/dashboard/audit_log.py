"""What was changed, by whom, from what to what (OPS-02)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.responses import Response

from roundtrip.core.ids import is_guid
from roundtrip.storage import audit
from roundtrip.storage.audit import AuditEntry
from roundtrip.web.dashboard.desk import Desk, DeskPage

PAGE = 50


async def show(desk: Desk) -> Response:
    """A page of entries, newest first."""
    before, about = desk.query("before"), desk.query("about")
    entries = await desk.read(
        audit.page,
        site_id=desk.here.id,
        before_id=before if is_guid(before) else None,
        limit=PAGE + 1,
        object_id=about if is_guid(about) else None,
    )
    shown = entries[:PAGE]
    view = {
        "entries": [_row(entry) for entry in shown],
        "older": shown[-1].id if len(entries) > PAGE else None,
        "about": about if is_guid(about) else "",
    }
    return desk.page("desk_audit.html", view)


def _row(entry: AuditEntry) -> dict[str, object]:
    before, after = entry.before or {}, entry.after or {}
    changes = [(name, _words(before.get(name)), _words(after.get(name))) for name in dict.fromkeys([*before, *after])]
    return {"entry": entry, "sentence": sentence(entry), "changes": changes}


SENTENCES: Mapping[str, str] = {
    "client.address_approved": "A refused address was allowed for {name}",
    "client.refusal_dismissed": "A refused address of {name} was put aside",
    "member.approved": "{name} was let in",
    "member.declined": "{name} was refused",
    "member.blocked": "{name} was blocked",
    "member.unblocked": "{name} was unblocked",
    "member.recovery_sent": "A mail for a new password went to {name}",
    "member.logins_ended": "{name} was logged out everywhere",
    "person.data_handed_out": "The data of {name} was handed out",
    "person.erased": "Everything about a person was erased",
    "sign_on_policy.updated": "What new members have to wait for was changed",
    "owner.invited": "An invitation was made for {name}",
    "owner.joined": "{name} became an owner",
    "owner.logged_in": "{name} logged in",
    "owner.logged_out": "{name} logged out a browser",
    "owner.password_changed": "{name} changed the password",
    "owner.password_link_made": "A link for a new password was made for {name}",
    "owner.second_factor_switched_on": "{name} switched the second factor on",
    "owner.second_factor_switched_off": "The second factor of {name} was switched off",
    "owner.recovery_codes_renewed": "{name} made new recovery codes",
    "owner.removed": "{name} is no owner any more",
}
"""What each action is called. Actions without a sentence are read out: `client.updated` is "Client Shop: updated"."""


def sentence(entry: AuditEntry) -> str:
    """One entry in words."""
    known = SENTENCES.get(entry.action)
    if known is not None:
        return known.format(name=entry.object_name)
    thing, _, verb = entry.action.partition(".")
    return f"{thing.replace('_', ' ').capitalize()} {entry.object_name}: {verb.replace('_', ' ')}"


def _words(value: object) -> str:
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, list):
        return "\n".join(str(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


PAGES = (DeskPage("/{site}/audit", show),)
