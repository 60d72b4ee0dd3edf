"""What follows from one brand colour: button, words on it, links, edges and page tint, readable on light and on dark ground (WCAG 2.2, AA).

The grounds are those of `static/roundtrip.css`; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from roundtrip.web.colour import Colour, at_lightness, contrast, lightness_of, mix, nearest

TEXT_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
EDGE_CONTRAST = 3.0  # WCAG 2.2, 1.4.11

WHITE = Colour(255, 255, 255)
INK = Colour(17, 17, 17)
LIGHT_GROUND, LIGHT_SURFACE = Colour(0xF7, 0xF6, 0xF3), WHITE
DARK_GROUND, DARK_SURFACE = Colour(0x11, 0x12, 0x14), Colour(0x1A, 0x1C, 0x1F)


@dataclass(frozen=True, slots=True)
class Palette:
    """Everything that follows from one brand colour on one ground."""

    brand: Colour
    brand_hover: Colour
    brand_edge: Colour
    on_brand: Colour
    link: Colour
    tint: Colour


@lru_cache(maxsize=1024)
def light_palette(brand: Colour) -> Palette:
    """The brand on white: darkened only as far as its text and its edge need."""
    if contrast(brand, WHITE) >= EDGE_CONTRAST:
        # Owners of middling colours expect white words on them; a shade darker keeps the hue and makes the words readable.
        on_brand = WHITE
        brand = nearest(brand, lambda colour: contrast(colour, WHITE) >= TEXT_CONTRAST, towards=0)
    else:
        on_brand = INK
    grounds = (LIGHT_SURFACE, LIGHT_GROUND)
    return Palette(
        brand=brand,
        brand_hover=_hover(brand, on_brand),
        brand_edge=nearest(brand, lambda colour: contrast(colour, LIGHT_SURFACE) >= EDGE_CONTRAST, towards=0),
        on_brand=on_brand,
        link=nearest(brand, lambda colour: all(contrast(colour, ground) >= TEXT_CONTRAST for ground in grounds), towards=0),
        tint=mix(LIGHT_GROUND, brand, 0.09),
    )


@lru_cache(maxsize=1024)
def dark_palette(brand: Colour) -> Palette:
    """The brand on near-black: lightened until a button of it stands out, then given the words that can be read on it."""
    brand = nearest(brand, lambda colour: contrast(colour, DARK_SURFACE) >= EDGE_CONTRAST, towards=1)
    on_brand = WHITE if contrast(brand, WHITE) >= TEXT_CONTRAST else INK
    if contrast(brand, on_brand) < TEXT_CONTRAST:
        brand = nearest(brand, lambda colour: contrast(colour, on_brand) >= TEXT_CONTRAST, towards=1)
    grounds = (DARK_SURFACE, DARK_GROUND)
    return Palette(
        brand=brand,
        brand_hover=_hover(brand, on_brand),
        brand_edge=brand,
        on_brand=on_brand,
        link=nearest(brand, lambda colour: all(contrast(colour, ground) >= TEXT_CONTRAST for ground in grounds), towards=1),
        tint=mix(DARK_GROUND, brand, 0.09),
    )


def _hover(brand: Colour, on_brand: Colour) -> Colour:
    """A little away from the colour of the words, so that they only get easier to read; the other way where there is no room."""
    lightness = lightness_of(brand)
    away = -0.05 if on_brand == WHITE else 0.05
    if not 0.15 <= lightness + away <= 1:
        away = -away
    moved = at_lightness(brand, lightness + away)
    return moved if contrast(moved, on_brand) >= TEXT_CONTRAST else brand


def print_palette(palette: Palette) -> str:
    """Declarations of the custom properties that `static/roundtrip.css` reads."""
    return (
        f"--brand:{palette.brand};--brand-hover:{palette.brand_hover};--brand-edge:{palette.brand_edge};"
        f"--on-brand:{palette.on_brand};--link:{palette.link};--tint:{palette.tint};"
    )
