"""What a picture is, and how much of one is accepted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from roundtrip.core.clock import HOUR
from roundtrip.core.told import told

MOST_BYTES = 15 * 1024 * 1024
"""Of a file as it is sent."""
MOST_PIXELS = 40_000_000
"""Of a picture as it is sent: what a good camera makes. Unpacked that is 160 MB, and one is unpacked at a time."""
MOST_SIDE = 5000
"""Pixels; longer sides are reduced to this when a picture is kept, and no rendition is larger."""
MOST_FILENAME = 120
UPLOAD_WITHIN = HOUR

EVENTS: Mapping[str, Mapping[str, str]] = {
    "picture": {
        "created": told(
            "A picture was added to a site. Carries its id, file name, type, width, height and size in bytes.",
            "fileName contentType width:number height:number size:number",
        ),
        "deleted": told("A picture was deleted; its addresses answer 404.", "fileName"),
    }
}
"""What is told to the world about a picture, by slug."""

EXTENSIONS: Mapping[str, str] = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
"""What is kept and sent, and nothing else ever is: no type that a browser could run something from."""

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff"\\/:*?<>|]')


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a site. `width` and `height` in pixels, `size` in bytes, `created_at` in UTC milliseconds."""

    id: str
    site_id: str
    filename: str
    content_type: str
    width: int
    height: int
    size: int
    created_at: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The bytes of a picture as we wrote them ourselves: upright, sRGB, without anything that came along with it."""

    content: bytes
    content_type: str
    width: int
    height: int


def picture_id(site_id: str, cleaned: Cleaned) -> str:
    """The id of this content on this site: two parts of hex, and an extension that clients derive the format from (decision 0117)."""
    owner = hashlib.sha256(site_id.encode()).hexdigest()[:6]
    digest = hashlib.sha256(site_id.encode() + b"\0" + cleaned.content).hexdigest()[:32]
    return f"{owner}_{digest}~mv2.{EXTENSIONS[cleaned.content_type]}"


def tidy_filename(filename: str, content_type: str) -> str:
    """The name for people: one line, no path, with the extension of what the file really is."""
    name = _NOT_IN_NAMES.sub(" ", filename.replace("\\", "/").rpartition("/")[2])
    stem = " ".join(name.split())
    head, dot, tail = stem.rpartition(".")
    if dot and len(tail) <= 5 and tail.isalnum():
        stem = head
    extension = EXTENSIONS[content_type]
    return f"{stem.strip('. ')[: MOST_FILENAME - 1 - len(extension)] or 'picture'}.{extension}"
