"""Reads the project's own source for the rules in this folder. The rules, each with a sample that breaks it, are in `test_*.py`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "roundtrip"
CODE_FOLDERS = ("src", "tests", "examples", "benchmarks")
NOT_OURS = {"node_modules", "__pycache__", "build", "dist"}


@dataclass(frozen=True)
class Source:
    """One Python file: `place` is its path as people say it (`web/responses.py` inside the package, else from the root)."""

    place: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, self.place)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All of the tree. Walking is what takes time, and every rule looks at all of it."""
        return tuple(ast.walk(self.tree))

    @property
    def room(self) -> str:
        """The first folder of the place, or the name of a file at the top."""
        return self.place.partition("/")[0].removesuffix(".py")

    @cached_property
    def docstrings(self) -> frozenset[int]:
        """The identities of the string constants that stand alone as a statement: they are prose, not values."""
        return frozenset(
            id(node.value)
            for node in self.nodes
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        )

    def texts(self) -> Iterator[tuple[int, str]]:
        """Line and value of every string and byte string that is not prose, the fixed parts of f-strings included."""
        for node in self.nodes:
            if isinstance(node, ast.Constant) and id(node) not in self.docstrings:
                if isinstance(node.value, str):
                    yield node.lineno, node.value
                elif isinstance(node.value, bytes):
                    yield node.lineno, node.value.decode("latin-1")


def line_of(node: ast.AST) -> int:
    """The line a node starts on."""
    line: int = getattr(node, "lineno", 0)
    return line


Rule = Callable[[Source], Iterator[str]]
"""Gives one sentence for each place where a file breaks a rule."""


def _read(folder: Path, relative_to: Path) -> tuple[Source, ...]:
    paths = sorted(path for path in folder.rglob("*.py") if not NOT_OURS & set(path.relative_to(relative_to).parts))
    return tuple(Source(path.relative_to(relative_to).as_posix(), path.read_text()) for path in paths)


@cache
def product_sources() -> tuple[Source, ...]:
    """Every file of the package."""
    return _read(PACKAGE, PACKAGE)


@cache
def all_sources() -> tuple[Source, ...]:
    """Every Python file of the project, tests included."""
    return tuple(source for name in CODE_FOLDERS if (ROOT / name).is_dir() for source in _read(ROOT / name, ROOT))


def complaints(rule: Rule, sources: tuple[Source, ...]) -> list[str]:
    """All that a rule has to say."""
    assert sources, "no file was read, so nothing was proved"
    return [complaint for source in sources for complaint in rule(source)]


def broken_by(rule: Rule, place: str, text: str) -> list[str]:
    """What a rule says about a sample."""
    return complaints(rule, (Source(place, text),))
