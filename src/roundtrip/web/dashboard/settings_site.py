"""The site itself: name, language, home address, mode; and how its hosted pages look, with an example of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
from markupsafe import Markup
from starlette.responses import Response

from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.flows.base import Form
from roundtrip.sites import site_settings
from roundtrip.sites import store as site_store
from roundtrip.sites.change import Change
from roundtrip.sites.model import Mode, Site
from roundtrip.sites.site_settings import THEME, THEME_FIELDS, Stopped, picture
from roundtrip.storage.database import Tx
from roundtrip.text.catalogue import LANGUAGES
from roundtrip.web.colour import contrast
from roundtrip.web.dashboard.desk import Desk, DeskPage, errors_of, is_for_the_form
from roundtrip.web.dashboard.settings import change_of, page_of, revision_of, saved
from roundtrip.web.palette import WHITE, Palette, dark_palette, light_palette, print_palette
from roundtrip.web.theme import FONTS, Theme, parse_theme, stored_theme

FIELDS = ("name", "language", "homeUrl", "pagesUrl")
NUMBERS = ("logoWidth", "logoHeight", "cornerRadius")


async def show(desk: Desk, typed: Mapping[str, Any] | None = None, error: AppError | None = None) -> Response:
    """Name, language, home address, and the mode with what a switch would stop."""
    other = Mode.TEST if desk.here.mode is Mode.LIVE else Mode.LIVE
    stopped, done = await desk.read(_stopped, desk, other)
    view = {
        "site": desk.here,
        "tab": "site",
        "fields": {**picture(desk.here), **(typed or {})},
        "languages": LANGUAGES.values(),
        "other_mode": other.value,
        "stopped": stopped,
        "is_secure": desk.services.web.is_secure,
        "saved": done,
        "errors": errors_of(error) if error else [],
    }
    return page_of(desk, "desk_site.html", view, error)


def _stopped(tx: Tx, desk: Desk, other: Mode) -> tuple[list[Stopped], dict[str, Any] | None]:
    clients = site_store.clients_of_site(tx, desk.here.id)
    return site_settings.stopped_by(clients, desk.here.mode, other), saved(tx, desk)


async def save(desk: Desk) -> Response:
    """Save the site's own fields."""
    form = await desk.form()
    typed = {name: form.get(name, "").strip() or None for name in FIELDS}
    change = change_of(desk)
    try:
        await desk.write(_save, desk.here, typed, revision_of(form), change)
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await show(desk, typed, error)
    return desk.go(desk.here.slug, "settings", "site", saved=change.id)


def _save(tx: Tx, site: Site, fields: Mapping[str, Any], revision: int, change: Change) -> None:
    # What the owner looked at decides, not what is stored by now: the update is refused when the two differ.
    stored = site_store.site(tx, site.id) or site
    site_settings.update(tx, site=replace(stored, revision=revision), fields=fields, change=change)


async def switch_mode(desk: Desk) -> Response:
    """Make the site live, or a test site again; the mode has to be typed."""
    form = await desk.form()
    other = Mode.TEST if desk.here.mode is Mode.LIVE else Mode.LIVE
    if form.get("word", "").strip().lower() != other.value:
        text = f"Nothing was switched: type {other.value} to confirm"
        return await show(desk, error=AppError(Kind.INVALID, "WORD_MISSING", text, violations=[Violation("word", text)]))
    change = change_of(desk)
    try:
        await desk.write(site_settings.switch_mode, site=desk.here, mode=other, change=change)
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await show(desk, error=error)
    return desk.go(desk.here.slug, "settings", "site", saved=change.id)


async def show_theme(
    desk: Desk, typed: Mapping[str, Any] | None = None, error: AppError | None = None, *, is_preview: bool = False
) -> Response:
    """How the hosted pages look. `typed` is a theme that is not saved."""
    origin = desk.services.web.base_url
    stored = {name: picture(desk.here)[f"{THEME}.{name}"] for name in THEME_FIELDS}
    values = stored if typed is None else dict(typed)
    theme = stored_theme(_json(values), origin)
    view = {
        "site": desk.here,
        "tab": "pages",
        "fields": {**values, "policies": _policy_lines(values.get("policies"))},
        "fonts": FONTS,
        "theme": theme,
        "css": _example_css(theme),
        "words": _contrast_words(theme),
        "is_preview": is_preview,
        "saved": await desk.read(saved, desk),
        "errors": errors_of(error) if error else [],
    }
    return page_of(desk, "desk_theme.html", view, error)


async def save_theme(desk: Desk) -> Response:
    """Look at a theme, or save it."""
    form = await desk.form()
    typed = _typed_theme(form)
    change = change_of(desk)
    try:
        parse_theme(_json(typed), desk.services.web.base_url)
        if form.get("act") == "preview":
            return await show_theme(desk, typed, is_preview=True)
        await desk.write(_save, desk.here, {f"{THEME}.{name}": typed.get(name) for name in THEME_FIELDS}, revision_of(form), change)
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await show_theme(desk, typed, error)
    return desk.go(desk.here.slug, "settings", "pages", saved=change.id)


def _typed_theme(form: Form) -> dict[str, Any]:
    typed: dict[str, Any] = {name: form.get(name, "").strip() or None for name in THEME_FIELDS if name != "policies"}
    for name in NUMBERS:
        text = typed[name]
        typed[name] = int(text) if text and text.isdecimal() and len(text) < 6 else text
    lines = [line.strip() for line in form.get("policies", "").splitlines() if line.strip()]
    typed["policies"] = [_policy(line) for line in lines] or None
    return typed


def _policy(line: str) -> dict[str, str]:
    label, _, url = line.rpartition("|")
    return {"label": label.strip(), "url": url.strip()}


def _policy_lines(policies: object) -> str:
    known = [one for one in policies if isinstance(one, dict)] if isinstance(policies, list) else []
    return "\n".join(f"{one.get('label', '')} | {one.get('url', '')}" for one in known)


def _json(values: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode({name: value for name, value in values.items() if value is not None})


def _example_css(theme: Theme) -> Markup:
    """Custom properties for the two example cards: parsed colours, whole pixels and plain words only, so nothing needs escaping."""
    shape = (f"border-radius:{theme.radius}px;" if theme.radius is not None else "") + (f"font-family:{theme.font};" if theme.font else "")
    rules = f".example{{{shape}}}" if shape else ""
    if theme.radius is not None:
        rules += f".example .example-field,.example .example-button{{border-radius:{min(theme.radius, 24)}px}}"
    if theme.brand is not None:
        light, dark = print_palette(light_palette(theme.brand)), print_palette(dark_palette(theme.brand))
        rules += f".example-light{{{light}}}.example-dark{{{dark}}}"
    return Markup(rules)  # noqa: S704 - made of parsed values, see above


def _contrast_words(theme: Theme) -> list[str]:
    if theme.brand is None:
        return ["No brand colour: pages have the product's own calm green."]
    return [_words("light", theme, light_palette(theme.brand)), _words("dark", theme, dark_palette(theme.brand))]


def _words(ground: str, theme: Theme, palette: Palette) -> str:
    assert theme.brand is not None
    words = "white" if palette.on_brand == WHITE else "dark"
    ratio = f"{contrast(palette.brand, palette.on_brand):.1f} : 1"
    if palette.brand == theme.brand:
        return f"On {ground} ground buttons have your colour {theme.brand} with {words} words (contrast {ratio})."
    moved = "darkened" if ground == "light" else "lightened"
    return (
        f"On {ground} ground {theme.brand} is {moved} to {palette.brand} for buttons, so that {words} words on it "
        f"can be read (contrast {ratio}; 4.5 : 1 is needed)."
    )


PAGES = (
    DeskPage("/{site}/settings/site", show),
    DeskPage("/{site}/settings/site", save, ("POST",)),
    DeskPage("/{site}/settings/site/mode", switch_mode, ("POST",)),
    DeskPage("/{site}/settings/pages", show_theme),
    DeskPage("/{site}/settings/pages", save_theme, ("POST",)),
)
