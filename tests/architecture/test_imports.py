"""Who may import whom: the contract in `pyproject.toml` is kept, covers every module, and would notice a breach."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_files import ROOT, Source, all_sources, broken_by, complaints

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(LINT_IMPORTS), "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    environment = {"PYTHONPATH": str(folder), "PATH": ""}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_rooms_import_only_downwards() -> None:
    done = _lint(ROOT / "src")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def small_package(tmp_path: Path) -> Path:
    """A package with one empty module for each name in the contract that must be there."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    (tmp_path / "roundtrip").mkdir()
    names = [name.strip() for layer in contract["layers"] for name in layer.split("|")]
    for name in ["__init__", *(name for name in names if not name.startswith("("))]:
        (tmp_path / "roundtrip" / f"{name}.py").touch()
    return tmp_path


def test_a_package_that_keeps_the_contract_passes(small_package: Path) -> None:
    done = _lint(small_package)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("core", "import roundtrip.storage"),
        ("sites", "import roundtrip.members"),
        ("redirect_session", "import roundtrip.oauth"),
        ("api", "import roundtrip.web"),
        ("a_new_room_without_a_place", ""),
    ],
)
def test_a_breach_of_the_contract_is_noticed(small_package: Path, module: str, line: str) -> None:
    (small_package / "roundtrip" / f"{module}.py").write_text(line)
    done = _lint(small_package)
    assert done.returncode == 1, done.stdout + done.stderr


def imports_inside_functions(source: Source) -> Iterator[str]:
    """An import belongs to the top of a file: hidden ones hide cycles."""
    if not any(isinstance(node, ast.Import | ast.ImportFrom) and node.col_offset for node in source.nodes):
        return
    functions = (node for node in source.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield f"{source.place}:{node.lineno}: import inside a function"


def test_every_import_stands_at_the_top() -> None:
    assert complaints(imports_inside_functions, all_sources()) == []


def test_an_import_inside_a_function_is_noticed() -> None:
    assert broken_by(imports_inside_functions, "core/x.py", "def f():\n    if True:\n        from json import loads\n")
