"""Small files, small functions, telling names, nothing left for later."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_files import NOT_OURS, ROOT, Source, all_sources, broken_by, complaints, product_sources

FILE_LINES = 400
FUNCTION_LINES = 40

VAGUE = {"manager", "helper", "helpers", "util", "utils", "handler", "processor", "base", "data", "info", "misc"}
KEPT_NAMES = {
    "flows/base.py",  # the shape of every flow
    "payments/providers/base.py",  # the shape of every provider
    "oauth/token_info.py",  # the wire's own word
    "oauth/user_info.py",  # the same
}
WIRE_WORDS = re.compile(r"TokenInfo|UserInfo")
WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

LATER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
TEXT_FILES = {".py", ".md", ".toml", ".sql", ".html", ".css", ".js", ".mjs", ".yaml", ".yml", ".sh", ""}
READ_FOLDERS = ("src", "tests", "examples", "benchmarks", "docs", "scripts", ".ci", "deploy", "clients")


def is_too_long(source: Source) -> Iterator[str]:
    """Lines of a file; lines of a function without its docstring."""
    lines = source.text.count("\n")
    if lines >= FILE_LINES:
        yield f"{source.place}: {lines} lines"
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            first = node.body[0]
            if id(getattr(first, "value", None)) in source.docstrings:
                length -= (first.end_lineno or first.lineno) - first.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{source.place}:{node.lineno}: {node.name} has {length} lines"


def has_vague_names(source: Source) -> Iterator[str]:
    """A file or class is named after what it is, in the words of the field."""
    if source.place not in KEPT_NAMES:
        parts = source.place.removesuffix(".py").split("/")
        for part in parts:
            if VAGUE & set(part.lower().split("_")):
                yield f"{source.place}: {part!r} says nothing"
    for node in source.nodes:
        if isinstance(node, ast.ClassDef) and VAGUE & {word.lower() for word in WORDS.findall(WIRE_WORDS.sub("", node.name))}:
            yield f"{source.place}:{node.lineno}: {node.name!r} says nothing"


def left_for_later(name: str, text: str) -> list[str]:
    """Work that is not done has an issue, not a note in the code."""
    return [f"{name}:{number}: {line.strip()[:80]}" for number, line in enumerate(text.splitlines(), 1) if LATER.search(line)]


def _text_files() -> Iterator[Path]:
    for folder in READ_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in TEXT_FILES and not NOT_OURS & set(path.relative_to(ROOT).parts):
                yield path


def test_files_and_functions_are_small() -> None:
    assert complaints(is_too_long, all_sources()) == []


def test_names_say_something() -> None:
    assert complaints(has_vague_names, product_sources()) == []


def test_nothing_is_left_for_later() -> None:
    files = list(_text_files())
    assert files
    assert [line for path in files for line in left_for_later(str(path.relative_to(ROOT)), path.read_text(errors="replace"))] == []


def test_long_files_and_functions_are_noticed() -> None:
    assert broken_by(is_too_long, "core/x.py", "x = 1\n" * FILE_LINES)
    assert not broken_by(is_too_long, "core/x.py", "x = 1\n" * (FILE_LINES - 1))
    assert broken_by(is_too_long, "core/x.py", "def f():\n" + "    x = 1\n" * FUNCTION_LINES)
    assert not broken_by(is_too_long, "core/x.py", 'def f():\n    """Says\n    much.\n    """\n' + "    x = 1\n" * (FUNCTION_LINES - 1))


@pytest.mark.parametrize("place", ["sites/utils.py", "core/session_manager.py", "data/x.py", "web/base.py"])
def test_vague_file_names_are_noticed(place: str) -> None:
    assert broken_by(has_vague_names, place, "x = 1")


@pytest.mark.parametrize("name", ["SessionManager", "HTTPHandler", "BaseFlow", "ClientInfo"])
def test_vague_class_names_are_noticed(name: str) -> None:
    assert broken_by(has_vague_names, "core/x.py", f"class {name}: ...")
    assert not broken_by(has_vague_names, "core/x.py", "class Database: ...\nclass TokenInfoRequest: ...")


def test_a_note_for_later_is_noticed() -> None:
    assert left_for_later("x.py", "x = 1  # " + "TO" + "DO: think")
    assert not left_for_later("x.py", "todos = []")
