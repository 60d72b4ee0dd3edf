"""A picture as products, services and the like hold it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from roundtrip.core.errors import AppError, Kind
from roundtrip.media import store
from roundtrip.storage.database import Tx


class Medium(msgspec.Struct, frozen=True, omit_defaults=True):
    """One picture: kept in this server's media (`picture_id`) or anywhere else (`url`), with its size in pixels."""

    picture_id: str = ""
    url: str = ""
    width: int = 0
    height: int = 0
    alt: str = ""


def known(tx: Tx, site_id: str, wanted: Iterable[Medium]) -> tuple[Medium, ...]:
    """The pictures with their sizes. Raises NOT_FOUND `PICTURE_NOT_FOUND` for one that is not the site's."""
    return tuple(_known(tx, site_id, one) if one.picture_id else one for one in wanted)


def _known(tx: Tx, site_id: str, one: Medium) -> Medium:
    kept = store.find(tx, one.picture_id)
    if kept is None or kept.site_id != site_id:
        text = f"There is no picture {one.picture_id[:140]!r}: it was deleted, is another site's, or never was."
        raise AppError(Kind.NOT_FOUND, "PICTURE_NOT_FOUND", text, data={"id": one.picture_id[:140]})
    return Medium(kept.id, "", kept.width, kept.height, one.alt)
