"""What a database tells its caller when it could not do its part. Refusals of the product itself are `core.errors.AppError`."""

from __future__ import annotations


class StorageError(Exception):
    """The database could not keep or read something, through no fault of the caller; nothing of the transaction was kept.

    Retrying later may succeed. The text names the database (never its password) and what the operator can do. The outermost layer answers
    503 with it in the log, not on the wire.
    """
