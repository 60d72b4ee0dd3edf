"""Square codes (QR) as pictures: drawings inside a page, and modules for whoever draws them somewhere else."""

from __future__ import annotations

from io import BytesIO

import segno

BORDER = 3


def svg(text: str) -> str:
    """A drawing without a size of its own: black on white in every theme, or no camera could read it."""
    picture = BytesIO()
    segno.make(text, error="m", micro=False).save(
        picture, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=BORDER, dark="#111", light="#fff"
    )
    return picture.getvalue().decode().replace("<svg ", '<svg aria-hidden="true" ', 1)


def modules(text: str) -> list[list[bool]]:
    """Its rows, dark modules true, with the white border that a camera needs."""
    return [[bool(module) for module in row] for row in segno.make(text, error="m", micro=False).matrix_iter(border=BORDER)]
