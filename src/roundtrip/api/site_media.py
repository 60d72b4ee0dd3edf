"""The pictures of a site, for its owner's programs: send one, import one by its address, list, look at, delete (decision 0119)."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import partial
from typing import Annotated
from urllib.parse import parse_qsl

from msgspec import Meta

from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.picture_import import fetch
from roundtrip.api.settings_calls import change_of, own_site
from roundtrip.api.wire import Empty, Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import new_secret
from roundtrip.media import actions, address, store
from roundtrip.media.model import MOST_BYTES, MOST_FILENAME, Picture
from roundtrip.media.picture_file import clean
from roundtrip.storage.database import Tx

UPLOAD_PREFIX = "UPL."
UPLOAD_PATH = "/site-media/v1/files/upload"
"""The token is in the query, because paths are logged (OPS-07)."""
MOST_LISTED = 100
MOST_DELETED = 100
MOST_IMPORTS = 4
THUMBNAIL = 300

FileName = Annotated[str, Meta(max_length=MOST_FILENAME)]


class Image(Wire, omit_defaults=False):
    """A picture in the wire's form."""

    id: str
    url: str
    width: int
    height: int
    filename: str


class ImageMedia(Wire, omit_defaults=False):
    """The original's extra layer."""

    image: Image


class Media(Wire, omit_defaults=False):
    """What a file is, by kind; all of ours are pictures."""

    image: ImageMedia


class FileDescriptor(Wire, omit_defaults=False):
    """One picture of the site. `sizeInBytes` is a text, because numbers of that size are on this wire."""

    id: str
    display_name: str
    url: str
    thumbnail_url: str
    size_in_bytes: str
    mime_type: str
    media: Media
    created_date: str
    updated_date: str
    media_type: str = "IMAGE"
    operation_status: str = "READY"
    state: str = "OK"
    private: bool = False
    parent_folder_id: str = "media-root"
    labels: tuple[str, ...] = ()


class OneFile(Wire, omit_defaults=False):
    """A picture."""

    file: FileDescriptor


class NewUpload(Wire):
    """What will be sent. What the type really is, is found out from the file itself."""

    mime_type: str
    file_name: FileName = ""


class UploadUrl(Wire, omit_defaults=False):
    """Where to PUT the file, within an hour; no other credential is needed."""

    upload_url: str


class NewImport(Wire):
    """Where a picture is, and what it shall be called."""

    url: str
    display_name: FileName = ""
    mime_type: str = ""


class Cursors(Wire):
    """`next` is for the query parameter `paging.cursor`."""

    next: str | None = None


class NextPage(Wire, omit_defaults=False):
    """Whether there is more."""

    has_next: bool
    cursors: Cursors


class FileList(Wire, omit_defaults=False):
    """Pictures, newest first."""

    files: list[FileDescriptor]
    next_cursor: NextPage


class FilesToDelete(Wire):
    """Ids, or addresses of pictures. Those that are gone already are passed over."""

    file_ids: Annotated[list[str], Meta(min_length=1, max_length=MOST_DELETED)]


def described(picture: Picture, media_url: str) -> FileDescriptor:
    """A picture in the wire's form."""
    url = address.absolute(media_url, picture)
    image = Image(picture.id, url, picture.width, picture.height, picture.filename)
    return FileDescriptor(
        id=picture.id,
        display_name=picture.filename,
        url=url,
        thumbnail_url=address.absolute(media_url, picture, width=THUMBNAIL, height=THUMBNAIL),
        size_in_bytes=str(picture.size),
        mime_type=picture.content_type,
        media=Media(ImageMedia(image)),
        created_date=rfc3339(picture.created_at),
        updated_date=rfc3339(picture.created_at),
    )


def _one(call: Call, picture: Picture) -> OneFile:
    return OneFile(described(picture, call.services.media_url))


async def generate_upload_url(call: Call) -> UploadUrl:
    """Make an address that one picture may be sent to."""
    body: NewUpload = call.body
    token = new_secret(UPLOAD_PREFIX)
    await call.write(_open_upload, call, new_id(call.now), token, body.file_name)
    return UploadUrl(f"{call.services.issuer}{UPLOAD_PATH}?token={token}")


def _open_upload(tx: Tx, call: Call, upload_id: str, token: str, filename: str) -> None:
    actions.open_upload(tx, own_site(tx, call).id, upload_id=upload_id, token=token, filename=filename, now=call.now)


async def upload(call: Call) -> OneFile:
    """Take a picture at an address that was made for it."""
    token, filename = _upload_of(call)
    if not await call.read(actions.upload_is_open, token, call.now):
        raise actions.no_such_upload()
    content = await call.read_upload()
    cleaned = await call.services.renditions.run(partial(clean, content))
    return _one(call, await call.write(actions.receive, token, cleaned, filename, call.now))


def _upload_of(call: Call) -> tuple[str, str]:
    """Token and file name. Clients that know of no query in the address put a second question mark into it."""
    query = call.query
    token, _, rest = query.get("token", "").partition("?")
    filename = query.get("filename") or dict(parse_qsl(rest)).get("filename", "")
    return token, filename[:MOST_FILENAME]


_imports = asyncio.Semaphore(MOST_IMPORTS)


async def import_file(call: Call) -> OneFile:
    """Fetch a picture and keep it; it is ready when the answer comes."""
    body: NewImport = call.body
    if _imports.locked():
        text = f"{MOST_IMPORTS} pictures are being imported already. Try again in a moment."
        raise AppError(Kind.LIMITED, "RESOURCE_EXHAUSTED", text, retry_after=2)
    async with _imports:
        content = await asyncio.to_thread(fetch, body.url, inside=call.services.import_hosts)
        cleaned = await call.services.renditions.run(partial(clean, content))
    filename = body.display_name or body.url.partition("?")[0].partition("#")[0].rpartition("/")[2][:MOST_FILENAME]
    return _one(call, await call.write(actions.keep, call.site_id, cleaned, filename, call.now))


async def get_file(call: Call) -> OneFile:
    """One picture by its id or address."""
    return _one(call, await call.read(actions.require, call.site_id, _id(call.query.get("fileId", ""))))


def _id(text: str) -> str:
    return address.picture_id_in(text) or text


async def list_files(call: Call) -> FileList:
    """A page of pictures."""
    limit = _limit(call.query.get("paging.limit", "50"))
    before = _before(call.query.get("paging.cursor", ""))
    found = await call.read(store.page, call.site_id, before=before, limit=limit + 1)
    files = [described(picture, call.services.media_url) for picture in found[:limit]]
    if len(found) <= limit:
        return FileList(files, NextPage(False, Cursors()))
    last = found[limit - 1]
    cursor = urlsafe_b64encode(f"{last.created_at}.{last.id}".encode()).rstrip(b"=").decode()
    return FileList(files, NextPage(True, Cursors(cursor)))


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= MOST_LISTED):
        raise invalid_field("paging.limit", f"must be a whole number from 1 to {MOST_LISTED}", "FORMAT", received=text[:200])
    return int(text)


def _before(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    try:
        at, _, picture_id = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(".")
    except ValueError:
        at = picture_id = ""
    if not (at.isdecimal() and len(at) <= 15) or address.picture_id_in(picture_id) != picture_id:
        raise invalid_field("paging.cursor", "must be `nextCursor.cursors.next` of the page before", "FORMAT", received=text[:200])
    return int(at), picture_id


async def delete_files(call: Call) -> Empty:
    """Delete pictures for good."""
    body: FilesToDelete = call.body
    # In order of id, so that two callers with the same pictures never wait for each other in a circle.
    wanted = sorted({_id(text) for text in body.file_ids})
    await call.write(_delete, call, wanted, [new_id(call.now) for _ in wanted])
    return Empty()


def _delete(tx: Tx, call: Call, wanted: list[str], entry_ids: list[str]) -> None:
    site = own_site(tx, call)
    for picture_id, entry_id in zip(wanted, entry_ids, strict=True):
        picture = store.find(tx, picture_id)
        if picture is None or picture.site_id != site.id:
            continue
        actions.delete(tx, site.id, picture_id, call.now)
        change = change_of(tx, call, entry_id)
        change.note(tx, site_id=site.id, action="picture.deleted", object_id=picture_id, object_name=picture.filename)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="GenerateFileUploadUrl",
        method="POST",
        paths=("/site-media/v1/files/generate-upload-url",),
        summary="Make an address that one picture can be sent to within an hour, by PUT and without a key.",
        run=generate_upload_url,
        permission="media.manage",
        callers=KEYS,
        request=NewUpload,
        response=UploadUrl,
        example={"mimeType": "image/jpeg", "fileName": "mug.jpg"},
    ),
    Operation(
        name="UploadFile",
        method="PUT",
        paths=(UPLOAD_PATH,),
        summary="Send a picture (JPEG, PNG, WebP or GIF, at most 15 MiB) as the body. The same one again is the same answer again.",
        run=upload,
        permission="public",
        upload=MOST_BYTES,
        response=OneFile,
        query=(
            ("token", "From the upload address."),
            ("filename", "What the picture is called; without it, as the upload address was made for."),
        ),
        errors=("UPLOAD_NOT_FOUND", "UPLOAD_USED", "NOT_A_PICTURE", "PICTURE_TOO_LARGE"),
    ),
    Operation(
        name="ImportFile",
        method="POST",
        paths=("/site-media/v1/files/import",),
        summary="Fetch a picture from a public address and keep it; it is ready when the answer comes.",
        run=import_file,
        permission="media.manage",
        callers=KEYS,
        request=NewImport,
        response=OneFile,
        example={"url": "http://127.0.0.1/mug.jpg", "displayName": "mug.jpg"},
        errors=("IMPORT_REFUSED", "NOT_A_PICTURE", "PICTURE_TOO_LARGE", "RESOURCE_EXHAUSTED"),
    ),
    Operation(
        name="ListFiles",
        method="GET",
        paths=("/site-media/v1/files",),
        summary="List the pictures of the site, newest first.",
        run=list_files,
        permission="media.manage",
        callers=KEYS,
        response=FileList,
        query=(
            ("paging.limit", "At most so many, up to 100; 50 without it."),
            ("paging.cursor", "`nextCursor.cursors.next` of the page before."),
        ),
        query_schemas={"paging.limit": {"type": "integer", "minimum": 1, "maximum": MOST_LISTED}},
    ),
    Operation(
        name="GetFileDescriptor",
        method="GET",
        paths=("/site-media/v1/files/get-file-by-id",),
        summary="One picture of the site, by its id or any of its addresses.",
        run=get_file,
        permission="media.manage",
        callers=KEYS,
        response=OneFile,
        query=(("fileId", "The id, `wix:image://...` or the address of the picture."),),
        errors=("PICTURE_NOT_FOUND",),
    ),
    Operation(
        name="BulkDeleteFiles",
        method="POST",
        paths=("/site-media/v1/bulk/files/delete",),
        summary="Delete pictures for good; their addresses answer 404 at once.",
        run=delete_files,
        permission="media.manage",
        callers=KEYS,
        request=FilesToDelete,
        response=Empty,
        example={"fileIds": ["11e594_030f91e9f286000d845a389c9ce56641~mv2.jpg"]},
    ),
)
