"""Things that are sewn: a T-shirt, a tote bag, a cushion."""

from __future__ import annotations

from collections.abc import Sequence

from roundtrip.media.drawn.canvas import Canvas, Mask, Point, both, curve, either, line, moved, polygon, profile, soft, without
from roundtrip.media.drawn.motifs import rising_sun, twig
from roundtrip.media.drawn.palettes import Colour, Palette, darker, lighter, mixed

Folds = Sequence[tuple[Sequence[Point], float, float]]
SHIRT_FOLDS: Folds = (
    ([(470, 700), (440, 820), (452, 960)], 26, 0.20),
    ([(748, 640), (770, 800), (742, 980)], 30, 0.20),
    ([(600, 760), (630, 860), (610, 1000)], 34, 0.13),
    ([(392, 520), (440, 470), (470, 400)], 22, 0.22),
    ([(808, 520), (762, 470), (730, 400)], 22, 0.22),
    ([(300, 500), (330, 440), (360, 400)], 16, 0.16),
    ([(900, 500), (872, 440), (842, 400)], 16, 0.16),
)
TOTE_FOLDS: Folds = (
    ([(420, 500), (404, 720), (420, 1000)], 34, 0.20),
    ([(770, 500), (800, 760), (776, 1010)], 38, 0.22),
    ([(540, 470), (520, 540), (530, 600)], 24, 0.16),
    ([(672, 470), (690, 540), (676, 620)], 24, 0.16),
    ([(360, 1010), (520, 980), (620, 1010)], 26, 0.14),
)


def _mirrored(points: list[Point]) -> list[Point]:
    """The outline's other half."""
    return [(1200 - x, y) for x, y in reversed(points)]


def _fold(canvas: Canvas, shape: Mask, points: Sequence[Point], width: float, colour: Colour, part: float) -> None:
    """A soft fold: dark on one side, light on the other."""
    crease = soft(line(points, width), width * 0.7)
    canvas.paint(both(shape, crease), darker(colour, 0.8), part)
    canvas.paint(both(shape, moved(crease, -width * 0.9, -width * 0.3)), lighter(colour, 0.7), part * 0.7)


def shirt(palette: Palette) -> Canvas:
    """A T-shirt, laid flat, with a sun rising over the sea."""
    canvas = Canvas(palette.wall, floor=None)
    right = (
        curve(
            (690, 214), ((740, 226), (790, 240), (828, 262)), ((896, 300), (960, 380), (1012, 486)), ((1016, 500), (1010, 510), (996, 516))
        )
        + curve((996, 516), ((950, 540), (905, 556), (860, 570)), ((850, 572), (846, 566), (842, 556)))
        + curve((842, 556), ((832, 530), (824, 512), (816, 500)), ((812, 640), (812, 800), (822, 968)))
        + curve((822, 968), ((822, 984), (814, 990), (800, 992)), ((740, 1000), (670, 1003), (600, 1003)))
    )
    body = polygon(right + _mirrored(right) + curve((510, 214), ((556, 192), (644, 192), (690, 214))))
    neck_front = curve((690, 214), ((676, 292), (636, 320), (600, 320)), ((564, 320), (524, 292), (510, 214)))
    neck_back = curve((510, 214), ((550, 236), (650, 236), (690, 214)))
    hole = polygon(neck_front + neck_back)
    whole = without(body, hole)
    canvas.shadow(body, 22, 30, 34, 0.34)
    canvas.shadow(body, 6, 9, 8, 0.30)
    canvas.fill(hole, darker(palette.main, 0.5), darker(palette.main, 0.22), 190, 320, upright=True)
    canvas.fill(whole, lighter(palette.main, 0.08), darker(palette.main, 0.10), 180, 1020)
    sun_colour = palette.second if palette.main != palette.second else palette.accent
    rising_sun(canvas, 600, 560, 150, mixed(sun_colour, palette.accent, 0.15), palette.accent)
    for points, width, part in SHIRT_FOLDS:
        _fold(canvas, whole, points, width, palette.main, part)
    canvas.paint(both(whole, soft(without(whole, moved(whole, 10, 8)), 9)), lighter(palette.main, 0.6), 0.45)
    canvas.paint(both(whole, soft(without(whole, moved(whole, -12, -12)), 11)), darker(palette.main, 0.8), 0.45)
    front = both(whole, polygon([(440, 214), (760, 214), (760, 360), (440, 360)]))
    canvas.fill(both(front, line(neck_front, 50)), lighter(palette.main, 0.10), darker(palette.main, 0.16), 500, 720)
    canvas.paint(both(front, without(line(neck_front, 54), line(neck_front, 48))), darker(palette.main, 0.7), 0.35)
    canvas.paint(
        both(whole, polygon([*curve((510, 214), ((556, 192), (644, 192), (690, 214))), *reversed(neck_back)])), darker(palette.main, 0.2)
    )
    _seams(canvas, whole, darker(palette.main, 0.75))
    return canvas


def _seams(canvas: Canvas, shirt: Mask, thread: Colour) -> None:
    for x in (1, -1):
        seam = [(600 + x * 226, 268), (600 + x * 212, 400), (600 + x * 215, 500)]
        canvas.paint(both(shirt, line(curve(seam[0], ((600 + x * 206, 330), (600 + x * 208, 420), seam[2])), 3)), thread, 0.32)
        hem = [(600 + x * 386, 494), (600 + x * 240, 550)]
        canvas.paint(both(shirt, line(hem, 2.5)), thread, 0.30)
    canvas.paint(both(shirt, line(curve((380, 968), ((460, 980), (740, 980), (820, 968))), 2.5)), thread, 0.30)


def tote(palette: Palette) -> Canvas:
    """A bag of canvas, hanging on a peg, with a twig on it."""
    canvas = Canvas(palette.wall, floor=None)
    cloth = (240, 229, 206) if palette.main != (244, 236, 222) else (226, 208, 180)
    back = curve((470, 470), ((470, 330), (540, 196), (600, 180)), ((660, 196), (730, 330), (730, 470)))
    front = curve((452, 486), ((452, 336), (536, 204), (600, 192)), ((664, 204), (748, 336), (748, 486)))
    peg = line([(600, 176), (600, 186)], 46)
    canvas.shadow(peg, 14, 20, 12, 0.4)
    canvas.fill(peg, (214, 172, 126), (158, 112, 74), 570, 632)
    canvas.shadow(line(back, 26), 18, 24, 14, 0.28)
    canvas.paint(line(back, 26), darker(cloth, 0.24))
    bag = polygon(
        curve((352, 440), ((440, 452), (760, 452), (848, 440)))
        + curve((848, 440), ((852, 640), (872, 860), (880, 1016)), ((880, 1040), (868, 1050), (846, 1052)))
        + curve((846, 1052), ((700, 1064), (500, 1064), (354, 1052)), ((332, 1050), (320, 1040), (320, 1016)))
        + curve((320, 1016), ((328, 860), (348, 640), (352, 440)))
    )
    canvas.shadow(bag, 30, 34, 36, 0.36)
    canvas.shadow(bag, 8, 10, 9, 0.28)
    canvas.fill(bag, lighter(cloth, 0.34), darker(cloth, 0.05), 330, 900)
    circle_colour = palette.main if palette.main != (244, 236, 222) else palette.accent
    twig(canvas, 600, 950, 350, circle_colour)
    for points, width, part in TOTE_FOLDS:
        _fold(canvas, bag, points, width, cloth, part)
    canvas.paint(both(bag, soft(without(bag, moved(bag, -14, -12)), 12)), darker(cloth, 0.75), 0.40)
    canvas.paint(both(bag, soft(without(bag, moved(bag, 8, 8)), 6)), (255, 255, 255), 0.5)
    hem = curve((352, 484), ((440, 496), (760, 496), (848, 484)))
    canvas.paint(both(bag, line(hem, 3)), darker(cloth, 0.6), 0.4)
    canvas.shadow(line(front[:56], 28), 8, 10, 8, 0.26)
    straps = either(line([(452, 560), *front[:30]], 28), line([*front[26:], (748, 560)], 28))
    canvas.fill(straps, lighter(cloth, 0.3), darker(cloth, 0.12), 430, 780)
    canvas.paint(both(straps, soft(without(straps, moved(straps, -5, -3)), 4)), darker(cloth, 0.7), 0.4)
    for x in (452, 748):
        for stitch in ([(x - 10, 520), (x + 10, 550)], [(x + 10, 520), (x - 10, 550)]):
            canvas.paint(line(stitch, 2.5), circle_colour, 0.8)
    return canvas


def cushion(palette: Palette) -> Canvas:
    """A cushion with stripes, leaning in a corner."""
    canvas = Canvas(palette.wall, floor=860)
    outline = (
        curve((250, 306), ((420, 356), (780, 356), (950, 306)), ((976, 300), (990, 314), (984, 340)))
        + curve((984, 340), ((930, 500), (930, 800), (984, 960)), ((990, 986), (976, 1000), (950, 994)))
        + curve((950, 994), ((780, 944), (420, 944), (250, 994)), ((224, 1000), (210, 986), (216, 960)))
        + curve((216, 960), ((270, 800), (270, 500), (216, 340)), ((210, 314), (224, 300), (250, 306)))
    )
    shape = polygon(outline)
    canvas.stand(600, 990, 330, 260)
    canvas.shadow(shape, 26, 26, 34, 0.32)
    canvas.fill(shape, lighter(palette.main, 0.08), darker(palette.main, 0.06), 280, 1000, upright=True)
    for place, (x, width) in enumerate(((360, 34), (420, 10), (452, 10), (600, 92), (748, 10), (780, 10), (840, 34))):
        bend = (x - 600) * 0.14
        stripe = line(curve((x + bend, 280), ((x - bend * 0.6, 500), (x - bend * 0.6, 800), (x + bend, 1020))), width)
        canvas.paint(both(shape, stripe), palette.second if place == 3 else palette.accent, 0.95)
    centre = polygon([(600 + (x - 600) * 0.62, 650 + (y - 650) * 0.62) for x, y in outline])
    canvas.paint(both(shape, soft(without(shape, centre), 80)), darker(palette.main, 0.85), 0.34)
    canvas.paint(both(shape, soft(moved(centre, -110, -120), 90)), (255, 255, 255), 0.26)
    canvas.paint(both(shape, profile([(0, 0), (0.55, 0), (1, 1)], 300, 1000, upright=True)), darker(palette.main, 0.85), 0.26)
    for corner, inward in (((250, 322), (360, 430)), ((950, 322), (840, 430)), ((250, 978), (350, 880)), ((950, 978), (850, 880))):
        _fold(canvas, shape, [corner, inward], 20, palette.main, 0.22)
    rim = line([*outline, outline[0]], 9)
    canvas.fill(rim, lighter(palette.accent, 0.1), darker(palette.accent, 0.22), 300, 1000, upright=True)
    return canvas
