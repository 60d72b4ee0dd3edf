"""No byte of a request can choose where a browser goes (RED-12).

Three places share the work: `redirect_session/return_url.py` makes every address outside our host, `web/responses.py` writes every
`Location` and `Refresh` header, and scripts and templates never navigate by themselves.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_files import PACKAGE, Source, broken_by, complaints, line_of, product_sources

WRITER = "web/responses.py"
MAKER = "redirect_session/return_url.py"
BUILDERS = {"add_params"}
BUILDERS_HOME = "core/urls.py"
READY_MADE = {"RedirectResponse"}
LEAVING = {"Redirect", "Post"}

HEADER = re.compile(r"\s*(location|refresh)\s*(:.*)?", re.IGNORECASE | re.DOTALL)


def names_location(source: Source) -> Iterator[str]:
    """Only the writer may spell the names of the two headers that move a browser, or use a ready-made redirect."""
    if source.place == WRITER:
        return
    read = {argument.value for call in _calls(source, "getheader") for argument in call.args if isinstance(argument, ast.Constant)}
    for line, text in source.texts():
        if HEADER.fullmatch(text) and text not in read and (text.lower() != "location" or writes_headers(source)):
            yield f"{source.place}:{line}: names the Location or the Refresh header; {WRITER} alone writes them"
    for node in source.nodes:
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None
        imported = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        if READY_MADE & {name, *imported}:
            yield f"{source.place}:{line_of(node)}: a ready-made redirect; {WRITER} alone writes Location"


def writes_headers(source: Source) -> bool:
    """False for a file that names no headers at all, whatever else it does: there, `location` is a place where something happens, as the
    wire of bookings and events calls it."""
    words = [node.attr for node in source.nodes if isinstance(node, ast.Attribute)]
    words += [node.id for node in source.nodes if isinstance(node, ast.Name)]
    words += [node.arg or "" for node in source.nodes if isinstance(node, ast.keyword | ast.arg)]
    words += [alias.name for node in source.nodes if isinstance(node, ast.ImportFrom | ast.Import) for alias in node.names]
    return any("header" in word.lower() or word.endswith("Response") or word in ("send", "scope") for word in words)


def _calls(source: Source, method: str) -> Iterator[ast.Call]:
    """`answer.getheader("location")` of `http.client` looks at what another server wrote; nobody is sent there."""
    for node in source.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
            yield node


def builds_outward_addresses(source: Source) -> Iterator[str]:
    """Only the maker may add parameters to a callback, and what a flow leaves for must come straight from the maker."""
    if source.place in {MAKER, BUILDERS_HOME}:
        return
    for node in source.nodes:
        imported = {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()
        if imported & BUILDERS or (isinstance(node, ast.Attribute) and node.attr in BUILDERS):
            yield f"{source.place}:{line_of(node)}: builds an address outside our host; that is the work of {MAKER}"
    leaves = any(name in source.text for name in LEAVING)
    for function in source.nodes if leaves else ():
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _leaves_elsewhere(source, function)


def _leaves_elsewhere(source: Source, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    made = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and _is_from_maker(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    stained = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.NamedExpr) and not _is_from_maker(node.value)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LEAVING:
            address = node.args[0] if node.args else node.keywords[0].value
            clean = _is_from_maker(address) or (isinstance(address, ast.Name) and address.id in made - stained)
            if not clean:
                yield f"{source.place}:{node.lineno}: leaves for an address that was not made by {MAKER}"


def _is_from_maker(value: ast.expr) -> bool:
    """`return_url.something(...)`, or an attribute of what it gave (`return_url.redirect_uri(...).href`)."""
    while isinstance(value, ast.Attribute):
        value = value.value
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and isinstance(value.func.value, ast.Name)
        and value.func.value.id == "return_url"
    )


NAVIGATES = re.compile(
    r"http-equiv\s*=\s*[\"']?refresh|\blocation\s*=[^=]|\blocation\.(href\s*=[^=]|assign|replace)|\bwindow\.open\b|\bnavigation\.navigate\b",
    re.IGNORECASE,
)


def navigates_by_script(path: Path, text: str) -> list[str]:
    """Pages and scripts follow links and forms; they never choose an address (reloading the same one is fine)."""
    return [f"{path}: {hit.group()!r} navigates by itself" for hit in NAVIGATES.finditer(text)]


def test_only_one_file_writes_location_headers() -> None:
    assert complaints(names_location, product_sources()) == []


def test_only_one_file_makes_outward_addresses() -> None:
    assert complaints(builds_outward_addresses, product_sources()) == []


def test_pages_and_scripts_never_navigate_by_themselves() -> None:
    paths = [path for pattern in ("*.html", "*.js") for path in sorted(PACKAGE.rglob(pattern))]
    assert [line for path in paths for line in navigates_by_script(path.relative_to(PACKAGE), path.read_text())] == []


@pytest.mark.parametrize(
    "sample",
    [
        "headers = {'Location': url}",
        "headers = [(b'location', url)]",
        "answer(url, extra_headers=[('location', url)])",
        "def f(send): send({'location': url})",
        "raw = f'location: {url}'",
        "headers = {'Refresh': '1; url=' + url}",
        "raw = 'refresh: 1; url=x'",
        "from starlette.responses import RedirectResponse",
        "import starlette.responses\nr = starlette.responses.RedirectResponse(url)",
    ],
)
def test_a_second_writer_is_noticed(sample: str) -> None:
    assert broken_by(names_location, "api/oauth.py", sample)
    assert not broken_by(names_location, WRITER, sample)


def test_prose_about_locations_is_fine() -> None:
    assert not broken_by(names_location, "api/oauth.py", '"""Location"""\nlocation_id = "locations"')


def test_a_place_where_something_happens_is_a_location_too() -> None:
    """Of bookings and events, in files that have nothing to do with answers."""
    assert not broken_by(names_location, "api/bookings_view.py", "slot = {'location': {'name': place.name}}")
    assert broken_by(names_location, "api/bookings_view.py", "slot = {'location': 1}\nheaders = {}")


@pytest.mark.parametrize(
    "sample",
    [
        "from roundtrip.core.urls import add_params",
        "x = urls.add_params(a, b)",
        "def leave(form):\n    return Redirect(form['next'])",
        "def leave(form):\n    url = return_url.after_flow(s)\n    url = form['next']\n    return Redirect(url)",
        "def leave(form):\n    url = return_url.after_flow(s)\n    url += form['next']\n    return Redirect(url)",
        "def leave(form):\n    return Redirect(url=form.next)",
        "def leave(form):\n    return Post(form['next'], {})",
    ],
)
def test_a_second_maker_is_noticed(sample: str) -> None:
    assert broken_by(builds_outward_addresses, "flows/auth/flow.py", sample)


@pytest.mark.parametrize(
    "sample",
    [
        "def leave():\n    url = return_url.after_flow(s)\n    return Stay() if url is None else Redirect(url)",
        "def leave():\n    return Redirect(return_url.authorization_answer(s))",
        "def leave():\n    return Redirect(return_url.redirect_uri(s).href)",
        "def leave():\n    return Post(return_url.form_target(s), {})",
    ],
)
def test_leaving_by_the_maker_is_fine(sample: str) -> None:
    assert not broken_by(builds_outward_addresses, "flows/auth/flow.py", sample)


@pytest.mark.parametrize(
    "sample", ["location.href = next", "window.location = next", "location.assign(next)", '<meta http-equiv="refresh" content="0; url=x">']
)
def test_a_page_that_navigates_is_noticed(sample: str) -> None:
    assert navigates_by_script(Path("x.js"), sample)
    assert not navigates_by_script(Path("x.js"), "location.reload(); if (location.href === a) b()")
