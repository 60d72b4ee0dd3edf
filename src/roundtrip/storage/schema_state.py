"""Which migrations come with the program, and which of them a database lacks. Cheap enough for a readiness probe."""

from __future__ import annotations

from pathlib import Path

from roundtrip.storage.database import Database, Dialect, Tx
from roundtrip.storage.errors import StorageError

FOLDER = Path(__file__).parent / "migrations"
MIGRATION_TABLE = "applied_migration"

_HAS_TABLE = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name",
    "postgresql": "SELECT 1 FROM pg_catalog.pg_class WHERE oid = to_regclass(:name)",
}


def packaged(dialect: Dialect, folder: Path = FOLDER) -> list[tuple[str, Path]]:
    """Name and file of every migration, in order. `0007_x.postgres.sql` stands in for `0007_x.sql` on PostgreSQL, under the same name."""
    chosen: list[tuple[str, Path]] = []
    for path in sorted(folder.glob("[0-9]*.sql")):
        if path.name.endswith(".postgres.sql"):
            continue
        own = path.with_name(f"{path.stem}.postgres.sql")
        chosen.append((path.stem, own if dialect == "postgresql" and own.exists() else path))
    return chosen


def pending_names(tx: Tx, folder: Path = FOLDER) -> list[str]:
    """Names of packaged migrations that this database has not had; all of them for an empty one. For use with `Database.read`."""
    names = [name for name, _ in packaged(tx.dialect, folder)]
    if tx.one(_HAS_TABLE[tx.dialect], name=MIGRATION_TABLE) is None:
        return names
    applied = {row[0] for row in tx.all(f"SELECT migration_id FROM {MIGRATION_TABLE}")}
    return [name for name in names if name not in applied]


def pending(db: Database) -> list[str]:
    """`pending_names` for commands and tests."""
    return db.read_now(pending_names)


def require_all(db: Database) -> None:
    """Raises `StorageError`, which names what is missing and what to do, when this database has not had every packaged migration."""
    missing = pending(db)
    if missing:
        names = missing[0] if len(missing) == 1 else f"{missing[0]} to {missing[-1]}"
        raise StorageError(f"This database lacks {names}. Run `roundtrip migrate` first; ROUNDTRIP_DATABASE_URL says which database.")
