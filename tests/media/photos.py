"""Picture files as people and attackers send them."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms


def file_of(image: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    """An image as a file."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def photo(width: int = 400, height: int = 300, form: str = "JPEG", **options: Any) -> bytes:
    """Left half red, right half blue, upper rows lighter: one sees which part is shown."""
    image = Image.new("RGB", (width, height), (200, 20, 20))
    image.paste((20, 20, 200), (width // 2, 0, width, height))
    image.paste((250, 240, 230), (0, 0, width, max(1, height // 10)))
    return file_of(image, form, **options)


def sideways(width: int = 400, height: int = 300) -> bytes:
    """As a phone held upright writes it: lying on its side, with a note to turn it and the place where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "A phone"
    exif.get_ifd(0x8825)[1] = "N"
    return photo(width, height, exif=exif, comment=b"my secret garden")


def wide_gamut() -> bytes:
    """With a profile of its own, which means other colours than the numbers say."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    return photo(icc_profile=profile)


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few kilobytes that claims to be enormous."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def opened(content: bytes) -> Image.Image:
    """A file as an image."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def near(image: Image.Image, x: float, y: float, colour: tuple[int, int, int]) -> bool:
    """True when this point (parts of the sides) has about this colour."""
    pixel = image.convert("RGB").getpixel((min(int(x * image.width), image.width - 1), min(int(y * image.height), image.height - 1)))
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=True))


RED, BLUE = (200, 20, 20), (20, 20, 200)
