"""How pictures are addressed: below our own host, in full, and in the form that the official SDK keeps in objects.

Pages use `of`, which stays on the page's own host as their content policy wants. The wire uses `absolute` and `stored`.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from roundtrip.media.model import Picture

WELL_KNOWN = "https://static.wixstatic.com"
"""The host that the SDK's media helpers put into every address they build (decision 0116)."""

_ID = r"[0-9a-zA-Z][0-9a-zA-Z_.~-]{0,127}"
_STORED = re.compile(rf"(?:wix:)?image://v1/({_ID})(?:[/#?].*)?", re.DOTALL)
_ADDRESS = re.compile(rf"(?:https?://[^/?#]+)?/media/({_ID})(?:[/#?].*)?", re.DOTALL)
_BARE = re.compile(_ID)


def of(picture: Picture, *, width: int | None = None, height: int | None = None) -> str:
    """The address on our own host, for pages. With both sides (pixels) it fills them, with one it keeps its shape, with none it is whole.

    Never larger than the picture is: a page sets the size it wants in its markup.
    """
    whole = f"/media/{quote(picture.id, safe='~')}"
    if width is None and height is None:
        return whole
    kind = "fill" if width and height else "fit"
    if not width:
        width = max(1, round(picture.width * (height or 1) / picture.height))
    if not height:
        height = max(1, round(picture.height * width / picture.width))
    align = ",al_c" if kind == "fill" else ""
    return f"{whole}/v1/{kind}/w_{width},h_{height}{align},q_85,enc_auto/{quote(picture.filename, safe='~')}"


def filled(picture_id: str, width: int, height: int) -> str:
    """The same for somebody who has only the id and fills both sides."""
    name = quote(picture_id, safe="~")
    return f"/media/{name}/v1/fill/w_{width},h_{height},al_c,q_85,enc_auto/{name}"


def absolute(media_url: str, picture: Picture, *, width: int | None = None, height: int | None = None) -> str:
    """The address in full. `media_url` is the setting ROUNDTRIP_MEDIA_URL, an origin without a slash at its end."""
    return media_url + of(picture, width=width, height=height)


def stored(picture: Picture, alt_text: str = "") -> str:
    """`wix:image://v1/<id>/<name>#originWidth=..&originHeight=..`, which the SDK's media helpers read."""
    size = f"originWidth={picture.width}&originHeight={picture.height}"
    return f"wix:image://v1/{picture.id}/{quote(alt_text or picture.filename, safe='~')}#{size}"


def picture_id_in(text: str) -> str | None:
    """The id of a picture that is named in any of these forms, or by the bare id; None for anything else."""
    for pattern in (_STORED, _ADDRESS):
        found = pattern.fullmatch(text)
        if found:
            return found[1]
    return text if _BARE.fullmatch(text) else None
