"""A site's theme: what an owner may choose, checked, and the custom properties it becomes.

Nothing an owner typed is ever copied into the stylesheet: colours and sizes are parsed and printed again, fonts are names of plain words
(PAG-04). A theme cannot load anything but one logo. How pages use the properties is in `static/roundtrip.css`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import msgspec

from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.urls import UrlRefused, parse
from roundtrip.web.colour import Colour, parse_colour
from roundtrip.web.palette import dark_palette, light_palette, print_palette

MAX_RADIUS = 24
MAX_POLICIES = 8
MAX_LABEL = 60
LOGO_HEIGHT = 40
MAX_LOGO_WIDTH = 160

FONTS = {
    "system": "system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, Helvetica Neue, Arial, sans-serif",
    "humanist": "Seravek, Gill Sans Nova, Ubuntu, Calibri, DejaVu Sans, source-sans-pro, sans-serif",
    "geometric": "Avenir Next, Avenir, Montserrat, Corbel, URW Gothic, source-sans-pro, sans-serif",
    "rounded": "ui-rounded, Hiragino Maru Gothic ProN, Quicksand, Comfortaa, Manjari, Arial Rounded MT Bold, sans-serif",
    "serif": "ui-serif, Iowan Old Style, Palatino Linotype, URW Palladio L, Georgia, serif",
    "mono": "ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace",
}
"""Stacks of fonts that devices already have. An owner may also write family names of plain words, which count where they are installed."""

_FAMILY = re.compile(r"[A-Za-z][A-Za-z0-9-]*(?: [A-Za-z][A-Za-z0-9-]*){0,4}")
_NOT_FAMILIES = frozenset({"inherit", "initial", "unset", "revert", "revert-layer", "default"})
_MAX_FAMILIES = 6
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Appearance(StrEnum):
    """Light, dark, or as the visitor's device says."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Policy:
    """One link of the footer."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Theme:
    """A checked theme. The default is the product's own calm look."""

    brand: Colour | None = None
    logo_url: str | None = None
    logo_width: int = LOGO_HEIGHT
    font: str | None = None
    radius: int | None = None
    appearance: Appearance = Appearance.AUTO
    policies: tuple[Policy, ...] = ()

    @property
    def logo_origin(self) -> str | None:
        """The one origin that `img-src` of the Content-Security-Policy must allow; None when nothing or only our own host is needed."""
        if self.logo_url is None or self.logo_url.startswith("/"):
            return None
        return parse(self.logo_url).origin

    def css(self) -> str:
        """Custom properties for a `<style>` element: hex colours, whole pixels and plain words only, so no character needs escaping."""
        common = ""
        if self.radius is not None:
            common += f"--radius:{self.radius}px;"
        if self.font is not None:
            common += f"--font:{self.font};"
        rules = f":root{{{common}}}" if common else ""
        if self.brand is None:
            return rules
        light, dark = print_palette(light_palette(self.brand)), print_palette(dark_palette(self.brand))
        if self.appearance is Appearance.DARK:
            return f"{rules}:root[data-appearance=dark]{{{dark}}}"
        rules += f":root{{{light}}}"
        if self.appearance is Appearance.AUTO:
            rules += f"@media (prefers-color-scheme:dark){{:root[data-appearance=auto]{{{dark}}}}}"
        return rules


class _Reader:
    """Reads the fields of one theme and collects what is wrong with them, so that an owner sees everything at once."""

    def __init__(self, fields: dict[str, object], own_origin: str | None) -> None:
        self.fields = fields
        self.own_origin = own_origin
        self.violations: list[Violation] = []

    def refuse(self, field: str, description: str) -> None:
        self.violations.append(Violation(field, description, "FORMAT"))

    def brand(self) -> Colour | None:
        value = self.fields.get("brandColor")
        if value is None:
            return None
        colour = parse_colour(value) if isinstance(value, str) else None
        if colour is None:
            self.refuse("brandColor", "must be a colour such as #1f4a43")
        return colour

    def radius(self) -> int | None:
        value = self.fields.get("cornerRadius")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_RADIUS:
            self.refuse("cornerRadius", f"must be a whole number of pixels from 0 to {MAX_RADIUS}")
            return None
        return value

    def font(self) -> str | None:
        value = self.fields.get("fontFamily")
        if value is None:
            return None
        if isinstance(value, str) and value.lower() in FONTS:
            return FONTS[value.lower()]
        names = [name.strip() for name in value.split(",")] if isinstance(value, str) else []
        is_fine = 0 < len(names) <= _MAX_FAMILIES and all(_is_family(name) for name in names)
        if not is_fine:
            self.refuse("fontFamily", f"must be one of {', '.join(FONTS)}, or up to {_MAX_FAMILIES} family names of plain words")
            return None
        return ", ".join([*names, "system-ui", "sans-serif"])

    def appearance(self) -> Appearance:
        value = self.fields.get("appearance", Appearance.AUTO)
        if value not in tuple(Appearance):
            self.refuse("appearance", "must be light, dark or auto")
            return Appearance.AUTO
        return Appearance(str(value))

    def logo(self) -> str | None:
        value = self.fields.get("logoUrl")
        if value is None:
            return None
        url = _picture_url(value, self.own_origin)
        if url is None:
            self.refuse("logoUrl", "must be an https address, or a path on this server")
        return url

    def logo_width(self) -> int:
        width, height = self.fields.get("logoWidth"), self.fields.get("logoHeight")
        if width is None and height is None:
            return LOGO_HEIGHT
        if not (isinstance(width, int) and isinstance(height, int) and 0 < width <= 10_000 and 0 < height <= 10_000):
            self.refuse("logoWidth", "and logoHeight must both be the picture's size in pixels, 1 to 10000")
            return LOGO_HEIGHT
        return min(max(round(LOGO_HEIGHT * width / height), 1), MAX_LOGO_WIDTH)

    def policies(self) -> tuple[Policy, ...]:
        value = self.fields.get("policies", [])
        if not isinstance(value, list) or len(value) > MAX_POLICIES:
            self.refuse("policies", f"must be a list of at most {MAX_POLICIES} links")
            return ()
        policies = (self._policy(f"policies[{n}]", entry) for n, entry in enumerate(value))
        return tuple(policy for policy in policies if policy is not None)

    def _policy(self, field: str, entry: object) -> Policy | None:
        label, url = (entry.get("label"), entry.get("url")) if isinstance(entry, dict) else (None, None)
        if not isinstance(label, str) or not label.strip() or len(label) > MAX_LABEL or _CONTROL.search(label):
            self.refuse(f"{field}.label", f"must be words, at most {MAX_LABEL} characters")
            return None
        address = _web_url(url, own_origin=self.own_origin)
        if address is None:
            self.refuse(f"{field}.url", "must be an https address")
            return None
        return Policy(label.strip(), address)

    def theme(self) -> Theme:
        return Theme(
            brand=self.brand(),
            logo_url=self.logo(),
            logo_width=self.logo_width(),
            font=self.font(),
            radius=self.radius(),
            appearance=self.appearance(),
            policies=self.policies(),
        )


def _is_family(name: str) -> bool:
    return len(name) <= MAX_LABEL and _FAMILY.fullmatch(name) is not None and name.lower() not in _NOT_FAMILIES


def _web_url(value: object, own_origin: str | None) -> str | None:
    """The address printed again when it is https, or of our own server; None otherwise."""
    if not isinstance(value, str):
        return None
    try:
        url = parse(value)
    except UrlRefused:
        return None
    return url.href if url.scheme == "https" or url.origin == own_origin else None


def _picture_url(value: object, own_origin: str | None) -> str | None:
    """As `_web_url`, but an address of our own server becomes a path, and a path is fine as it is."""
    if isinstance(value, str) and value.startswith("/") and not value.startswith("//"):
        return _picture_url("https://own.invalid" + value, "https://own.invalid")
    address = _web_url(value, own_origin)
    if address is not None and own_origin is not None and address.startswith(own_origin + "/"):
        return "/" + address.removeprefix(own_origin).lstrip("/")
    return address


def _read(text: str | bytes, own_origin: str | None) -> tuple[Theme, list[Violation]]:
    try:
        fields = msgspec.json.decode(text or b"{}")
    except (msgspec.DecodeError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        return Theme(), [Violation("theme", "must be a JSON object", "FORMAT")]
    reader = _Reader(fields, own_origin)
    theme = reader.theme()
    return theme, reader.violations


def parse_theme(text: str | bytes, own_origin: str | None = None) -> Theme:
    """A theme as an owner sends it: `brandColor`, `logoUrl` (`logoWidth`, `logoHeight`), `fontFamily`, `cornerRadius`, `appearance`,
    `policies`; all optional, unknown ones ignored. `own_origin` is this server's, whose pictures need no https.

    Raises AppError with one violation per field that is not fine.
    """
    theme, violations = _read(text, own_origin)
    if violations:
        words = "; ".join(f"{violation.field} {violation.description}" for violation in violations)
        raise AppError(Kind.INVALID, "INVALID_THEME", words, violations=violations)
    return theme


@lru_cache(maxsize=1024)
def stored_theme(text: str, own_origin: str | None = None) -> Theme:
    """A theme as it was stored. A part that would be refused today is left out: a page is shown in any case."""
    return _read(text, own_origin)[0]
