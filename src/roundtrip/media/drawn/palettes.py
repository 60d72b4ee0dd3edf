"""Colours that go together. `wall` is behind the thing, `main` is the thing, `accent` and `second` are on it, `paper` is off-white."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """Five colours as red, green, blue."""

    wall: Colour
    main: Colour
    accent: Colour
    second: Colour
    paper: Colour = (250, 246, 238)


PALETTES: Mapping[str, Palette] = {
    "clay": Palette(wall=(240, 222, 206), main=(196, 106, 74), accent=(250, 231, 206), second=(94, 52, 40)),
    "sage": Palette(wall=(222, 230, 216), main=(122, 148, 116), accent=(244, 239, 219), second=(52, 72, 56)),
    "sky": Palette(wall=(214, 229, 240), main=(74, 124, 168), accent=(247, 239, 220), second=(240, 164, 92)),
    "plum": Palette(wall=(236, 219, 230), main=(126, 70, 108), accent=(247, 218, 198), second=(236, 148, 120)),
    "sun": Palette(wall=(250, 233, 198), main=(232, 168, 56), accent=(255, 248, 232), second=(176, 76, 48)),
    "ink": Palette(wall=(226, 227, 231), main=(44, 52, 68), accent=(238, 226, 205), second=(220, 120, 88)),
    "cream": Palette(wall=(218, 207, 195), main=(244, 236, 222), accent=(188, 100, 72), second=(70, 88, 80)),
    "rose": Palette(wall=(248, 226, 220), main=(222, 140, 128), accent=(255, 242, 228), second=(150, 68, 72)),
}


def mixed(one: Colour, other: Colour, part: float) -> Colour:
    """`one` with so much of `other` in it, from 0 to 1."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def lighter(colour: Colour, part: float) -> Colour:
    """Towards white."""
    return mixed(colour, (255, 255, 255), part)


def darker(colour: Colour, part: float) -> Colour:
    """Towards a warm black, as shadows are."""
    return mixed(colour, (36, 22, 20), part)
