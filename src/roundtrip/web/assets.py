"""The pages' own stylesheet, script and icon, read once. Their address carries a hash of their content, so they may be cached for ever."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "static"
PREFIX = "/static"
CACHE_FOREVER = "public, max-age=31536000, immutable"
CACHE_BRIEFLY = "public, max-age=60"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to be sent either way."""

    name: str
    content_type: str
    body: bytes
    gzipped: bytes


@dataclass(frozen=True, slots=True)
class Assets:
    """All files and the version they share: 16 hex digits over every name and byte."""

    version: str
    files: Mapping[str, Asset]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Assets:
        """Read the folder. Only file types that pages use are taken; the rest is ignored."""
        files = {}
        digest = hashlib.sha256()
        for path in sorted(folder.iterdir()):
            if path.suffix not in _TYPES:
                continue
            body = path.read_bytes()
            digest.update(path.name.encode() + b"\0" + body + b"\0")
            files[path.name] = Asset(path.name, _TYPES[path.suffix], body, gzip.compress(body, 9, mtime=0))
        return cls(digest.hexdigest()[:16], files)

    def url(self, name: str) -> str:
        """The path of a file on the pages host. Raises KeyError for a file that does not exist."""
        return f"{PREFIX}/{self.version}/{self.files[name].name}"

    def find(self, name: str) -> Asset | None:
        """The file to send for `/static/<version>/<name>`, whatever the version: a page made by a neighbour node still gets its style."""
        return self.files.get(name)
