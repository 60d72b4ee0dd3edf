"""What is printed on things: a landscape, a twig, a sun. Each is laid over a mask, so that it follows the thing."""

from __future__ import annotations

import math

from roundtrip.media.drawn.canvas import Canvas, Mask, Point, arc, both, curve, ellipse, line, polygon
from roundtrip.media.drawn.palettes import Colour, mixed


def landscape(canvas: Canvas, x: float, y: float, radius: float, sky: Colour, sun: Colour, hills: Colour, part: float = 1.0) -> None:
    """Hills below a sun, in a circle."""
    circle = ellipse(x, y, radius, radius)
    canvas.paint(circle, sky, part)
    canvas.paint(both(circle, ellipse(x + radius * 0.3, y - radius * 0.22, radius * 0.32, radius * 0.32)), sun, part)
    for place, (rise, shift) in enumerate(((0.02, -0.5), (0.3, 0.35), (0.58, -0.2))):
        top = y + radius * rise
        wave = [
            (x - radius * 1.1 + radius * 2.2 * step / 60, top + radius * 0.2 * math.sin((step / 60 * 2.2 + shift) * math.pi))
            for step in range(61)
        ]
        hill = polygon([*wave, (x + radius * 1.1, y + radius * 1.1), (x - radius * 1.1, y + radius * 1.1)])
        canvas.paint(both(circle, hill), mixed(sky, hills, (0.42, 0.7, 1.0)[place]), part)


def leaf(base: Point, angle: float, length: float, width: float) -> Mask:
    """One leaf, from where it grows, in a direction (degrees, 0 is right, -90 is up)."""
    return polygon(leaf_points(base, angle, length, width))


def leaf_points(base: Point, angle: float, length: float, width: float) -> list[Point]:
    """The outline of a leaf."""
    turn = math.radians(angle)

    def place(along: float, across: float) -> Point:
        return (
            base[0] + along * math.cos(turn) - across * math.sin(turn),
            base[1] + along * math.sin(turn) + across * math.cos(turn),
        )

    there = curve(place(0, 0), (place(length * 0.25, -width), place(length * 0.7, -width * 0.75), place(length, 0)))
    back = curve(place(length, 0), (place(length * 0.7, width * 0.75), place(length * 0.25, width), place(0, 0)))
    return [*there, *back]


def twig(canvas: Canvas, x: float, bottom: float, height: float, colour: Colour, part: float = 1.0) -> None:
    """A stem with leaves on both sides."""
    stem = curve(
        (x, bottom), ((x + height * 0.06, bottom - height * 0.35), (x - height * 0.06, bottom - height * 0.7), (x, bottom - height))
    )
    canvas.paint(line(stem, height * 0.018), colour, part)
    pairs = 5
    for place in range(pairs):
        at = stem[round((0.14 + 0.74 * place / (pairs - 1)) * (len(stem) - 1))]
        size = height * (0.34 - 0.04 * place)
        canvas.paint(leaf(at, -38 - 4 * place, size, size * 0.3), colour, part)
        canvas.paint(leaf((at[0], at[1] - height * 0.03), -142 + 4 * place, size, size * 0.3), colour, part)
    canvas.paint(leaf(stem[-1], -90, height * 0.2, height * 0.06), colour, part)


def rising_sun(canvas: Canvas, x: float, y: float, radius: float, colour: Colour, lines: Colour, part: float = 1.0) -> None:
    """Half a sun over three waves, with rays."""
    half = polygon([*arc(x, y, radius * 0.5, radius * 0.5, 180, 360)])
    canvas.paint(half, colour, part)
    for place in range(9):
        turn = math.radians(180 + 22.5 * place)
        begin, end = radius * 0.62, radius * (0.92 if place % 2 == 0 else 0.8)
        ray = [(x + begin * math.cos(turn), y + begin * math.sin(turn)), (x + end * math.cos(turn), y + end * math.sin(turn))]
        canvas.paint(line(ray, radius * 0.05), colour, part)
    for row in range(3):
        level = y + radius * (0.16 + 0.19 * row)
        reach = radius * (0.95 - 0.2 * row)
        wave = [(x - reach + 2 * reach * step / 60, level + radius * 0.045 * math.sin(step / 60 * math.pi * 6)) for step in range(61)]
        canvas.paint(line(wave, radius * 0.05), lines, part)
