"""A sheet to draw on: smooth shapes, gradients, light and soft shadows. Coordinates are 0 to 1200 from the top left.

Shapes are masks, drawn at twice the size and reduced, so edges are smooth; everything else works at the final size, which is what makes
a picture take half a second. Nothing is random: the same call gives the same bytes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from roundtrip.media.drawn.palettes import Colour, darker, lighter

SIDE = 1200
_TWICE = 2
Point = tuple[float, float]
Mask = Image.Image
Stops = Sequence[tuple[float, float]]
"""Place and value, each 0 to 1, places rising."""


Scale = Callable[..., list[float]]
"""Turns coordinates into those of the larger sheet that shapes are drawn on."""


def mask(draw: Callable[[ImageDraw.ImageDraw, Scale], None]) -> Mask:
    """A shape. `draw` gets a pen and a function that scales coordinates for it."""
    large = Image.new("L", (SIDE * _TWICE, SIDE * _TWICE), 0)
    draw(ImageDraw.Draw(large), lambda *numbers: [number * _TWICE for number in numbers])
    return large.reduce(_TWICE)


def polygon(points: Sequence[Point]) -> Mask:
    """The inside of a line."""
    return mask(lambda pen, s: pen.polygon([tuple(s(*point)) for point in points], fill=255))


def ellipse(x: float, y: float, rx: float, ry: float) -> Mask:
    """An ellipse around a middle."""
    return mask(lambda pen, s: pen.ellipse(s(x - rx, y - ry, x + rx, y + ry), fill=255))


def rectangle(left: float, top: float, right: float, bottom: float, radius: float = 0) -> Mask:
    """A rectangle with round corners."""
    return mask(lambda pen, s: pen.rounded_rectangle(s(left, top, right, bottom), radius=radius * _TWICE, fill=255))


def line(points: Sequence[Point], width: float) -> Mask:
    """A line with round ends."""

    def draw(pen: ImageDraw.ImageDraw, s: Scale) -> None:
        pen.line([tuple(s(*point)) for point in points], fill=255, width=round(width * _TWICE), joint="curve")
        for x, y in (points[0], points[-1]):
            pen.ellipse(s(x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)

    return mask(draw)


def curve(start: Point, *pieces: tuple[Point, Point, Point], steps: int = 28) -> list[Point]:
    """Points along cubic curves: each piece is two handles and an end."""
    points = [start]
    for one, two, end in pieces:
        begin = points[-1]
        for step in range(1, steps + 1):
            t = step / steps
            u = 1 - t
            weights = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
            knots = (begin, one, two, end)
            points.append(
                (sum(w * k[0] for w, k in zip(weights, knots, strict=True)), sum(w * k[1] for w, k in zip(weights, knots, strict=True)))
            )
    return points


def arc(x: float, y: float, rx: float, ry: float, begin: float, end: float, steps: int = 48) -> list[Point]:
    """Points along an ellipse, angles in degrees, clockwise from the right."""
    angles = (math.radians(begin + (end - begin) * step / steps) for step in range(steps + 1))
    return [(x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles]


def both(one: Mask, other: Mask) -> Mask:
    """Where both are."""
    return ImageChops.multiply(one, other)


def without(one: Mask, other: Mask) -> Mask:
    """The first where the second is not."""
    return ImageChops.multiply(one, ImageChops.invert(other))


def either(one: Mask, other: Mask) -> Mask:
    """Where one of them is."""
    return ImageChops.lighter(one, other)


def faded(shape: Mask, part: float) -> Mask:
    """A shape that lets the rest through."""
    return shape.point(lambda value: round(value * part))


def soft(shape: Mask, radius: float) -> Mask:
    """A blurred shape. Large blurs are made small, where they are cheap and look the same."""
    if radius < 8:
        return shape.filter(ImageFilter.GaussianBlur(radius))
    small = shape.reduce(4).filter(ImageFilter.GaussianBlur(radius / 4))
    return small.resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def moved(shape: Mask, dx: float, dy: float) -> Mask:
    """A shape somewhere else."""
    away = Image.new("L", shape.size, 0)
    away.paste(shape, (round(dx), round(dy)))
    return away


def profile(stops: Stops, left: float, right: float, *, upright: bool = False) -> Mask:
    """Values that change along one direction between two places, and stay beyond them: light on something round."""
    row = Image.new("L", (SIDE, 1))
    values = []
    for place in range(SIDE):
        t = min(1.0, max(0.0, (place - left) / (right - left)))
        values.append(round(255 * _between(stops, t)))
    row.putdata(values)
    whole = row.resize((SIDE, SIDE))
    return whole.transpose(Image.Transpose.ROTATE_270) if upright else whole


def _between(stops: Stops, t: float) -> float:
    for (low, a), (high, b) in itertools.pairwise(stops):
        if t <= high:
            part = (t - low) / (high - low) if high > low else 1.0
            part = part * part * (3 - 2 * part)
            return a + (b - a) * part
    return stops[-1][1]


class Canvas:
    """The picture while it is made: a wall that turns into a floor, lit from the upper left."""

    def __init__(self, wall: Colour, *, floor: float | None = 800, is_lit: bool = True) -> None:
        """`floor` is where the wall ends, None for a wall only; `is_lit` False is a sheet for what is laid onto another one."""
        light, dark = lighter(wall, 0.42), darker(wall, 0.16)
        self.image = Image.new("RGB", (SIDE, SIDE), wall)
        if not is_lit:
            return
        self.fill(profile([(0, 1), (1, 1)], 0, 1), light, dark, 0, SIDE, upright=True)
        self.paint(soft(ellipse(430, 330, 430, 380), 170), lighter(wall, 0.72), 0.75)
        if floor is not None:
            below = profile([(0, 0), (1, 1)], floor - 50, floor + 60, upright=True)
            self.paint(below, lighter(wall, 0.22), 0.85)
            edge = profile([(0, 0), (0.35, 0), (0.5, 1), (1, 0)], floor - 130, floor + 90, upright=True)
            self.paint(edge, darker(wall, 0.3), 0.16)
        self._window(wall)

    def _window(self, wall: Colour) -> None:
        """Light that falls through a window."""
        for left, width in ((90, 170), (330, 120)):
            shaft = polygon([(left, -20), (left + width, -20), (left + width + 620, 1220), (left + 560, 1220)])
            self.paint(soft(shaft, 36), lighter(wall, 0.9), 0.20)

    def paint(self, shape: Mask, colour: Colour, part: float = 1.0) -> None:
        """Lay one colour over a shape."""
        self.image.paste(colour, (0, 0), faded(shape, part) if part < 1 else shape)

    def fill(self, shape: Mask, begin: Colour, end: Colour, low: float, high: float, *, upright: bool = False) -> None:
        """Lay a gradient over a shape, from one place to another."""
        ramp = profile([(0, 0), (1, 1)], low, high, upright=upright)
        self.image.paste(ImageOps.colorize(ramp, begin, end), (0, 0), shape)

    def shadow(self, shape: Mask, dx: float, dy: float, blur: float, part: float, colour: Colour = (58, 36, 32)) -> None:
        """What a shape takes from the light."""
        self.paint(soft(moved(shape, dx, dy), blur), colour, part)

    def round_off(self, shape: Mask, left: float, right: float, colour: Colour, *, depth: float = 1.0) -> None:
        """Light on something upright and round, between its left and its right edge."""
        dark = profile([(0, 0.55), (0.2, 0.12), (0.36, 0), (0.55, 0.08), (0.82, 0.42), (1, 0.72)], left, right)
        self.paint(both(shape, dark), darker(colour, 0.75), 0.62 * depth)
        shine = profile([(0, 0), (0.14, 0), (0.27, 1), (0.4, 0.1), (0.5, 0), (1, 0)], left, right)
        self.paint(both(shape, shine), lighter(colour, 0.85), 0.38 * depth)
        rim = profile([(0, 0), (0.93, 0), (0.97, 1), (1, 0.4)], left, right)
        self.paint(both(shape, rim), lighter(colour, 0.5), 0.16 * depth)

    def stand(self, x: float, y: float, rx: float, height: float) -> None:
        """The shadow of something that stands on the floor: dark where it touches, long and soft to the right."""
        reach = height * 0.62
        cast = polygon(
            [
                (x - rx * 0.7, y - 22),
                (x + rx * 0.9, y - 30),
                (x + rx + reach, y - 84),
                (x + rx + reach * 0.8, y + 8),
                (x - rx * 0.1, y + 14),
            ]
        )
        self.paint(soft(cast, 40), (70, 44, 38), 0.30)
        self.paint(soft(ellipse(x + 24, y - 6, rx * 1.06, 30), 20), (56, 34, 30), 0.40)
        self.paint(soft(ellipse(x + 4, y - 12, rx * 0.92, 18), 7), (40, 24, 22), 0.45)
