"""Places and occasions: a concert, a class on mats, two armchairs for a talk."""

from __future__ import annotations

import math
from functools import partial

from PIL import ImageDraw

from roundtrip.media.drawn.canvas import (
    Canvas,
    Scale,
    both,
    curve,
    either,
    ellipse,
    line,
    mask,
    moved,
    polygon,
    profile,
    rectangle,
    soft,
    without,
)
from roundtrip.media.drawn.motifs import leaf_points
from roundtrip.media.drawn.palettes import Colour, Palette, darker, lighter, mixed

_PALE = (244, 236, 222)


def _main(palette: Palette) -> Colour:
    return palette.accent if palette.main == _PALE else palette.main


def stage(palette: Palette) -> Canvas:
    """A concert in the evening: light over a crowd."""
    main = _main(palette)
    night = mixed(darker(main, 0.72), (18, 16, 34), 0.55)
    canvas = Canvas(night, is_lit=False)
    whole = rectangle(-2, -2, 1202, 1202)
    canvas.fill(whole, darker(night, 0.35), mixed(night, main, 0.5), 0, 900, upright=True)
    canvas.paint(soft(ellipse(600, 760, 560, 300), 160), lighter(palette.second, 0.2), 0.75)
    canvas.paint(soft(ellipse(600, 800, 260, 150), 90), (255, 240, 214), 0.8)
    for place, (x, lean) in enumerate(((150, 210), (340, 90), (520, 30), (680, -30), (860, -90), (1050, -210))):
        beam = polygon([(x - 12, 96), (x + 12, 96), (x + lean * 2 + 150, 900), (x + lean * 2 - 150, 900)])
        fade = profile([(0, 1), (1, 0.06)], 90, 900, upright=True)
        colour = (lighter(palette.second, 0.4), lighter(main, 0.6), (255, 246, 226))[place % 3]
        canvas.paint(both(soft(beam, 14), fade), colour, 0.5)
    canvas.paint(mask(_truss), darker(night, 0.6))
    for x in (150, 340, 520, 680, 860, 1050):
        canvas.paint(rectangle(x - 22, 84, x + 22, 120, 10), darker(night, 0.7))
        canvas.paint(soft(ellipse(x, 118, 30, 22), 9), (255, 250, 236), 0.95)
    _band(canvas, darker(night, 0.55))
    _crowd(canvas, night, main)
    return canvas


def _band(canvas: Canvas, colour: Colour) -> None:
    """Three people and what they play, dark before the light."""
    canvas.paint(rectangle(120, 800, 1080, 840), colour)
    for x, tall in ((360, 1.0), (600, 1.08), (840, 1.0)):
        head = ellipse(x, 800 - 172 * tall, 25 * tall, 29 * tall)
        shape = polygon(
            [
                *curve((x - 46 * tall, 690), ((x - 44 * tall, 640), (x + 44 * tall, 640), (x + 46 * tall, 690))),
                (x + 34 * tall, 760),
                (x + 38 * tall, 806),
                (x - 38 * tall, 806),
                (x - 34 * tall, 760),
            ]
        )
        canvas.paint(either(head, shape), colour)
    canvas.paint(line([(648, 800), (640, 640), (620, 622)], 6), colour)
    for x, lean in ((360, -1), (840, 1)):
        canvas.paint(line([(x - lean * 34, 742), (x + lean * 96, 668)], 11), colour)
        canvas.paint(ellipse(x - lean * 26, 738, 36, 27), colour)


def _truss(pen: ImageDraw.ImageDraw, s: Scale) -> None:
    """What the lights hang from."""
    for level in (70, 104):
        pen.line(s(-10, level, 1210, level), fill=255, width=14)
    for place in range(25):
        pen.line(s(place * 50 - 10, 104 if place % 2 else 70, place * 50 + 40, 70 if place % 2 else 104), fill=255, width=8)


def _crowd(canvas: Canvas, night: Colour, main: Colour) -> None:
    """Heads and raised hands, row before row, darker towards us."""
    for row, (level, size, tone) in enumerate(((900, 34, 0.35), (968, 46, 0.2), (1062, 64, 0.08))):
        people = mask(partial(_row, row, level, size))
        canvas.paint(people, mixed(darker(night, 0.72), main, tone))
        edge = lighter(mixed(main, (255, 220, 180), 0.5), 0.3)
        canvas.paint(both(people, soft(without(people, moved(people, 0, 5)), 3)), edge, 0.5 - 0.12 * row)


def _row(row: int, level: float, size: float, pen: ImageDraw.ImageDraw, s: Scale) -> None:
    for place in range(-1, 16):
        x = place * size * 2.35 + 40 * row + 16 * math.sin(place * 2.3 + row)
        y = level + 14 * math.sin(place * 1.7 + row * 2)
        pen.ellipse(s(x - size * 0.58, y - size * 0.68, x + size * 0.58, y + size * 0.68), fill=255)
        pen.rounded_rectangle(s(x - size, y + size * 0.62, x + size, 1300), radius=size * 1.6, fill=255)
        if place % 3 == row % 3:
            side = 1 if place % 2 else -1
            bent = (x + side * size * 0.8, y + size, x + side * size * 1.1, y - size * 0.3, x + side * size * 0.8, y - size * 1.5)
            pen.line(s(*bent), fill=255, width=round(size * 0.68), joint="curve")
            hand = size * 0.24
            pen.ellipse(s(bent[4] - hand, bent[5] - hand, bent[4] + hand, bent[5] + hand), fill=255)


def mat(palette: Palette) -> Canvas:
    """A mat that is rolled up, two blocks and a plant: a class is about to begin."""
    main = _main(palette)
    canvas = Canvas(palette.wall, floor=760)
    for place, (angle, length) in enumerate(((-96, 330), (-118, 290), (-72, 300), (-140, 220), (-50, 230))):
        shape = polygon(leaf_points((917, 660), angle, length, 44))
        tone = mixed((74, 118, 82), (150, 186, 128), place * 0.14)
        canvas.shadow(shape, 8, 10, 10, 0.2)
        canvas.fill(shape, lighter(tone, 0.16), darker(tone, 0.2), 760, 1020)
    canvas.stand(917, 800, 90, 150)
    pot = polygon([(831, 640), (1003, 640), (983, 796), (851, 796)])
    canvas.paint(pot, palette.paper)
    canvas.round_off(pot, 831, 1003, (226, 214, 196))
    canvas.stand(480, 956, 330, 180)
    roll = either(rectangle(190, 720, 800, 948, 114), ellipse(770, 834, 62, 114))
    canvas.paint(roll, main)
    light = profile([(0, 0.25), (0.2, 0), (0.45, 0.1), (0.8, 0.6), (1, 0.9)], 720, 948, upright=True)
    canvas.paint(both(roll, light), darker(main, 0.8), 0.62)
    canvas.paint(both(roll, soft(line([(230, 768), (740, 768)], 30), 14)), (255, 255, 255), 0.28)
    end = ellipse(770, 834, 62, 114)
    canvas.fill(end, lighter(main, 0.3), lighter(main, 0.06), 720, 948, upright=True)
    spiral = [(770 + 62 * (1 - t / 150) * math.cos(t * 0.2), 834 + 114 * (1 - t / 150) * math.sin(t * 0.2)) for t in range(136)]
    canvas.paint(both(end, line(spiral, 5)), darker(main, 0.45), 0.8)
    for x in (320, 620):
        strap = both(roll, rectangle(x, 700, x + 34, 960))
        canvas.paint(strap, palette.second)
        canvas.paint(both(strap, light), darker(palette.second, 0.8), 0.6)
    _block(canvas, 905, 930, palette.second)
    return canvas


def _block(canvas: Canvas, x: float, bottom: float, colour: Colour) -> None:
    canvas.stand(x + 20, bottom + 26, 110, 120)
    canvas.fill(
        polygon([(x - 90, bottom - 110), (x + 80, bottom - 96), (x + 80, bottom + 24), (x - 90, bottom + 6)]),
        colour,
        darker(colour, 0.16),
        x - 90,
        x + 90,
    )
    canvas.paint(
        polygon([(x + 80, bottom - 96), (x + 132, bottom - 124), (x + 132, bottom - 10), (x + 80, bottom + 24)]), darker(colour, 0.36)
    )
    canvas.paint(
        polygon([(x - 90, bottom - 110), (x - 30, bottom - 136), (x + 132, bottom - 124), (x + 80, bottom - 96)]), lighter(colour, 0.3)
    )


def armchair(palette: Palette) -> Canvas:
    """An armchair, a lamp and a small table: time for a talk."""
    main = _main(palette)
    canvas = Canvas(palette.wall, floor=840)
    canvas.paint(soft(ellipse(830, 420, 300, 260), 120), (255, 240, 204), 0.75)
    canvas.stand(832, 990, 70, 260)
    canvas.paint(line([(832, 330), (832, 980)], 11), (70, 58, 52))
    canvas.fill(ellipse(832, 984, 78, 17), (96, 80, 70), (58, 46, 42), 750, 910)
    shade = polygon([(762, 220), (902, 220), (962, 384), (702, 384)])
    canvas.fill(shade, (255, 246, 222), (250, 216, 160), 220, 384, upright=True)
    canvas.paint(both(shade, profile([(0, 0.4), (0.4, 0), (1, 0.5)], 702, 962)), (206, 150, 92), 0.4)
    canvas.stand(470, 1000, 270, 300)
    for x in (262, 652):
        canvas.paint(polygon([(x, 900), (x + 34, 900), (x + 24, 1000), (x + 8, 1000)]), (120, 82, 54))
    back = polygon(curve((250, 800), ((236, 520), (270, 400), (470, 396)), ((670, 400), (704, 520), (690, 800))))
    canvas.fill(back, lighter(main, 0.10), darker(main, 0.24), 250, 700)
    canvas.paint(both(back, soft(without(back, moved(back, 14, 16)), 14)), lighter(main, 0.6), 0.4)
    for x in (360, 470, 580):
        for y in (520, 610):
            canvas.paint(soft(ellipse(x + (45 if y == 610 else 0) - 20, y, 12, 11), 5), darker(main, 0.8), 0.6)
    seat = rectangle(268, 720, 672, 840, 44)
    canvas.shadow(seat, 0, -16, 14, 0.26)
    canvas.fill(seat, lighter(main, 0.22), darker(main, 0.06), 720, 840, upright=True)
    front = rectangle(250, 806, 690, 920, 30)
    canvas.fill(front, lighter(main, 0.02), darker(main, 0.3), 806, 930, upright=True)
    for left in (196, 640):
        arm = rectangle(left, 640, left + 104, 924, 50)
        canvas.shadow(arm, 10, 10, 14, 0.26)
        canvas.fill(arm, lighter(main, 0.2), darker(main, 0.22), 640, 930, upright=True)
        canvas.round_off(arm, left, left + 104, main, depth=0.5)
    pillow = rectangle(372, 580, 566, 764, 40).rotate(9, center=(470, 670))
    canvas.shadow(pillow, 10, 12, 14, 0.34)
    canvas.fill(pillow, lighter(palette.second, 0.16), darker(palette.second, 0.16), 372, 566)
    canvas.paint(both(pillow, soft(without(pillow, moved(pillow, -10, -10)), 14)), darker(palette.second, 0.8), 0.4)
    return canvas
