"""Things that stand: a mug, a bottle, a candle, a plant in its pot."""

from __future__ import annotations

from roundtrip.media.drawn.canvas import Canvas, arc, both, curve, either, ellipse, line, polygon, profile, rectangle, soft, without
from roundtrip.media.drawn.motifs import landscape, leaf_points, twig
from roundtrip.media.drawn.palettes import Palette, darker, lighter, mixed


def mug(palette: Palette) -> Canvas:
    """A mug with a landscape on it, and coffee in it."""
    canvas = Canvas(palette.wall)
    left, right, top, bottom = 330.0, 750.0, 380.0, 868.0
    middle, rx = (left + right) / 2, (right - left) / 2
    canvas.stand(middle, bottom + 18, rx * 0.9, 480)
    outer = polygon(
        [
            *curve((735, 450), ((935, 420), (960, 760), (722, 770)), steps=60),
            (722, 700),
            *curve((722, 700), ((868, 690), (860, 500), (735, 520)), steps=60),
        ]
    )
    canvas.fill(outer, lighter(palette.main, 0.1), darker(palette.main, 0.42), 720, 915)
    canvas.paint(soft(line(arc(740, 610, 140, 150, -70, 40), 9), 6), lighter(palette.main, 0.8), 0.28)
    side = polygon(
        [
            (left, top),
            (right, top),
            *curve((right, top), ((right, 640), (right - 4, 760), (right - 26, 820))),
            *arc(middle, 818, rx - 26, 62, 0, 180),
            *curve((left + 26, 820), ((left + 4, 760), (left, 640), (left, top))),
        ]
    )
    body = either(side, ellipse(middle, top, rx, 58))
    canvas.paint(body, palette.main)
    landscape(canvas, middle - 22, 628, 138, palette.accent, palette.second, darker(palette.main, 0.35), 0.95)
    canvas.round_off(body, left, right, palette.main)
    canvas.paint(both(body, profile([(0, 0), (0.7, 0), (1, 1)], 380, 890, upright=True)), darker(palette.main, 0.8), 0.22)
    rim = ellipse(middle, top, rx, 58)
    canvas.fill(rim, lighter(palette.main, 0.55), lighter(palette.main, 0.12), left, right)
    inside = ellipse(middle, top + 4, rx - 15, 46)
    canvas.fill(inside, darker(palette.main, 0.62), darker(palette.main, 0.1), left, right)
    coffee = both(inside, ellipse(middle, top + 26, rx - 24, 40))
    canvas.fill(coffee, (58, 33, 22), (116, 74, 48), left, right)
    canvas.paint(both(coffee, soft(ellipse(middle - 60, top + 20, 90, 9), 8)), (214, 170, 128), 0.5)
    return canvas


def bottle(palette: Palette) -> Canvas:
    """A steel bottle with a wooden lid."""
    canvas = Canvas(palette.wall, floor=850)
    left, right, middle = 462.0, 738.0, 600.0
    canvas.stand(middle, 980, 136, 560)
    body = polygon(
        [
            *curve((left, 420), ((left, 350), (530, 330), (532, 268))),
            (668, 268),
            *curve((668, 268), ((670, 330), (right, 350), (right, 420))),
            *curve((right, 420), ((right, 700), (right, 800), (right, 930)), ((right, 968), (right - 30, 985), (middle, 985))),
            *curve((middle, 985), ((left + 30, 985), (left, 968), (left, 930))),
        ]
    )
    canvas.paint(body, palette.main)
    twig(canvas, middle - 18, 850, 330, palette.accent, 0.95)
    canvas.round_off(body, left, right, palette.main)
    canvas.paint(both(body, profile([(0, 0), (0.86, 0), (1, 1)], 268, 985, upright=True)), darker(palette.main, 0.8), 0.3)
    canvas.paint(both(body, soft(line([(520, 372), (680, 372)], 40), 18)), lighter(palette.main, 0.6), 0.10)
    ring = rectangle(524, 240, 676, 276, 10)
    canvas.paint(ring, (206, 208, 210))
    canvas.round_off(ring, 524, 676, (190, 192, 196))
    lid = rectangle(512, 150, 688, 246, 22)
    canvas.paint(lid, (196, 150, 104))
    for place, level in enumerate((172, 196, 214, 232)):
        canvas.paint(both(lid, line([(500, level), (600, level + 4 - place * 2), (700, level - 2)], 3)), (150, 104, 66), 0.4)
    canvas.round_off(lid, 512, 688, (190, 140, 92))
    canvas.paint(soft(line([(500, 470), (500, 880)], 12), 7), (255, 255, 255), 0.30)
    return canvas


def candle(palette: Palette) -> Canvas:
    """A candle in a glass, burning."""
    canvas = Canvas(mixed(palette.wall, darker(palette.wall, 0.5), 0.12))
    left, right, top, bottom = 380.0, 800.0, 440.0, 900.0
    middle, rx = 590.0, 210.0
    canvas.stand(middle, bottom + 22, rx * 0.94, 400)
    side = polygon([(left, top), (right, top), (right, bottom - 30), *arc(middle, bottom - 30, rx, 56, 0, 180)])
    glass = either(side, ellipse(middle, top, rx, 50))
    canvas.fill(glass, lighter(palette.main, 0.55), lighter(palette.main, 0.25), top, bottom, upright=True)
    wax = both(glass, rectangle(left, 520, right, bottom + 40))
    canvas.fill(
        either(wax, ellipse(middle, 522, rx - 6, 46)), lighter(palette.main, 0.18), darker(palette.main, 0.12), 500, bottom, upright=True
    )
    canvas.fill(ellipse(middle, 522, rx - 10, 42), lighter(palette.main, 0.62), lighter(palette.main, 0.3), left, right)
    canvas.paint(soft(ellipse(middle, 520, 120, 26), 20), (255, 236, 190), 0.85)
    label = both(glass, polygon([*arc(middle, 600, rx, 42, 180, 0), *arc(middle, 806, rx, 50, 0, 180)]))
    canvas.paint(label, palette.paper)
    ink = palette.second if palette.paper != palette.second else palette.main
    twig(canvas, middle, 826, 156, ink, 0.9)
    for level, depth in ((608, 42), (798, 50)):
        canvas.paint(both(label, line(arc(middle, level, rx, depth, 180, 0), 4)), ink, 0.5)
    canvas.round_off(glass, left, right, palette.main, depth=0.72)
    back = without(ellipse(middle, top, rx, 50), ellipse(middle, top + 2, rx - 9, 42))
    canvas.paint(back, (255, 255, 255), 0.5)
    canvas.paint(line([(590, 528), (592, 486)], 7), (60, 44, 38))
    canvas.paint(soft(ellipse(590, 420, 210, 210), 80), (255, 208, 130), 0.42)
    flame = polygon(curve((590, 334), ((640, 410), (634, 488), (590, 490))) + curve((590, 490), ((546, 488), (540, 410), (590, 334))))
    canvas.fill(soft(flame, 3), (255, 238, 176), (250, 152, 52), 350, 500, upright=True)
    canvas.paint(soft(ellipse(590, 452, 17, 30), 7), (255, 253, 236), 0.95)
    return canvas


def plant(palette: Palette) -> Canvas:
    """A plant with large leaves in a pot."""
    canvas = Canvas(palette.wall, floor=850)
    canvas.stand(600, 1000, 172, 420)
    green = (74, 118, 82)
    leaves = ((-90, 470, 92), (-118, 430, 88), (-62, 440, 88), (-146, 370, 80), (-34, 380, 80), (-104, 330, 78), (-74, 320, 80))
    for place, (angle, length, width) in enumerate(leaves):
        points = leaf_points((600, 712), angle, length, width)
        shape = polygon(points)
        tone = mixed(green, (150, 186, 128), (0.0, 0.12, 0.2, 0.3, 0.26, 0.48, 0.6)[place])
        canvas.shadow(shape, 12, 16, 14, 0.26)
        canvas.fill(shape, lighter(tone, 0.16), darker(tone, 0.26), 320, 860)
        vein = [points[0], points[28]]
        canvas.paint(both(shape, polygon([points[0], *points[28:57]])), darker(tone, 0.6), 0.16)
        canvas.paint(line(vein, 4), lighter(tone, 0.4), 0.6)
    pot = polygon(
        [
            (424, 700),
            (776, 700),
            *curve((776, 700), ((768, 820), (748, 930), (738, 968))),
            *arc(600, 966, 138, 38, 0, 180),
            *curve((462, 968), ((452, 930), (432, 820), (424, 700))),
        ]
    )
    canvas.paint(pot, palette.main)
    for level in (800, 832):
        canvas.paint(both(pot, line(arc(600, level, 190, 22, 0, 180), 8)), palette.accent, 0.85)
    canvas.round_off(pot, 424, 776, palette.main)
    band = either(rectangle(408, 664, 792, 746, 20), polygon(arc(600, 740, 190, 24, 0, 180)))
    canvas.shadow(both(band, pot), 0, 18, 10, 0.3)
    canvas.paint(band, lighter(palette.main, 0.08))
    canvas.round_off(band, 408, 792, palette.main)
    return canvas
