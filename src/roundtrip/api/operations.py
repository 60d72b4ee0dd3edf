"""The whole API in one table: routing, permissions, the OpenAPI document and the reference manual are read from it.

Every module beside this one that has `OPERATIONS` is part of it: adding a file is all it takes.
"""

from __future__ import annotations

from roundtrip.api.operation import Operation
from roundtrip.core.rooms import said_in

_READ_THE_TABLE = {"operations", "openapi"}

OPERATIONS: tuple[Operation, ...] = tuple(
    operation for module in said_in("*", "api", but=_READ_THE_TABLE) for operation in getattr(module, "OPERATIONS", ())
)
"""The whole API. OpenAPI and the reference manual are generated from it."""
