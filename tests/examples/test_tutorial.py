"""The tutorial, typed in: its `sh` blocks run as they are printed, with other ports, and a browser does what it says in between."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.examples.conftest import PROJECT
from tests.examples.test_demo_journey import sign_up
from tests.server_fixtures import Server
from tests.site_fixture import Site

TUTORIAL = PROJECT / "docs/tutorial/log-in-a-visitor.md"
PLACEHOLDER = "the-code-from-the-third-terminal"
END = "end-of-block:"


class Terminal:
    """A shell that stays open from block to block."""

    def __init__(self, errors: Path, replacements: dict[str, str]) -> None:
        self._errors = errors
        self._replacements = replacements
        with errors.open("wb") as output:
            self._shell = subprocess.Popen(
                ["bash"], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, text=True, bufsize=1
            )

    def type(self, block: str) -> str:
        """Run one block of the tutorial and answer what it printed."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        for old, new in self._replacements.items():
            block = block.replace(old, new)
        self._shell.stdin.write(f"{block}\necho {END}$?\n")
        self._shell.stdin.flush()
        printed = ""
        while END not in printed:
            line = self._shell.stdout.readline()
            assert line, f"the shell ended in\n{block}\n{self._errors.read_text()}"
            printed += line
        answer, _, code = printed.rpartition(END)
        assert code.strip() == "0", f"{block}\n{answer}\n{self._errors.read_text()}"
        return answer.strip()

    def close(self) -> None:
        """End the shell."""
        self._shell.communicate()


@pytest.fixture
def terminal(server: Server, site: Site, tmp_path: Path) -> Iterator[Terminal]:
    """The second terminal of the tutorial; the third one is the fixture `site`."""
    shell = Terminal(
        tmp_path / "errors.txt",
        {
            "http://127.0.0.1:8000": server.origin,
            "http://localhost:9000": site.origin,
            "sqlite:///$PWD/data/demo/roundtrip.db": server.database_url,
            "$PWD/data/demo": str(server.folder),
        },
    )
    yield shell
    shell.close()


def test_the_tutorial_works_as_written(terminal: Terminal, site: Site, page: Page, unique_email: str) -> None:
    text = TUTORIAL.read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    names, client, visitor, secrets, session, code, tokens, who, logout, mistake = blocks

    terminal.type(names)
    assert re.fullmatch(r"[0-9a-f-]{36}", terminal.type(client))
    terminal.type(visitor)
    terminal.type(secrets)
    page.goto(terminal.type(session))
    sign_up(page, unique_email)
    expect(page).to_have_url(re.compile(re.escape(f"{site.origin}/callback?")))
    received = re.search(r"[?&]code=([^&]+)", page.url)
    assert received
    terminal.type(code.replace(PLACEHOLDER, received[1]))
    terminal.type(tokens)
    assert terminal.type(who) == unique_email
    page.goto(terminal.type(logout))
    expect(page).to_have_url(f"{site.origin}/?wixMemberLoggedIn=false")
    assert "9001" in terminal.type(mistake)


def test_the_files_that_the_tutorial_points_to_are_there() -> None:
    """A name in the last table is a name in that file."""
    named = []
    for row in re.findall(r"^\| [0-9].*\| (.*) \|$", TUTORIAL.read_text(encoding="utf-8"), re.MULTILINE):
        for file, functions in re.findall(r"`(\w+\.py)`(?:: ([^;]*))?", row):
            named += [(file, name) for name in re.findall(r"`(\w+)`", functions)]

    assert named
    for file, name in named:
        assert f"def {name}(" in (PROJECT / "examples/demo_site" / file).read_text(encoding="utf-8"), f"{file} has no {name}"
