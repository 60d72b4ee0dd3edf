"""Puts the frame around a dashboard page: navigation, sites, who is there."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.sites.model import Site
from roundtrip.web.dashboard import PREFIX
from roundtrip.web.dashboard.desk import Desk
from roundtrip.web.dashboard.render import DeskFrame, NavItem, SiteLink

NAVIGATION: tuple[tuple[str, str, str], ...] = (
    ("", "Overview", "home"),
    ("redirect-sessions", "Redirect sessions", "route"),
    ("members", "Members", "people"),
    ("refusals", "Refused addresses", "shield"),
    ("settings", "Headless Settings", "sliders"),
    ("mailbox", "Mailbox", "mail"),
    ("audit", "Audit log", "list"),
)
"""Segment, words, icon. Seven at most; a page below a segment belongs to its entry."""


def build(desk: Desk, nonce: str) -> DeskFrame:
    """The frame of one page."""
    csrf_token, reference = desk.frame_facts
    proved = desk.owner is not None and desk.login is not None and desk.login.proved_at is not None
    site = desk.site
    return DeskFrame(
        nonce=nonce,
        csrf=csrf_token,
        now=desk.now,
        reference=reference,
        owner_name=desk.owner.name if desk.owner and proved else "",
        site_name=site.name if site else "",
        site_mode=site.mode.value if site else "",
        site_url=_url(site) if site else "",
        sites=tuple(SiteLink(one.name, one.mode.value, _url(one), site is not None and one.id == site.id) for one in desk.sites)
        if proved
        else (),
        nav=_navigation(desk, site) if site and proved else (),
    )


def _url(site: Site) -> str:
    return f"{PREFIX}/{site.slug}"


def _navigation(desk: Desk, site: Site) -> tuple[NavItem, ...]:
    rest = desk.request.url.path.removeprefix(_url(site)).strip("/").split("/", 1)[0]
    hidden: Mapping[str, bool] = {"mailbox": not site.is_test}
    return tuple(
        NavItem(label, f"{_url(site)}/{segment}" if segment else _url(site), icon, rest == segment, desk.counts.get(segment, 0))
        for segment, label, icon in NAVIGATION
        if not hidden.get(segment)
    )
