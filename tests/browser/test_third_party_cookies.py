"""The switch that other tests rely on: a browser that blocks third-party cookies really does (AUT-09 is worth nothing otherwise)."""

from __future__ import annotations

import pytest

from tests.browser_fixtures import NewContext, ThirdPartyCookies
from tests.site_fixture import Site


@pytest.mark.parametrize(("choice", "expected"), [("allowed", "seen=1"), ("blocked", None)])
def test_a_frame_of_another_site_gets_its_cookie_only_where_allowed(
    choice: ThirdPartyCookies, expected: str | None, new_context: NewContext, site: Site
) -> None:
    other = f"http://127.0.0.1:{site.port}"
    site.headers["/set"] = {"Set-Cookie": "seen=1; SameSite=None; Secure; Path=/"}
    site.page("/top", f"<!doctype html><title>Top</title><iframe src='{other}/frame'></iframe>")
    page = new_context(third_party_cookies=choice).new_page()

    page.goto(f"{other}/set")
    page.goto(f"{other}/first-party")
    page.goto(f"{site.origin}/top")

    cookies = {one.path: one.headers.get("cookie") for one in site.seen}
    assert cookies["/first-party"] == "seen=1"
    assert cookies["/frame"] == expected
