"""What can be changed about a site: its fields, and its mode. Guarded by the revision that was read, and written down (OPS-02, OPS-04).

Whether a theme is fine is decided by who shows it (`web/theme.py`), before it comes here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind, Violation, invalid_field
from roundtrip.core.urls import UrlRefused, parse
from roundtrip.sites import store
from roundtrip.sites.change import Change, changed_meanwhile
from roundtrip.sites.client_fields import ATTRIBUTES, KIND_OF_LIST
from roundtrip.sites.entries import EntryKind, check_entry
from roundtrip.sites.model import Client, Mode, Site
from roundtrip.sites.pages_address import check_pages_url
from roundtrip.storage import audit
from roundtrip.storage.database import Tx
from roundtrip.text.catalogue import LANGUAGES

MAX_NAME = 100
THEME: Final = "theme"
THEME_FIELDS: Final = ("brandColor", "logoUrl", "logoWidth", "logoHeight", "fontFamily", "cornerRadius", "appearance", "policies")
FIELD_NAMES: Final = ("name", "language", "homeUrl", "pagesUrl", *(f"{THEME}.{name}" for name in THEME_FIELDS))


@dataclass(frozen=True, slots=True)
class Stopped:
    """One entry of a client's list that has no effect in the other mode, and why."""

    client_name: str
    client_id: str
    entry: str
    reason: str


def picture(site: Site) -> dict[str, Any]:
    """Every field that can be set, with plain values."""
    theme: dict[str, Any] = msgspec.json.decode(site.theme or "{}", type=dict[str, Any])
    shown: dict[str, Any] = {"name": site.name, "language": site.language, "homeUrl": site.home_url, "pagesUrl": site.pages_url}
    return shown | {f"{THEME}.{name}": theme.get(name) for name in THEME_FIELDS}


def update(tx: Tx, *, site: Site, fields: Mapping[str, Any], change: Change) -> Site:
    """Set fields of a site as it was read; None empties one.

    Raises INVALID, CONFLICT `REVISION_CHANGED`, and CONFLICT `PAGES_ADDRESS_TAKEN` when another site has the pages address.
    """
    wanted = with_fields(site, fields)
    before, after = audit.changed(picture(site), picture(wanted))
    return _write(tx, site, wanted, "site.updated", before, after, change) if after else site


def switch_mode(tx: Tx, *, site: Site, mode: Mode, change: Change) -> Site:
    """Make a test site live, or a live one a test site.

    Raises CONFLICT `REVISION_CHANGED`, and INVALID when the pages address is one that only a test site may have.
    """
    if mode is site.mode:
        return site
    if site.pages_url is not None:
        check_pages_url(site.pages_url, mode)
    return _write(tx, site, replace(site, mode=mode), "site.mode_switched", {"mode": site.mode.value}, {"mode": mode.value}, change)


def stopped_by(clients: Sequence[Client], now_mode: Mode, wanted: Mode) -> list[Stopped]:
    """The entries that work in the mode of now and have no effect in the wanted one."""
    return [
        Stopped(client.name, client.id, entry, note)
        for client in clients
        for field, kind in KIND_OF_LIST.items()
        for entry in getattr(client, ATTRIBUTES[field])
        for note in _notes(kind, entry, wanted)
        if note not in _notes(kind, entry, now_mode)
    ]


def with_fields(site: Site, fields: Mapping[str, Any]) -> Site:
    """The site with these fields set. Raises INVALID for the first value that is not fine."""
    unknown = [name for name in fields if name not in FIELD_NAMES]
    if unknown:
        raise invalid_field(unknown[0], f"is not a field that can be set; there are {', '.join(FIELD_NAMES)}", "INVALID_ENUM_VALUE")
    wanted = {**picture(site), **fields}
    name = (wanted["name"] or "").strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise invalid_field("name", f"must have 1 to {MAX_NAME} characters", "MAX_LENGTH", threshold=MAX_NAME)
    if wanted["language"] not in LANGUAGES:
        raise invalid_field("language", f"must be one of {', '.join(LANGUAGES)}, received {wanted['language']!r}", "INVALID_ENUM_VALUE")
    theme = {name: wanted[f"{THEME}.{name}"] for name in THEME_FIELDS if wanted[f"{THEME}.{name}"] is not None}
    return replace(
        site,
        name=name,
        language=wanted["language"],
        home_url=_home_url(wanted["homeUrl"], site.mode) if "homeUrl" in fields else site.home_url,
        pages_url=check_pages_url(wanted["pagesUrl"], site.mode) if fields.get("pagesUrl") else wanted["pagesUrl"] or None,
        theme=msgspec.json.encode(theme).decode(),
    )


def _home_url(value: str | None, mode: Mode) -> str | None:
    text = (value or "").strip()
    if not text:
        return None
    try:
        url = parse(text)
    except UrlRefused as error:
        raise invalid_field(
            "homeUrl", f"can't be used: {error.sentence[0].lower()}{error.sentence[1:]}", "FORMAT", received=text[:200]
        ) from error
    if url.scheme != "https" and not (url.scheme == "http" and mode is Mode.TEST):
        raise invalid_field("homeUrl", "must be an https address (in test mode http is fine too)", "FORMAT", received=text[:200])
    return url.href


def _write(tx: Tx, site: Site, wanted: Site, action: str, before: Mapping[str, Any], after: Mapping[str, Any], change: Change) -> Site:
    if not store.replace_site(tx, wanted, site.revision):
        if wanted.pages_url is not None and store.is_pages_url_taken(tx, wanted.pages_url, site.id):
            raise _taken(wanted.pages_url)
        raise changed_meanwhile("site", site.revision)
    change.note(tx, site_id=site.id, action=action, object_id=site.id, object_name=wanted.name, before=before, after=after)
    change.tell(tx, DomainEvent(site.id, "site", "updated", site.id, {"id": site.id, "changed": sorted(after)}))
    return replace(wanted, revision=site.revision + 1)


def _taken(url: str) -> AppError:
    return AppError(
        Kind.CONFLICT,
        "PAGES_ADDRESS_TAKEN",
        f"{url} is the pages address of another site; each site needs a host name of its own.",
        violations=[Violation("pagesUrl", "is the pages address of another site")],
        data={"field": "pagesUrl", "url": url},
    )


def _notes(kind: EntryKind, entry: str, mode: Mode) -> tuple[str, ...]:
    return check_entry(kind, entry, mode).notes
