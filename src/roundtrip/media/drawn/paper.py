"""Things of paper: a framed poster, a notebook, a card."""

from __future__ import annotations

import math

from PIL import Image

from roundtrip.media.drawn.canvas import SIDE, Canvas, Mask, arc, both, curve, ellipse, line, moved, polygon, rectangle, soft, without
from roundtrip.media.drawn.motifs import landscape, twig
from roundtrip.media.drawn.palettes import Palette, darker, lighter, mixed


def poster(palette: Palette) -> Canvas:
    """A print in a wooden frame on the wall."""
    canvas = Canvas(palette.wall, floor=None)
    left, top, right, bottom = 290.0, 150.0, 910.0, 1010.0
    frame = rectangle(left, top, right, bottom, 4)
    canvas.shadow(frame, 40, 48, 46, 0.36)
    canvas.shadow(frame, 10, 14, 10, 0.36)
    wood = (186, 138, 94)
    width = 30.0
    inner = (left + width, top + width, right - width, bottom - width)
    sides = (
        ([(left, top), (right, top), (inner[2], inner[1]), (inner[0], inner[1])], lighter(wood, 0.22)),
        ([(left, top), (inner[0], inner[1]), (inner[0], inner[3]), (left, bottom)], lighter(wood, 0.1)),
        ([(right, top), (right, bottom), (inner[2], inner[3]), (inner[2], inner[1])], darker(wood, 0.12)),
        ([(left, bottom), (inner[0], inner[3]), (inner[2], inner[3]), (right, bottom)], darker(wood, 0.22)),
    )
    canvas.paint(frame, wood)
    for points, colour in sides:
        canvas.paint(both(frame, polygon(points)), colour)
    mat = rectangle(*inner)
    canvas.fill(mat, (255, 253, 249), (243, 238, 230), left, right)
    art = rectangle(inner[0] + 62, inner[1] + 62, inner[2] - 62, inner[3] - 62)
    _abstract(canvas, art, palette)
    canvas.paint(both(mat, soft(without(mat, moved(mat, 12, 14)), 10)), (60, 40, 34), 0.34)
    canvas.paint(without(rectangle(inner[0] + 58, inner[1] + 58, inner[2] - 58, inner[3] - 58), art), (214, 206, 196), 0.6)
    glare = polygon([(left + 60, inner[1]), (left + 260, inner[1]), (left + 700, inner[3]), (left + 500, inner[3])])
    canvas.paint(both(mat, soft(glare, 10)), (255, 255, 255), 0.14)
    return canvas


def _abstract(canvas: Canvas, art: Mask, palette: Palette) -> None:
    """Arches, a sun and hills in a few colours."""
    ground = mixed(palette.accent, palette.paper, 0.4)
    warm = palette.second if palette.main != (244, 236, 222) else palette.accent
    main = palette.main if palette.main != (244, 236, 222) else palette.second
    canvas.paint(art, ground)
    canvas.paint(both(art, ellipse(672, 432, 104, 104)), mixed(warm, (255, 255, 255), 0.08))
    for place, radius in enumerate((196, 158, 120, 82, 44)):
        arch = polygon([*arc(530, 700, radius, radius, 180, 360), (530 + radius, 960), (530 - radius, 960)])
        canvas.paint(both(art, arch), (main, ground, mixed(main, warm, 0.5), ground, warm)[place])
    hill = polygon(
        [*curve((360, 860), ((460, 770), (560, 780), (640, 840)), ((700, 880), (760, 860), (850, 800))), (850, 1000), (360, 1000)]
    )
    canvas.paint(both(art, hill), darker(main, 0.3))
    hill = polygon(
        [*curve((360, 910), ((480, 850), (600, 900), (700, 890)), ((760, 884), (800, 900), (850, 880))), (850, 1000), (360, 1000)]
    )
    canvas.paint(both(art, hill), mixed(main, ground, 0.25))


def _turned(canvas: Canvas, thing: Canvas, shape: Mask, degrees: float) -> Mask:
    """Lay what was drawn on another canvas onto this one, turned around the middle."""
    turned = shape.rotate(degrees, Image.Resampling.BICUBIC)
    canvas.shadow(turned, 30, 36, 36, 0.36)
    canvas.shadow(turned, 8, 11, 9, 0.34)
    canvas.image.paste(thing.image.rotate(degrees, Image.Resampling.BICUBIC), (0, 0), turned)
    return turned


def notebook(palette: Palette) -> Canvas:
    """A notebook with a ribbon and a pencil beside it."""
    canvas = Canvas(palette.wall, floor=None)
    left, top, right, bottom = 300.0, 190.0, 820.0, 1000.0
    book = Canvas(palette.wall, is_lit=False)
    block = rectangle(left + 14, top + 10, right + 12, bottom + 12, 12)
    book.fill(block, (250, 245, 235), (226, 216, 200), left, right)
    for place in range(5):
        book.paint(both(block, line([(right + 1 + place * 2.4, top + 20), (right + 1 + place * 2.4, bottom)], 1)), (196, 184, 166), 0.8)
        book.paint(both(block, line([(left + 20, bottom + 1 + place * 2.4), (right, bottom + 1 + place * 2.4)], 1)), (196, 184, 166), 0.8)
    cover = rectangle(left, top, right, bottom, 20)
    book.fill(cover, lighter(palette.main, 0.14), darker(palette.main, 0.08), left, right)
    spine = both(cover, rectangle(left, top, left + 62, bottom))
    book.paint(spine, darker(palette.main, 0.3), 0.75)
    book.paint(soft(both(cover, line([(left + 64, top), (left + 64, bottom)], 5)), 3), darker(palette.main, 0.8), 0.6)
    book.paint(soft(both(cover, line([(left + 72, top + 4), (left + 72, bottom - 4)], 4)), 2), lighter(palette.main, 0.6), 0.4)
    landscape(book, 588, 540, 132, palette.accent, palette.second, darker(palette.main, 0.25), 0.96)
    book.paint(line([(508, 760), (668, 760)], 6), palette.accent, 0.9)
    book.paint(line([(544, 786), (632, 786)], 6), palette.accent, 0.6)
    band = both(cover, rectangle(right - 74, top, right - 52, bottom))
    book.paint(soft(moved(band, 5, 0), 5), darker(palette.main, 0.9), 0.5)
    book.fill(band, lighter(palette.second, 0.12), darker(palette.second, 0.2), right - 74, right - 52)
    book.paint(both(cover, soft(without(cover, moved(cover, 6, 6)), 4)), (255, 255, 255), 0.45)
    book.paint(both(cover, soft(without(cover, moved(cover, -8, -8)), 7)), darker(palette.main, 0.9), 0.4)
    ribbon = polygon([(430, 990), (462, 990), (464, 1090), (447, 1072), (430, 1090)])
    turned = ribbon.rotate(7, Image.Resampling.BICUBIC)
    canvas.shadow(turned, 6, 9, 7, 0.3)
    canvas.fill(turned, palette.second, darker(palette.second, 0.3), 980, 1100, upright=True)
    either_shape = Image.new("L", (SIDE, SIDE), 0)
    either_shape.paste(255, (0, 0), block)
    either_shape.paste(255, (0, 0), cover)
    _turned(canvas, book, either_shape, 7)
    _pencil(canvas, palette)
    return canvas


def _pencil(canvas: Canvas, palette: Palette) -> None:
    x, top, bottom = 985.0, 300.0, 900.0
    pen = Canvas(palette.wall, is_lit=False)
    shaft = rectangle(x - 19, top, x + 19, bottom)
    colour = palette.second
    pen.paint(shaft, colour)
    pen.paint(rectangle(x - 19, top, x - 7, bottom), lighter(colour, 0.3))
    pen.paint(rectangle(x + 8, top, x + 19, bottom), darker(colour, 0.28))
    ferrule = rectangle(x - 20, top - 40, x + 20, top + 6, 3)
    pen.paint(ferrule, (206, 206, 204))
    pen.round_off(ferrule, x - 20, x + 20, (190, 190, 190))
    rubber = rectangle(x - 19, top - 82, x + 19, top - 36, 14)
    pen.paint(rubber, (232, 150, 142))
    pen.round_off(rubber, x - 19, x + 19, (226, 140, 132))
    tip = polygon(
        [
            (x - 19, bottom),
            (x - 13, bottom + 5),
            (x - 6, bottom - 3),
            (x + 6, bottom + 4),
            (x + 13, bottom - 2),
            (x + 19, bottom),
            (x + 4, bottom + 84),
            (x - 4, bottom + 84),
        ]
    )
    pen.fill(tip, (240, 208, 164), (206, 164, 114), x - 19, x + 19)
    lead = polygon([(x - 7, bottom + 66), (x + 7, bottom + 66), (x + 1, bottom + 96), (x - 1, bottom + 96)])
    pen.paint(lead, (58, 52, 52))
    whole = Image.new("L", (SIDE, SIDE), 0)
    for part in (shaft, ferrule, rubber, tip, lead):
        whole.paste(255, (0, 0), part)
    turned = whole.rotate(-9, Image.Resampling.BICUBIC, center=(x, 600))
    canvas.shadow(turned, 16, 20, 14, 0.34)
    canvas.shadow(turned, 5, 7, 5, 0.34)
    canvas.image.paste(pen.image.rotate(-9, Image.Resampling.BICUBIC, center=(x, 600)), (0, 0), turned)


def card(palette: Palette) -> Canvas:
    """Two cards, one on the other: a membership, a voucher."""
    canvas = Canvas(palette.wall, floor=None)
    left, top, right, bottom = 230.0, 380.0, 970.0, 840.0
    shape = rectangle(left, top, right, bottom, 38)
    under = Canvas(palette.wall, is_lit=False)
    under.fill(shape, lighter(palette.second, 0.1), darker(palette.second, 0.15), left, right)
    _turned(canvas, under, shape, 13)
    over = Canvas(palette.wall, is_lit=False)
    over.fill(shape, lighter(palette.main, 0.2), darker(palette.main, 0.24), left, right)
    for place in range(6):
        ring = without(
            ellipse(right - 120, bottom - 40, 150 + place * 62, 150 + place * 62),
            ellipse(right - 120, bottom - 40, 130 + place * 62, 130 + place * 62),
        )
        over.paint(both(shape, ring), palette.accent, 0.15)
    twig(over, left + 112, top + 188, 132, palette.accent, 0.95)
    for width, level, part in ((300, bottom - 116, 0.9), (190, bottom - 76, 0.55)):
        over.paint(line([(left + 60, level), (left + 60 + width, level)], 14), palette.accent, part)
    chip = rectangle(right - 150, top + 62, right - 62, top + 128, 14)
    over.fill(chip, lighter(palette.accent, 0.3), darker(palette.accent, 0.18), right - 150, right - 62)
    for turn in (0, 1):
        over.paint(
            both(
                chip,
                line([(right - 106, top + 62), (right - 106, top + 128)] if turn else [(right - 150, top + 95), (right - 62, top + 95)], 2),
            ),
            darker(palette.accent, 0.5),
            0.5,
        )
    over.paint(both(shape, soft(without(shape, moved(shape, 4, 4)), 3)), (255, 255, 255), 0.5)
    sheen = polygon([(left + 100, top), (left + 320, top), (left + 160, bottom), (left - 60, bottom)])
    over.paint(both(shape, soft(sheen, 26)), (255, 255, 255), 0.16)
    _turned(canvas, over, shape, -math.degrees(math.atan(0.07)))
    return canvas
