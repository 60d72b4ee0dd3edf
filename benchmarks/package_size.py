"""How much a user downloads for Roundtrip itself: the size of its wheel, without what it depends on."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers import REPOSITORY

BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "src")


@dataclass(frozen=True, slots=True)
class Build:
    """A wheel that is being built."""

    process: subprocess.Popen[str]
    folder: Path

    def wheel_kib(self) -> float | None:
        """The size of the wheel when it is ready. None, and what pip said on stderr, when there is none: speed can still be measured."""
        said, _ = self.process.communicate()
        wheels = list(self.folder.glob("roundtrip-*.whl"))
        if not wheels:
            print(f"no wheel was built:\n{said[-2000:]}", file=sys.stderr)
            return None
        return round(wheels[0].stat().st_size / 1024, 1)


@contextlib.contextmanager
def started_build(folder: Path) -> Iterator[Build]:
    """Begin to build a wheel into `folder` (which is made), from a copy: setuptools leaves its work beside the source.

    Uses the setuptools of this environment and no index, so that a machine without network can measure.
    """
    source = folder / "source"
    source.mkdir(parents=True)
    for name in BUILT_FROM:
        original = REPOSITORY / name
        if original.is_dir():
            shutil.copytree(original, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        elif original.exists():
            shutil.copy2(original, source / name)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "-w", str(folder), str(source)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield Build(process, folder)
    finally:
        process.kill()
        process.wait()
