"""Finds what rooms say about themselves, so that a new room stands in no list (decision 0160).

| a room says in | what | who asks |
|---|---|---|
| `personal.py` | `KEEPS`: what it keeps about people | `workflows/personal_record.py` |
| `tidy.py` | `TIDIES`: what is forgotten or released after a time | `worker/run.py` |
| `seller.py`, `*_seller.py` | `SELLERS`: who acts when something of it was paid | `workflows/selling.py` |
| `rights.py` | `RIGHTS`: what API keys can be allowed to do there | `sites/permissions.py` |
| any module | `EVENTS`: what it tells the world, by entity and slug | `scripts/generate_reference.py` |
| `api/*.py` | `OPERATIONS` | `api/operations.py` |
| `worker/*.py` | `LOOPS` | `worker/loops.py` |
"""

from __future__ import annotations

import importlib
from collections.abc import Collection
from pathlib import Path
from types import ModuleType

PACKAGE = Path(__file__).resolve().parent.parent


def said_in(name: str, below: str = "", but: Collection[str] = ()) -> tuple[ModuleType, ...]:
    """Every module called `name` (a pattern of `Path.glob`, such as `*seller`), in the order of their paths. Imports what it finds.

    `below` is one room; by default all of them are searched, at any depth. Modules called as in `but` are left alone.
    """
    paths = sorted(path.relative_to(PACKAGE.parent).with_suffix("") for path in (PACKAGE / below).rglob(f"{name}.py"))
    return tuple(importlib.import_module(".".join(path.parts)) for path in paths if path.name not in but)
