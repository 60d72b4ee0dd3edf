"""The only place that writes picture files: one of three forms, and nothing in them but pixels."""

from __future__ import annotations

import io

from PIL import Image


def written(image: Image.Image, form: str, quality: int) -> bytes:
    """The picture as a file of one of our three forms, with nothing in it but pixels. JPEG cannot be clear: it gets white behind."""
    if form == "JPEG" and image.mode == "RGBA":
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        image = white
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    out = io.BytesIO()
    if form == "PNG":
        bare.save(out, "PNG", compress_level=6)
    elif form == "WEBP":
        bare.save(out, "WEBP", quality=quality, method=4)
    else:
        bare.save(out, "JPEG", quality=quality, progressive=True, optimize=True)
    return out.getvalue()
