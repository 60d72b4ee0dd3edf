"""Pictures of products for stores that are tried out. The same kind and palette always give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

from roundtrip.media.drawn import paper, scenes, textiles, vessels
from roundtrip.media.drawn.canvas import Canvas
from roundtrip.media.drawn.palettes import PALETTES, Palette

MOST_BYTES = 60_000
KINDS: Mapping[str, Callable[[Palette], Canvas]] = {
    "mug": vessels.mug,
    "bottle": vessels.bottle,
    "candle": vessels.candle,
    "plant": vessels.plant,
    "shirt": textiles.shirt,
    "tote": textiles.tote,
    "cushion": textiles.cushion,
    "poster": paper.poster,
    "notebook": paper.notebook,
    "card": paper.card,
    "stage": scenes.stage,
    "mat": scenes.mat,
    "armchair": scenes.armchair,
}
"""What can be drawn."""


def draw(kind: str, palette: str) -> bytes:
    """A JPEG of 1200 × 1200 pixels and less than 60 kB. Names are those of `KINDS` and `PALETTES`; KeyError for any other."""
    image = KINDS[kind](PALETTES[palette]).image
    for quality in range(90, 50, -4):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality, progressive=True, optimize=True)
        if out.tell() < MOST_BYTES:
            break
    return out.getvalue()
