"""What a page makes a browser fetch: only from our own host, and little of it (PAG-05, TST-07)."""

from __future__ import annotations

import gzip
import re

import httpx
import pytest

from tests.app_fixture import App, Browser
from tests.web.journeys import PAGES, tree

FETCHED = {**dict.fromkeys(("script", "img", "iframe", "source", "video", "audio", "embed"), "src"), "link": "href", "object": "data"}
MAX_PAGE = 15_000
MAX_CSS = 12_000
MAX_JS = 8_000


def _requests(answer: httpx.Response) -> list[str]:
    """Every address that the page loads by itself."""
    found = []
    for element in tree(answer).walk():
        for name in (FETCHED.get(element.tag), "srcset", "poster", "background", "ping", "manifest"):
            value = element.get(name) if name else None
            if value:
                found.append(value)
        found += re.findall(r"url\(([^)]*)\)", element.get("style") or "")
    for style in tree(answer).all("style"):
        found += re.findall(r"url\(([^)]*)\)|@import[^;]*", style.words)
    return found


@pytest.mark.parametrize("kind", list(PAGES))
def test_a_page_loads_from_our_own_host_only(app: App, kind: str) -> None:
    """PAG-05."""
    answer = PAGES[kind](app)
    for address in _requests(answer):
        assert re.fullmatch(r"/static/[0-9a-f]{16}/[\w.]+", address), address
        loaded = Browser(app).open(address)
        assert loaded.status_code == 200
        assert not re.search(r"https?://|@import|//[a-z]+\.", loaded.text.replace("http://www.w3.org/2000/svg", "")), address


@pytest.mark.parametrize("kind", list(PAGES))
def test_a_page_leads_nowhere_by_itself(app: App, kind: str) -> None:
    """RED-12: every link and form leads to our own host first."""
    answer = PAGES[kind](app)
    for element in tree(answer).all("a", "form", "button", "input", "area", "base"):
        for name in ("href", "action", "formaction"):
            value = element.get(name)
            assert value is None or value.startswith(("/", "#")), f"{element.tag} leads to {value}"
            assert value is None or not value.startswith(("//", "/\\"))
    assert not [element for element in tree(answer).all("meta") if (element.get("http-equiv") or "").lower() == "refresh"]


@pytest.mark.parametrize("kind", list(PAGES))
def test_a_page_is_small(app: App, kind: str) -> None:
    assert len(PAGES[kind](app).content) < MAX_PAGE


def test_style_and_script_are_small(shared_app: App) -> None:
    page = Browser(shared_app).open("/")
    files = {address.rpartition(".")[2]: Browser(shared_app).open(address, accept_encoding="identity") for address in _requests(page)}
    assert set(files) == {"css", "js", "svg"}
    assert len(gzip.compress(files["css"].content)) < MAX_CSS
    assert len(files["js"].content) < MAX_JS
    for answer in files.values():
        packed = Browser(shared_app).open(str(answer.request.url), accept_encoding="gzip")
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.headers["vary"] == "accept-encoding"
        assert packed.content == answer.content
