"""Makes a rendition of a picture that we wrote ourselves. Takes tens of milliseconds: called in a thread, outside transactions."""

from __future__ import annotations

import io

from PIL import Image, ImageFilter

from roundtrip.media.rendition import Rendition
from roundtrip.media.writing import written

FORMS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
VERSION = 1
"""Part of every ETag; counted up when the same address gives another file."""
_SHARPEN = ImageFilter.UnsharpMask(radius=0.66, percent=80, threshold=0)


def form_for(content_type: str, accepts_webp: bool) -> str:
    """The content type that a rendition is sent as: WebP to whoever reads it, else what the picture is kept as."""
    if accepts_webp:
        return "image/webp"
    return "image/png" if content_type == "image/webp" else content_type


def render(content: bytes, rendition: Rendition, content_type: str) -> bytes:
    """The file. `content` is what `picture_file.clean` wrote."""
    with Image.open(io.BytesIO(content), formats=tuple(FORMS.values())) as image:
        whole_width = image.width
        wanted = rendition.size[0] / (rendition.box[2] - rendition.box[0])
        if image.format == "JPEG" and wanted < 1:
            # The decoder can leave out what is not needed: a small picture of a large one costs an eighth.
            image.draft("RGB", (max(1, round(image.width * wanted * 2)), max(1, round(image.height * wanted * 2))))
        factor = image.width / whole_width
        left, top, right, bottom = (side * factor for side in rendition.box)
        box = (left, top, min(right, float(image.width)), min(bottom, float(image.height)))
        made = image.resize(rendition.size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    if rendition.blur:
        made = made.filter(ImageFilter.GaussianBlur(rendition.blur / 2))
    elif rendition.sharpen:
        made = made.filter(_SHARPEN)
    return written(made, FORMS[content_type], rendition.quality)
