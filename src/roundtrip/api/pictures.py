"""Pictures for browsers: as they are kept, and in the sizes that the official SDK's media helpers ask for. Under every host name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import quote

from roundtrip.api.operation import Answer, Call, Operation
from roundtrip.media import placeholder, rendering, rendition, store
from roundtrip.media.actions import no_such_picture
from roundtrip.media.model import Picture
from roundtrip.media.rendition import Rendition

FOREVER = b"public, max-age=31536000, immutable"
"""An id is made from the content, so what an address answers never changes."""


async def whole(call: Call) -> Answer:
    """The picture as it is kept."""
    picture = await _picture(call)
    tag = _tag(picture.id, picture.content_type)
    if _is_known(call, tag):
        return _unchanged(tag)
    content = placeholder.content() if picture.id == placeholder.ID else await call.read(store.content, picture.id)
    if content is None:
        raise no_such_picture(picture.id)
    return _sent(picture, content, picture.content_type, tag)


async def rendered(call: Call) -> Answer:
    """A part of the picture, in a size."""
    picture = await _picture(call)
    path = call.path_params
    parts = [(path["kind"], path["settings"])]
    if "then" in path:
        parts.append((path["then"], path["thenSettings"]))
    wanted = rendition.read(parts, picture.width, picture.height)
    content_type = rendering.form_for(picture.content_type, _accepts_webp(call))
    tag = _tag(picture.id, content_type, wanted)
    if _is_known(call, tag):
        return _unchanged(tag)
    limits = call.services.limits

    def count() -> None:
        limits.count("renditions", call.address, limits.settings.renditions_per_minute, call.now)

    content = await call.services.renditions.get(picture, wanted, content_type, count)
    return _sent(picture, content, content_type, tag)


async def _picture(call: Call) -> Picture:
    # Asked every time, so that a deleted picture is gone on every node at once, whatever is still kept of it in memory.
    picture_id = call.path_params["pictureId"]
    if picture_id == placeholder.ID:
        return placeholder.picture()
    picture = await call.read(store.find, picture_id)
    if picture is None:
        raise no_such_picture(picture_id)
    return picture


def _tag(picture_id: str, content_type: str, wanted: Rendition | None = None) -> bytes:
    """A strong ETag without looking at the bytes: everything that they follow from."""
    text = f"{rendering.VERSION}\0{picture_id}\0{content_type}\0{wanted!r}"
    return b'"%s"' % hashlib.sha256(text.encode()).hexdigest()[:32].encode()


def _is_known(call: Call, tag: bytes) -> bool:
    given = call.headers.get(b"if-none-match", b"")
    return tag in [one.strip().removeprefix(b"W/") for one in given.split(b",")]


def _accepts_webp(call: Call) -> bool:
    for accepted in call.headers.get(b"accept", b"").lower().split(b","):
        name, *params = (part.strip() for part in accepted.split(b";"))
        if name == b"image/webp":
            return not any(param.replace(b" ", b"") in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000") for param in params)
    return False


def _unchanged(tag: bytes) -> Answer:
    return Answer(b"", 304, caching=FOREVER, headers=((b"etag", tag), (b"vary", b"accept")))


def _sent(picture: Picture, content: bytes, content_type: str, tag: bytes) -> Answer:
    name = quote(picture.filename, safe="").encode()
    return Answer(
        content,
        content_type=content_type.encode(),
        caching=FOREVER,
        headers=(
            (b"etag", tag),
            (b"vary", b"accept"),
            (b"content-disposition", b"inline; filename*=UTF-8''" + name),
            # Only pictures are ever sent here. Should one be taken for a page all the same, it can do nothing.
            (b"content-security-policy", b"default-src 'none'; sandbox"),
            (b"cross-origin-resource-policy", b"cross-origin"),
        ),
    )


_BASE = "/media/{pictureId}"
_PATH: Mapping[str, Mapping[str, object]] = {
    "pictureId": {"type": "string", "pattern": "^[0-9a-zA-Z_.~-]{1,128}$"},
    "kind": {"type": "string", "enum": list(rendition.KINDS)},
    "then": {"type": "string", "enum": list(rendition.KINDS)},
}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="GetPicture",
        method="GET",
        paths=(_BASE,),
        summary="A picture as it is kept.",
        run=whole,
        permission="public",
        produces="image/*",
        path_schemas=_PATH,
        errors=("PICTURE_NOT_FOUND",),
    ),
    Operation(
        name="GetRendition",
        method="GET",
        paths=(
            _BASE + "/v1/{kind}/{settings}/{name}",
            _BASE + "/v1/{kind}/{settings}/{then}/{thenSettings}/{name}",
        ),
        summary="A part of a picture in a size (`fill`, `fit`, `crop`, or a crop and then one of the others), as WebP to who accepts it.",
        run=rendered,
        permission="public",
        produces="image/*",
        path_schemas=_PATH,
        errors=("PICTURE_NOT_FOUND", "INVALID_RENDITION", "RESOURCE_EXHAUSTED"),
    ),
)
