"""What can be done with pictures: add, list, delete, and let somebody send one."""

from __future__ import annotations

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import hash_secret
from roundtrip.media import store
from roundtrip.media.model import UPLOAD_WITHIN, Cleaned, Picture, picture_id, tidy_filename
from roundtrip.media.picture_file import clean
from roundtrip.storage import outbox
from roundtrip.storage.database import Tx

UPLOAD_PURPOSE = "picture upload"


def add(tx: Tx, site_id: str, content: bytes, filename: str, now: int) -> Picture:
    """Clean a file and keep it; the same picture again is the one that is there. For commands and seeds, because cleaning takes its time.

    A server calls `picture_file.clean` first, outside transactions, and then `keep`. Raises as `clean` does.
    """
    return keep(tx, site_id, clean(content), filename, now)


def keep(tx: Tx, site_id: str, cleaned: Cleaned, filename: str, now: int) -> Picture:
    """Keep a picture; the same one again is the one that is there, under its first name. So a repeated call changes nothing."""
    picture = Picture(
        id=picture_id(site_id, cleaned),
        site_id=site_id,
        filename=tidy_filename(filename, cleaned.content_type),
        content_type=cleaned.content_type,
        width=cleaned.width,
        height=cleaned.height,
        size=len(cleaned.content),
        created_at=now,
    )
    kept, is_new = store.insert(tx, picture, cleaned.content)
    if is_new:
        body = {
            "fileName": kept.filename,
            "contentType": kept.content_type,
            "width": kept.width,
            "height": kept.height,
            "size": kept.size,
        }
        outbox.record(tx, DomainEvent(site_id, "picture", "created", kept.id, body), event_id=new_id(now), now=now)
    return kept


def require(tx: Tx, site_id: str, wanted_id: str) -> Picture:
    """A picture of this site. Raises NOT_FOUND `PICTURE_NOT_FOUND`; those of other sites do not exist here."""
    picture = store.find(tx, wanted_id)
    if picture is None or picture.site_id != site_id:
        raise no_such_picture(wanted_id)
    return picture


def delete(tx: Tx, site_id: str, wanted_id: str, now: int) -> Picture:
    """Delete a picture of this site for good. Raises NOT_FOUND `PICTURE_NOT_FOUND`."""
    picture = require(tx, site_id, wanted_id)
    if not store.delete(tx, site_id, picture.id):
        raise no_such_picture(wanted_id)
    event = DomainEvent(site_id, "picture", "deleted", picture.id, {"fileName": picture.filename})
    outbox.record(tx, event, event_id=new_id(now), now=now)
    return picture


def no_such_picture(wanted_id: str) -> AppError:
    """The refusal of an id that is none of this site's."""
    text = f"There is no picture {wanted_id[:140]!r}: it was deleted, is another site's, or never was."
    return AppError(Kind.NOT_FOUND, "PICTURE_NOT_FOUND", text)


def open_upload(tx: Tx, site_id: str, *, upload_id: str, token: str, filename: str, now: int) -> None:
    """Let whoever has `token` (from `core.secrets.new_secret`) send one picture within an hour."""
    store.insert_upload(tx, upload_id, site_id, hash_secret(UPLOAD_PURPOSE, token), filename, now + UPLOAD_WITHIN)


def upload_is_open(tx: Tx, token: str, now: int) -> bool:
    """Whether a picture may come; asked before it is read."""
    return store.upload(tx, hash_secret(UPLOAD_PURPOSE, token), now) is not None


def receive(tx: Tx, token: str, cleaned: Cleaned, filename: str, now: int) -> Picture:
    """Keep what was sent to an upload address. The same picture again is the answer again, as after a lost one.

    `filename` "" takes the one that the upload was made with. Raises NOT_FOUND `UPLOAD_NOT_FOUND`, CONFLICT `UPLOAD_USED`.
    """
    found = store.upload(tx, hash_secret(UPLOAD_PURPOSE, token), now)
    if found is None:
        raise no_such_upload()
    upload_id, site_id, given_name = found
    if not store.spend_upload(tx, upload_id, picture_id(site_id, cleaned), now):
        raise AppError(Kind.CONFLICT, "UPLOAD_USED", "Another picture was sent to this address already. Make a new upload address.")
    return keep(tx, site_id, cleaned, filename or given_name, now)


def no_such_upload() -> AppError:
    """The refusal of an upload address that is unknown, or whose time is over."""
    text = "This upload address is unknown, or its hour is over. Make a new one with GenerateFileUploadUrl."
    return AppError(Kind.NOT_FOUND, "UPLOAD_NOT_FOUND", text)
