"""What the page of a client offers to copy works as it stands, with a real shell and a real server."""

from __future__ import annotations

import json
import subprocess

from playwright.sync_api import Page

from tests.browser.desk import PASSWORD, invitation, join
from tests.browser_fixtures import NewContext
from tests.server_fixtures import Server


def snippet(page: Page, server: Server, client_id: str, name: str) -> str:
    """A snippet as the page shows it."""
    page.goto(f"{server.origin}/dashboard/demo/settings/clients/{client_id}")
    return page.locator(f"#snippet-{name} code").text_content() or ""


def owner(server: Server, new_context: NewContext, email: str) -> Page:
    """A page of an owner's browser."""
    server.secret(PASSWORD)
    page = new_context().new_page()
    join(page, invitation(server), email)
    return page


def run(text: str) -> dict[str, dict[str, str]]:
    """What a shell answers to it."""
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_the_shell_snippet_gets_an_address_that_opens(server: Server, new_context: NewContext, unique_email: str, page: Page) -> None:
    client_id = server.client("Snippet shop", redirect_domains=("*.wild.example", "snippet.example"))
    text = snippet(owner(server, new_context, unique_email), server, client_id, "shell")
    assert client_id in text
    assert "https://snippet.example/" in text
    answer = run(text)
    page.goto(answer["redirectSession"]["fullUrl"])
    page.get_by_role("heading", level=1).wait_for()


def test_a_client_that_allows_nothing_yet_is_told_so(server: Server, new_context: NewContext, unique_email: str) -> None:
    client_id = server.client("Empty shop")
    page = owner(server, new_context, unique_email)
    text = snippet(page, server, client_id, "shell")
    page.get_by_text("Plain HTTP").click()
    assert page.get_by_text("Allow a redirect domain first").is_visible()
    assert "INVALID_REDIRECT_DOMAIN" in json.dumps(run(text))
