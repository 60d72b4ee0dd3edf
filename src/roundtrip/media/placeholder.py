"""The picture of goods that have none. Clients build an address from whatever picture they are given, so there is always one to answer."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageDraw

from roundtrip.media.model import Picture

ID = "no-picture.png"
"""Of no site: ids of kept pictures are made from their content and never look like this."""
SIDE = 600
_GROUND, _LINES = (236, 236, 238), (176, 176, 182)


@cache
def content() -> bytes:
    """A PNG of `SIDE` × `SIDE` pixels: a frame with hills and a sun, in greys that stand back on light and dark pages."""
    image = Image.new("RGB", (SIDE, SIDE), _GROUND)
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((190, 215, 410, 385), radius=18, outline=_LINES, width=12)
    pen.ellipse((236, 255, 272, 291), fill=_LINES)
    pen.line([(215, 362), (278, 306), (312, 336), (352, 286), (392, 362)], fill=_LINES, width=12, joint="curve")
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


@cache
def picture() -> Picture:
    """What is known about it."""
    return Picture(ID, "", ID, "image/png", SIDE, SIDE, len(content()), 0)
