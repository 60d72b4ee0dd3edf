"""Colours as numbers: parsing, contrast (WCAG 2.2), and moving a colour lighter or darker while it stays the same hue.

Lightness is moved in OKLCH (Björn Ottosson, "A perceptual color space for image processing", 2020), because a navy lightened in RGB turns
grey and a yellow darkened in RGB turns mud.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

_HEX = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_STEPS = 100


@dataclass(frozen=True, slots=True)
class Colour:
    """An opaque sRGB colour, each part 0 to 255. Printing it always gives seven characters: `#` and six hex digits."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


def parse_colour(text: str) -> Colour | None:
    """`#rgb` or `#rrggbb`; None for anything else. Names and functions are not taken: nothing needs them and they can hide a `url()`."""
    match = _HEX.fullmatch(text)
    if match is None:
        return None
    digits = match.group(1)
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    return Colour(*bytes.fromhex(digits))


def _linear(part: int) -> float:
    value = part / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _encoded(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 (black) to 1 (white); WCAG 2.2, "relative luminance"."""
    return 0.2126 * _linear(colour.red) + 0.7152 * _linear(colour.green) + 0.0722 * _linear(colour.blue)


def contrast(a: Colour, b: Colour) -> float:
    """Contrast ratio, 1 to 21; WCAG 2.2, "contrast ratio"."""
    darker, lighter = sorted((luminance(a), luminance(b)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: Colour, other: Colour, share: float) -> Colour:
    """`colour` with a `share` (0 to 1) of `other` in it."""
    parts = zip((colour.red, colour.green, colour.blue), (other.red, other.green, other.blue), strict=True)
    return Colour(*(round(mine + (theirs - mine) * share) for mine, theirs in parts))


def _oklch(colour: Colour) -> tuple[float, float, float]:
    red, green, blue = _linear(colour.red), _linear(colour.green), _linear(colour.blue)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _linear_rgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def at_lightness(colour: Colour, lightness: float) -> Colour:
    """The same hue at another OKLCH lightness (0 to 1), as colourful as a screen can show there."""
    _, chroma, hue = _oklch(colour)
    lightness = min(max(lightness, 0.0), 1.0)
    for step in range(_STEPS + 1):
        parts = _linear_rgb(lightness, chroma * (1 - step / _STEPS), hue)
        if all(-0.0005 <= part <= 1.0005 for part in parts):
            break
    return Colour(*(round(255 * _encoded(min(max(part, 0.0), 1.0))) for part in parts))


def lightness_of(colour: Colour) -> float:
    """OKLCH lightness, 0 to 1."""
    return _oklch(colour)[0]


def nearest(colour: Colour, is_fine: Callable[[Colour], bool], towards: float) -> Colour:
    """The first colour that `is_fine` on the way from `colour` to the lightness `towards` (0 or 1); the end itself if none is."""
    if is_fine(colour):
        return colour
    start = lightness_of(colour)
    moved = colour
    for step in range(1, _STEPS + 1):
        moved = at_lightness(colour, start + (towards - start) * step / _STEPS)
        if is_fine(moved):
            return moved
    return moved
