"""`python -m tests.broken_rules [PART OF A NAME]`: break each rule in a copy of this tree, and say whether a test noticed.

Takes some minutes, so it is no part of the suite. Ends with 1 when nobody noticed something.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.broken_rules.broken import Broken
from tests.broken_rules.rules import RULES

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "node_modules", "__pycache__", ".*_cache", "build", "dist", ".hypothesis")
NOTICED = 1  # what pytest ends with when a test failed; anything else is a fault of the rule itself
LONGEST = 600


def main(wanted: str) -> int:
    """Break what has `wanted` in its name."""
    unnoticed = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "tree")
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        modules = Path("tests", "sdk", "node_modules")
        if (ROOT / modules).exists():
            (copy / modules).symlink_to(ROOT / modules)
        for rule in RULES:
            if wanted not in rule.name:
                continue
            who = noticed_by(rule, copy)
            sys.stdout.write(f"{'noticed' if who else 'NOBODY NOTICED'}: {rule.name}{f' ({who})' if who else ''}\n")
            sys.stdout.flush()
            unnoticed += [] if who else [rule.name]
    return 1 if unnoticed else 0


def noticed_by(rule: Broken, copy: Path) -> str:
    """The first test that fails while the rule is broken; empty when none does."""
    file = copy / "src" / "roundtrip" / rule.file
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace(rule.before, rule.after), encoding="utf-8")
    try:
        return first_failure(rule.tests, copy)
    finally:
        file.write_text(whole, encoding="utf-8")


def first_failure(tests: tuple[str, ...], copy: Path) -> str:
    """The name of the first of these tests that fails in the copy."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", "--tb=no", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False)
    if run.returncode == 0:
        return ""
    named = [
        line.removeprefix("FAILED ").removeprefix("ERROR ") for line in run.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))
    ]
    if run.returncode != NOTICED or not named:
        raise SystemExit(f"the tests could not be run:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    return named[0].partition(" - ")[0]


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
