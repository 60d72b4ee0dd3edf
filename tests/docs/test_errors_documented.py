"""Every error code and every rule name in the source has a heading in `docs/reference/errors.md`, and every heading still exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from roundtrip.api.operations import OPERATIONS
from roundtrip.flows.auth.answer import DESCRIPTIONS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "errors.md"
SOURCE = ROOT / "src" / "roundtrip"
CODE = re.compile(r"-\d{5}|[A-Z][A-Z_]{3,}|[a-z]+(_[a-z]+)+")
PLACES = {
    "AppError": 1,
    "HttpError": 1,
    "refuse": 0,
    "plain_body": 0,
    "_error": 0,
    "_refused": 2,
    "refused": 2,
    "invalid_field": 2,
    "Violation": 2,
}
RULES_IN_WIRE = "_refusal"
"""The function of `api/wire.py` that makes violations out of decoding failures."""


@dataclass
class Module:
    """One file, with the texts that its names may stand for."""

    path: Path
    tree: ast.Module
    values: dict[str, set[str]] = field(default_factory=dict)


def _texts(node: ast.AST) -> set[str]:
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


@cache
def _modules(folder: Path) -> list[Module]:
    modules = [Module(path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(folder.rglob("*.py"))]
    shared: dict[str, set[str]] = {}
    for module in modules:
        for node in ast.walk(module.tree):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
            for target in targets:
                if isinstance(target, ast.Name) and isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                    values = shared if target.id.isupper() else module.values
                    values.setdefault(target.id, set()).update(_texts(node.value))
    for module in modules:
        module.values = {**shared, **module.values}
    return modules


def _named(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _place(module: Module, call: ast.Call) -> int | None:
    name = _named(call)
    if name == RULES_IN_WIRE and module.path.name == "wire.py":
        return 2
    if name == "__init__" and any("Kind." in ast.unparse(argument) for argument in call.args[:1]):
        return 1
    if name == "refuse" and isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "self":
        return None
    return PLACES.get(name)


def codes_of(folder: Path) -> Iterator[tuple[str, str]]:
    """Each code with where it stands. A name counts as all texts that are assigned to it in its file, or anywhere if it is a constant."""
    for module in _modules(folder):
        for call in [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]:
            place = _place(module, call)
            if place is None:
                continue
            argument = call.args[place] if len(call.args) > place else None
            if argument is None:
                if _named(call) in ("invalid_field", "Violation"):
                    yield "OTHER", f"{module.path}:{call.lineno}"
                continue
            found = _texts(argument)
            for part in ast.walk(argument):
                if isinstance(part, ast.Name):
                    found |= module.values.get(part.id, set())
            for code in found:
                if CODE.fullmatch(code):
                    yield (code.upper() if _named(call) == "_error" else code), f"{module.path}:{call.lineno}"


def _in_messages(folder: Path) -> set[str]:
    """Rules that messages break as a whole: the third value that a `broken_rule` answers."""
    found = set()
    for module in _modules(folder):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef) and node.name == "broken_rule":
                for answer in [part.value for part in ast.walk(node) if isinstance(part, ast.Return)]:
                    if isinstance(answer, ast.Tuple):
                        found |= _texts(answer.elts[2])
    return found


@cache
def _all_codes() -> dict[str, str]:
    codes = dict(codes_of(SOURCE))
    codes |= {code: f"operation {operation.name}" for operation in OPERATIONS for code in operation.errors}
    codes |= dict.fromkeys(DESCRIPTIONS, "answers of the authorize endpoint")
    codes |= dict.fromkeys(_in_messages(SOURCE), "rules of messages")
    return codes


@cache
def _headings() -> list[str]:
    return re.findall(r"^### `([^`]+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_code_in_the_source_is_explained() -> None:
    missing = {code: place for code, place in _all_codes().items() if code not in _headings()}
    assert missing == {}, "give each a heading in docs/reference/errors.md that says what it means and what to do"


def test_every_explained_code_exists() -> None:
    assert set(_headings()) - set(_all_codes()) == set()
    assert len(_headings()) == len(set(_headings()))


def test_every_heading_says_what_it_means_and_what_to_do() -> None:
    for section in re.split(r"^#{2,3} ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        heading, _, text = section.partition("\n")
        if heading.startswith("`"):
            assert len(text.split()) >= 8, heading


def test_a_new_code_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(
        'WORD = "BY_CONSTANT"\n'
        'raise AppError(Kind.INVALID, "BY_LITERAL", "text")\n'
        'raise AppError(Kind.INVALID, WORD, "text")\n'
        'raise HttpError(400, "BY_HTTP", "text")\n'
        'raise oauth_errors.refuse("by_name", "text")\n'
        'raise invalid_field("x", "text", "BY_RULE")\n'
        'raise AppError(Kind.INVALID, "THIS_ONE" if x else "OR_THAT", "text")\n'
    )
    found = {code for code, _ in codes_of(tmp_path)}
    assert found == {"BY_LITERAL", "BY_CONSTANT", "BY_HTTP", "by_name", "BY_RULE", "THIS_ONE", "OR_THAT"}
