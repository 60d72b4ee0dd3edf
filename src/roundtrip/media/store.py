"""Where pictures are kept: the SQL of this room, and nothing else."""

from __future__ import annotations

from dataclasses import asdict

from roundtrip.media.model import Picture
from roundtrip.storage.database import Row, Tx

_COLUMNS = "id, site_id, filename, content_type, width, height, size, created_at"


def insert(tx: Tx, picture: Picture, content: bytes) -> tuple[Picture, bool]:
    """The picture that is kept now, and whether it is new: one that was there already stays as it was."""
    # An update that changes nothing holds the row, so that it is not deleted before its content is looked at.
    row = tx.one(
        f"INSERT INTO picture ({_COLUMNS}) VALUES (:id, :site_id, :filename, :content_type, :width, :height, :size, :created_at) "
        f"ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING {_COLUMNS}",
        **asdict(picture),
    )
    assert row is not None
    sql = "INSERT INTO picture_content (picture_id, content) VALUES (:id, :content) ON CONFLICT (picture_id) DO NOTHING"
    return Picture(*row), tx.execute(sql, id=picture.id, content=content) == 1


def find(tx: Tx, picture_id: str) -> Picture | None:
    """What is known about a picture, without its bytes."""
    row = tx.one(f"SELECT {_COLUMNS} FROM picture WHERE id = :id", id=picture_id)
    return Picture(*row) if row else None


def content(tx: Tx, picture_id: str) -> bytes | None:
    """The bytes of a picture."""
    row = tx.one("SELECT content FROM picture_content WHERE picture_id = :id", id=picture_id)
    return bytes(row[0]) if row else None


def page(tx: Tx, site_id: str, *, before: tuple[int, str] | None, limit: int) -> list[Picture]:
    """Up to `limit` pictures of a site, newest first; `before` is time and id of the last one that was seen."""
    bound = "AND (created_at, id) < (:at, :before_id)" if before else ""
    params: dict[str, str | int] = {"at": before[0], "before_id": before[1]} if before else {}
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM picture WHERE site_id = :site_id {bound} ORDER BY created_at DESC, id DESC LIMIT :limit",
        site_id=site_id,
        limit=limit,
        **params,
    )
    return [Picture(*row) for row in rows]


def delete(tx: Tx, site_id: str, picture_id: str) -> bool:
    """True for exactly one caller. The bytes go with it."""
    return tx.execute("DELETE FROM picture WHERE id = :id AND site_id = :site_id", id=picture_id, site_id=site_id) == 1


def insert_upload(tx: Tx, upload_id: str, site_id: str, token_hash: str, filename: str, expires_at: int) -> None:
    """Keep an address that one picture may be sent to."""
    tx.execute(
        "INSERT INTO picture_upload (id, site_id, token_hash, filename, expires_at, picture_id) "
        "VALUES (:id, :site_id, :token_hash, :filename, :expires_at, NULL)",
        id=upload_id,
        site_id=site_id,
        token_hash=token_hash,
        filename=filename,
        expires_at=expires_at,
    )


def upload(tx: Tx, token_hash: str, now: int) -> tuple[str, str, str] | None:
    """Id, site and file name of an upload whose time is not over."""
    row = tx.one(
        "SELECT id, site_id, filename FROM picture_upload WHERE token_hash = :token_hash AND expires_at > :now",
        token_hash=token_hash,
        now=now,
    )
    return _upload(row) if row else None


def spend_upload(tx: Tx, upload_id: str, picture_id: str, now: int) -> bool:
    """True for the first picture that is sent, and for the same one sent again."""
    sql = (
        "UPDATE picture_upload SET picture_id = :picture_id "
        "WHERE id = :id AND expires_at > :now AND (picture_id IS NULL OR picture_id = :picture_id)"
    )
    return tx.execute(sql, id=upload_id, picture_id=picture_id, now=now) == 1


def forget_uploads(tx: Tx, before: int, limit: int) -> int:
    """Delete up to `limit` uploads whose time was over at `before`; answers how many."""
    return tx.execute(
        "DELETE FROM picture_upload WHERE id IN "
        "(SELECT id FROM picture_upload WHERE expires_at <= :before ORDER BY expires_at LIMIT :limit)",
        before=before,
        limit=limit,
    )


def _upload(row: Row) -> tuple[str, str, str]:
    return str(row[0]), str(row[1]), str(row[2])
