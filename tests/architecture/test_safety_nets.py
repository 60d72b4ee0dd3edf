"""The nets under the tests hold: skipped tests fail in CI, dirty logs are noticed (OPS-07), lock files name no address."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_files import ROOT
from tests.log_check import LogBook

SKIPS = {
    "marked": "import pytest\n@pytest.mark.skip(reason='later')\ndef test_x(): ...",
    "called": "import pytest\ndef test_x(): pytest.skip('later')",
    "module": "import pytest\npytest.skip('later', allow_module_level=True)",
    "missing import": "import pytest\npytest.importorskip('no_such_module')\ndef test_x(): ...",
    "expected to fail": "import pytest\n@pytest.mark.xfail(reason='later')\ndef test_x(): assert False",
}


def _run(folder: Path, sample: str, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_sample.py").write_text(sample)
    (folder / "pytest.ini").write_text("[pytest]\n")
    no_plugins = ["-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-p", "tests.no_skips", *no_plugins, f"--rootdir={folder}", str(folder)]
    # Plugins that happen to be installed take most of the time that pytest needs to start.
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("how", SKIPS)
def test_whatever_is_skipped_fails_in_ci(tmp_path: Path, how: str) -> None:
    done = _run(tmp_path, SKIPS[how], "true")
    assert done.returncode not in {0, 5}, done.stdout
    assert "Skipped tests fail in CI" in done.stdout


def test_outside_ci_a_skip_is_a_skip(tmp_path: Path) -> None:
    done = _run(tmp_path, SKIPS["called"], "")
    assert done.returncode == 0, done.stdout
    assert "1 skipped" in done.stdout


def test_in_ci_a_passing_test_passes(tmp_path: Path) -> None:
    done = _run(tmp_path, "def test_x(): ...", "true")
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


@pytest.mark.parametrize(
    "line",
    [
        "POST /login password=correct-horse-7",
        "GET /x?token=a%2Fb%2Bc%3D%3D-long",
        "Traceback (most recent call last):",
        '{"level": "error", "status": 500}',
        '127.0.0.1 - "GET / HTTP/1.1" 503',
        '{"message": "POST /oauth2/token 500"}',
    ],
)
def test_a_dirty_log_is_noticed(tmp_path: Path, line: str) -> None:
    book = LogBook()
    book.secret("correct-horse-7")
    book.secret("a/b+c==-long")
    book.log(tmp_path / "server.log").write_text(f"started\n{line}\nstopped\n")
    assert len(book.complaints()) == 1
    assert "server.log:2" in book.complaints()[0]


def test_a_clean_log_is_clean(tmp_path: Path) -> None:
    book = LogBook()
    book.secret("correct-horse-7")
    book.log(tmp_path / "server.log").write_text('{"status": 200, "id": 1500}\n127.0.0.1 - "GET /500 HTTP/1.1" 200\n')
    assert book.complaints() == []


def test_lock_files_name_no_address() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        assert not re.search(r"https?://|file:|--index-url|--extra-index-url|--find-links", path.read_text()), path
    lock = json.loads((ROOT / "tests" / "sdk" / "package-lock.json").read_text())
    assert lock["packages"]
    assert not [name for name, package in lock["packages"].items() if "resolved" in package and not package.get("link")]
    assert not [name for name, package in lock["packages"].items() if name and "integrity" not in package]
