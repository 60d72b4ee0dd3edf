"""Turns a dashboard template, its frame and a view into HTML. English only so far; escaped always, like every page.

A template sees `desk` (the frame), `view` (what the page is about) and a few filters that write times and ids for people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from roundtrip.core.clock import DAY, HOUR, MINUTE, rfc3339
from roundtrip.web.assets import Assets
from roundtrip.web.render import square_code

FOLDER = Path(__file__).resolve().parent / "templates"
_UNITS = ((365 * DAY, "year"), (30 * DAY, "month"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"))
_SHORT = 8


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the navigation; `count` is a number worth looking at."""

    label: str
    url: str
    icon: str
    is_current: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class SiteLink:
    """One site in the switcher."""

    name: str
    mode: str
    url: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class DeskFrame:
    """The frame around every page of the dashboard. `now` is what relative times are counted from (UTC milliseconds)."""

    nonce: str
    csrf: str
    now: int
    reference: str
    owner_name: str = ""
    site_name: str = ""
    site_mode: str = ""
    site_url: str = ""
    sites: tuple[SiteLink, ...] = ()
    nav: tuple[NavItem, ...] = ()


def ago(ms: int, now: int) -> str:
    """`3 minutes ago`, `in 2 hours`, `just now`: the largest unit that fits."""
    distance = abs(now - ms)
    for length, unit in _UNITS:
        if distance >= length:
            number = distance // length
            words = f"{number} {unit}{'' if number == 1 else 's'}"
            return f"{words} ago" if ms <= now else f"in {words}"
    return "just now" if ms <= now else "in a moment"


def lasted(ms: int) -> str:
    """A duration between two entries: `850 ms`, `4.2 s`, `3 min 10 s`, `2 h 5 min`."""
    if ms < 1000:
        return f"{ms} ms"
    if ms < MINUTE:
        return f"{ms / 1000:.1f} s"
    if ms < HOUR:
        return f"{ms // MINUTE} min {ms % MINUTE // 1000} s"
    return f"{ms // HOUR} h {ms % HOUR // MINUTE} min" if ms < 2 * DAY else f"{ms // DAY} days"


@jinja2.pass_context
def _when(context: jinja2.runtime.Context, ms: int | None) -> Markup:
    if ms is None:
        return Markup("<span class=muted>never</span>")
    exact = datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    words = escape(ago(ms, context["desk"].now))
    return Markup(f'<time datetime="{rfc3339(ms)}" title="{exact}">{words}</time>')  # noqa: S704 - every part was made or escaped above


def _clock(ms: int) -> Markup:
    """The time of day to the second, for lines that stand close together; the whole date on hover."""
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        rfc3339(ms), at.strftime("%Y-%m-%d %H:%M:%S UTC"), at.strftime("%H:%M:%S UTC")
    )


def _short_id(value: str) -> str:
    """The random end of an id: its beginning is the time, which all ids of an hour share."""
    return value[-_SHORT:] if len(value) > _SHORT else value


class DeskRenderer:
    """Compiles each template once. Keeps nothing of a request."""

    def __init__(self, assets: Assets) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(FOLDER),
            autoescape=True,
            auto_reload=False,
            cache_size=-1,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self._environment.globals["asset"] = assets.url
        self._environment.filters.update(
            {"when": _when, "clock": _clock, "short_id": _short_id, "lasted": lasted, "square_code": square_code}
        )

    def render(self, template: str, desk: DeskFrame, view: Mapping[str, Any]) -> str:
        """HTML of one page. Raises `jinja2.UndefinedError` when the view lacks what the template reads."""
        return self._environment.get_template(template).render(desk=desk, view=view)

    def template_names(self) -> Sequence[str]:
        """Every template there is."""
        return self._environment.list_templates(extensions=["html"])
