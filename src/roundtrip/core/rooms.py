"""Finds what rooms say about themselves, so that a new room stands in no list (decision 0160).

A room says it in a module of a known name: `personal.py` (`KEEPS`) what it keeps about people, `tidy.py` (`TIDIES`) what it forgets,
`seller.py` (`SELLERS`) who is told when something of it was paid, `rights.py` (`RIGHTS`) what keys can be allowed to do there. Any module
of `api/` may have `OPERATIONS`, any of `worker/` `LOOPS`, and any at all `EVENTS`, which document what is told to the world.
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
