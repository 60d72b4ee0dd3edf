"""An owner's first client in a real browser: made, corrected, undone, given a secret, deleted. With scripts and without."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import PASSWORD, invitation, join
from tests.browser_fixtures import NewContext
from tests.server_fixtures import Server


def add(page: Page, section: str, entry: str) -> None:
    """Add one entry, by the keyboard."""
    page.fill(f"#add-{section}", entry)
    page.press(f"#add-{section}", "Enter")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_first_client_is_made_corrected_and_deleted(server: Server, new_context: NewContext, scripts: bool) -> None:
    """OPS-02, OPS-03, OPS-04, PAG-06."""
    server.secret(PASSWORD)
    page = new_context(scripts=scripts).new_page()
    join(page, invitation(server), f"journey-{uuid.uuid4().hex[:8]}@kiln.example")
    page.goto(f"{server.origin}/dashboard/demo/settings/clients/new")

    page.fill("#name", "Journey shop")
    page.press("#name", "Enter")
    expect(page.get_by_role("status")).to_contain_text("The client was made")

    add(page, "allowedRedirectUris", "journey.example/callback")
    error = page.locator("#add-allowedRedirectUris-error")
    expect(error).to_be_visible()
    expect(page.locator("#add-allowedRedirectUris")).to_have_value("journey.example/callback")
    page.click("#error-summary a")
    expect(page.locator("#add-allowedRedirectUris")).to_be_focused()
    add(page, "allowedRedirectUris", "https://journey.example/callback")
    expect(page.locator(".notice ins")).to_have_text("https://journey.example/callback")

    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator(".notice del")).to_have_text("https://journey.example/callback")
    expect(page.locator("#section-redirect-uris .entries")).to_have_count(0)

    page.get_by_role("button", name="Make a secret").click()
    secret = server.secret(page.locator(".notice .copyable code").inner_text())
    assert re.fullmatch(r"rts_[A-Za-z0-9_-]{43}", secret)
    assert page.get_by_role("button", name="Copy the secret").count() == (1 if scripts else 0)
    page.goto(page.url.removesuffix("/secrets"))
    expect(page.locator("#secrets")).to_contain_text(secret[-4:])
    assert secret not in page.content()

    page.fill("#word", "journey shop")
    page.get_by_role("button", name="Delete the client").click()
    expect(page.locator("#word-error")).to_contain_text("type the client's name")
    page.fill("#word", "Journey shop")
    page.get_by_role("button", name="Delete the client").click()
    expect(page.get_by_role("status")).to_contain_text("The client was deleted")
    expect(page.get_by_role("link", name="Journey shop")).to_have_count(0)
