"""What a server writes down: JSON, the request's id, and none of the values that open anything (OPS-07)."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from roundtrip.upkeep.logs import JsonLines
from tests.browser.shop import NAVIGATION, Json
from tests.operations.conftest import NewShop
from tests.server_fixtures import ROUNDTRIP, StartServer


def lines(log: Path) -> list[Json]:
    """Every line of a log; one that is not JSON fails here.

    The greeting on standard output, which tests keep in the same file, is for people.
    """
    greeting = ("Dashboard: http", "Nobody owns this server yet.", "http")
    return [json.loads(line) for line in log.read_text().splitlines() if not line.startswith(greeting)]


def test_after_a_journey_at_debug_level_the_log_knows_every_request_and_no_secret(new_shop: NewShop) -> None:
    """OPS-07. The fixture `log_book` reads every other server's log in the same way."""
    shop = new_shop()
    token = shop.visitor()
    session = shop.session({"login": {}, "callbacks": {"postFlowUrl": "https://shop.example/after"}}, token=token)
    entry = httpx.get(session["fullUrl"], headers=NAVIGATION)
    page = httpx.get(f"{shop.server.origin}{entry.headers['location']}", headers=NAVIGATION, cookies=dict(entry.cookies))
    unknown = httpx.get(f"{shop.server.origin}/nothing?code=a-code-that-nobody-may-read")
    assert (entry.status_code, page.status_code, unknown.status_code) == (303, 200, 404)
    assert shop.server.stop() == 0

    written = lines(shop.server.folder / "server.log")
    requests = {line["request_id"]: line for line in written if line["logger"] == "roundtrip.requests"}
    for answer in (entry, page, unknown):
        line = requests[answer.headers["x-wix-request-id"]]
        assert (line["method"], line["status"], line["path"]) == ("GET", answer.status_code, answer.request.url.path)
        assert line["ms"] > 0
    text = (shop.server.folder / "server.log").read_text()
    secret = [token, session["sessionToken"], "a-code-that-nobody-may-read", *entry.cookies.values()]
    assert [value for value in secret if value and value in text] == []
    assert all("?" not in line["path"] for line in requests.values())


@pytest.mark.parametrize("path", ["/recover/", "/verify/", "/dashboard/join/", f"/session/{'0' * 8}-0000-4000-8000-{'0' * 12}/resume/"])
def test_the_log_knows_that_a_mailed_link_was_opened_but_not_what_opens_it(path: str) -> None:
    """OPS-07: in the line about a request, in a message, and in the traceback of a fault."""
    key = "0192f0c1b2a34d5e8f90a1b2c3d4e5f6Qm9vbS1CYXNlNjRVcmxTYWZlLUtleS1Gb3ItVGVzdHM"
    try:
        raise ValueError(f"no such file: {path}{key}")
    except ValueError:
        record = logging.LogRecord("roundtrip", logging.INFO, __file__, 1, "GET %s 500", (path + key,), sys.exc_info())
    record.path = path + key
    line = JsonLines().format(record)
    assert key not in line
    assert json.loads(line)["path"] == f"{path}***"
    assert json.loads(line)["message"] == f"GET {path}*** 500"


def test_a_server_that_was_asked_for_a_mailed_link_has_not_written_its_key_down(new_shop: NewShop) -> None:
    """OPS-07."""
    shop = new_shop()
    key = "0192f0c1b2a34d5e8f90a1b2c3d4e5f6Qm9vbS1CYXNlNjRVcmxTYWZlLUtleS1Gb3ItVGVzdHM"
    for path in ("/recover/", "/verify/", "/dashboard/join/", "//recover/"):
        assert httpx.get(f"{shop.server.origin}{path}{key}").status_code in (404, 410)
    assert shop.server.stop() == 0
    text = (shop.server.folder / "server.log").read_text()
    assert text.count("/recover/***") >= 2
    assert key not in text


def test_a_value_with_a_line_break_cannot_fake_a_line() -> None:
    """OPS-07."""
    record = logging.LogRecord("roundtrip", logging.INFO, __file__, 1, "%s", ('x\n{"level": "info"}',), None)
    line = JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == 'x\n{"level": "info"}'


def test_times_are_utc() -> None:
    record = logging.LogRecord("roundtrip", logging.INFO, __file__, 1, "x", (), None)
    record.created, record.msecs = 1_790_000_000.25, 250
    assert json.loads(JsonLines().format(record))["time"] == "2026-09-21T14:13:20.250Z"


def test_a_server_whose_port_is_taken_says_so_in_json_and_ends_with_an_error(start_server: StartServer) -> None:
    running = start_server()
    other = start_server(running=False, environment={"ROUNDTRIP_PORT": running.environment["ROUNDTRIP_PORT"]})
    ended = subprocess.run([ROUNDTRIP, "serve"], env=dict(other.environment), capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode != 0
    written = [json.loads(line) for line in ended.stderr.splitlines()]
    assert any(line["level"] == "error" and "address already in use" in line["message"] for line in written), written
