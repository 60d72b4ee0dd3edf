"""What a server's log must not contain: secrets that a test used, tracebacks, answers of the 5xx kind (OPS-07).

Pure text work, so that it can be tested without a server (`tests/architecture/test_log_check.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

SHORTEST_SECRET = 8
"""Shorter values would be found by chance."""

TRACEBACK = re.compile(r"Traceback \(most recent call last\)|\bERROR\b.*Exception in ASGI application")
SERVER_ERROR = re.compile(r'"status(?:_code)?":\s*5\d\d\b|HTTP/[\d.]+" 5\d\d\b|\bstatus=5\d\d\b|"[A-Z]+ /\S* 5\d\d"')


@dataclass
class LogBook:
    """Collects logs and secrets while tests run."""

    logs: list[Path] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def secret(self, value: str) -> str:
        """Remember a value that no log may contain, and hand it on."""
        if len(value) < SHORTEST_SECRET:
            raise ValueError(f"a secret of {len(value)} characters would be found by chance")
        self.secrets.add(value)
        return value

    def log(self, path: Path) -> Path:
        """Remember a log file, and hand it on."""
        if path not in self.logs:
            self.logs.append(path)
        return path

    def complaints(self) -> list[str]:
        """One sentence for each thing that should not be there; empty when all logs are clean."""
        return [complaint for path in self.logs if path.exists() for complaint in self._of(path)]

    def _of(self, path: Path) -> Iterator[str]:
        text = path.read_text(errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if TRACEBACK.search(line):
                yield f"{path}:{number}: a traceback: {line[:200]}\n" + "\n".join(text.splitlines()[number : number + 40])
            if SERVER_ERROR.search(line):
                yield f"{path}:{number}: an answer of the 5xx kind: {line[:400]}"
        for value in sorted(self.secrets):
            for form in {value, quote(value, safe=""), quote(value)}:
                if form in text:
                    line_number = text[: text.index(form)].count("\n") + 1
                    yield f"{path}:{line_number}: a secret that starts with {value[:6]!r}"
                    break
