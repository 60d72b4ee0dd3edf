"""What it means to break a rule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Broken:
    """What a visitor or an owner would notice; the file below `src/roundtrip`, the text in it and what to put there; who should notice."""

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]
