"""What was changed, by whom, from what to what (OPS-02)."""

from __future__ import annotations

import json

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


def sentence(entry: AuditEntry) -> str:
    """`client.updated` as words: "updated the client Shop"."""
    thing, _, verb = entry.action.partition(".")
    return f"{verb.replace('_', ' ')}: {thing.replace('_', ' ')} {entry.object_name}"


def _words(value: object) -> str:
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, list):
        return "\n".join(str(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


PAGES = (DeskPage("/{site}/audit", show),)
