"""`docs/tutorial/your-own-site.md`, walked as it is written: `make demo`, a site of one's own, a broken way back, understood and mended."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser_fixtures import NewContext
from tests.examples.conftest import PROJECT, wait_until_it_answers
from tests.examples.test_demo_command import Command, Demo
from tests.server_fixtures import free_port

TUTORIAL = (PROJECT / "docs/tutorial/your-own-site.md").read_text(encoding="utf-8")
START, BREAK = re.findall(r"^```sh\n(.*?)\n```", TUTORIAL, re.MULTILINE | re.DOTALL)
PASSWORD = "seven brown owls at noon"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """`make demo`, on free ports, with nothing in it yet."""
    started = Command(tmp_path / "demo")()
    started.until("Ctrl-C")
    yield started
    started.process.terminate()
    started.end()


class Terminal:
    """The second terminal of the tutorial, in a folder with `my_site.py`. The port of the site is a free one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = str(free_port())
        self.url = f"http://localhost:{self.port}"

    def type(self, block: str) -> None:
        """Run a block of the tutorial."""
        subprocess.run(["bash", "-euc", block.replace("9000", self.port)], cwd=self.folder, check=True, timeout=30)

    def start(self, secret: str) -> subprocess.Popen[bytes]:
        """Start the site as the tutorial says."""
        words = START.replace("the-secret", secret).replace(".venv/bin/python", sys.executable)
        log = self.folder / "my_site.log"
        with log.open("wb") as output:
            process = subprocess.Popen(["bash", "-c", f"exec env {words}"], cwd=self.folder, stdout=output, stderr=subprocess.STDOUT)
        wait_until_it_answers(f"http://127.0.0.1:{self.port}/", process, log)
        return process


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A second terminal."""
    return Terminal(tmp_path)


def _become_owner(page: Page, demo: Demo) -> None:
    link = re.search(r"http://\S+/dashboard/join/\S+", "".join(demo.said))
    assert link
    page.goto(link[0])
    page.get_by_label("Name").fill("Ann Newcomer")
    page.get_by_label("Email").fill("ann@kiln.example")
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kiln & Co")


def _make_client(page: Page, site: str) -> tuple[str, str]:
    """Steps 2 to 4: the secret, and the text of `my_site.py`."""
    page.get_by_role("link", name="Headless Settings").click()
    page.get_by_role("link", name="New client").click()
    page.get_by_label("Name").fill("My site")
    page.get_by_label("A standard OpenID Connect library").check()
    page.get_by_label("Redirect URI").fill(f"{site}/callback")
    page.get_by_role("button", name="Make the client").click()
    page.get_by_role("button", name="Make a secret").click()
    secret = page.locator(".notice .copyable code").inner_text()
    page.locator("#add-postLogoutRedirectUris").fill(f"{site}/")
    page.keyboard.press("Enter")
    expect(page.locator(".notice ins")).to_have_text(f"{site}/")
    assert secret not in page.content()
    page.get_by_text("A small site in Python").click()
    return secret, page.locator("#snippet-site code").inner_text()


def _sign_up_and_out(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_role("link", name="Log in").click()
    page.get_by_role("link", name="Create an account").click()
    page.locator("#email").fill("bea@example.com")
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Hello bea@example.com!")).to_be_visible()
    page.get_by_role("link", name="Log out").click()
    expect(page).to_have_url(f"{site}/")


def _allow(page: Page, site: str) -> None:
    """Steps 7 and 8, in the dashboard."""
    page.get_by_role("link", name="Refused addresses").click()
    row = page.locator(".refusals > li")
    expect(row.locator("mark")).to_have_text("/welcome")
    expect(row).to_contain_text("My site: the path is /welcome")
    page.fill("#explain-url", f"{site}/welcome/")
    page.select_option("#explain-client", label="My site")
    page.get_by_role("button", name="Explain").click()
    expect(page.locator(".verdict").first).to_contain_text("Not an allowed redirect URI")
    page.get_by_role("link", name="Allow it").click()
    expect(page.locator(".diff ins")).to_have_text(f"{site}/welcome")
    page.get_by_role("button", name="Allow it").click()
    expect(page.get_by_role("status")).to_contain_text("The next try goes through")


def test_a_newcomer_makes_a_site_breaks_it_and_mends_it(demo: Demo, terminal: Terminal, new_context: NewContext) -> None:
    """OPS-01, OPS-02, OPS-03, RED-19, SES-02: everything is found on the pages, and no page is reloaded twice to be true."""
    owner, visitor = new_context().new_page(), new_context().new_page()
    site = terminal.url
    _become_owner(owner, demo)
    secret, text = _make_client(owner, site)
    (terminal.folder / "my_site.py").write_text(text, encoding="utf-8")
    with ExitStack() as running:
        _stops(running, first := terminal.start(secret))
        _sign_up_and_out(visitor, site)
        first.terminate()
        first.wait(15)

        terminal.type(BREAK)
        _stops(running, terminal.start(secret))
        visitor.goto(site)
        visitor.get_by_role("link", name="Log in").click()
        expect(visitor.get_by_role("heading", level=1)).to_have_text("Invalid redirect URI")
        expect(visitor.locator("main")).to_contain_text("the path is /welcome, the closest entry")
        _allow(owner, site)
        visitor.reload()
        visitor.locator("#email").fill("bea@example.com")
        visitor.locator("#password").fill(PASSWORD)
        visitor.keyboard.press("Enter")
        expect(visitor.get_by_text("Hello bea@example.com!")).to_be_visible()

    owner.get_by_role("link", name="Redirect sessions").click()
    owner.locator("tbody tr a").first.click()
    trip = owner.locator(".trip h3")
    expect(trip.first).to_have_text("A browser came from My site without a redirect session, and got one")
    expect(trip.last).to_have_text(f"Went back to {site}/welcome with code, state, iss")
    owner.get_by_role("link", name="Audit log", exact=True).click()
    expect(owner.locator("main")).to_contain_text("A refused address was allowed for")


def _stops(running: ExitStack, process: subprocess.Popen[bytes]) -> None:
    def stop() -> None:
        process.terminate()
        process.wait(15)

    running.callback(stop)
