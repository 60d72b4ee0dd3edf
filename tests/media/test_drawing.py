"""The pictures of stores that are tried out."""

from __future__ import annotations

import pytest

from roundtrip.media.drawing import KINDS, MOST_BYTES, draw
from roundtrip.media.drawn.palettes import PALETTES
from roundtrip.media.picture_file import clean
from tests.media.photos import opened


@pytest.mark.parametrize(("place", "kind"), list(enumerate(KINDS)))
def test_every_thing_is_a_large_picture_in_a_small_file(place: int, kind: str) -> None:
    palette = list(PALETTES)[place % len(PALETTES)]
    content = draw(kind, palette)
    image = opened(content)
    assert (image.format, image.size) == ("JPEG", (1200, 1200))
    assert len(content) < MOST_BYTES
    assert clean(content).width == 1200
    # More than a wall: something stands out from it.
    colours = image.resize((24, 24)).getcolors(24 * 24)
    assert colours is not None
    assert len(colours) > 100


def test_the_same_thing_is_drawn_the_same_twice() -> None:
    """A seed that is run again adds no second picture."""
    assert draw("candle", "rose") == draw("candle", "rose") != draw("candle", "sky")
