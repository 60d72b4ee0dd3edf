"""A site of a customer, as far as tests need one: pages and bundles on an origin that is not the server's.

The server runs on `127.0.0.1`, this on `localhost`: for a browser these are two sites, so cookies between them are third-party ones.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that reached the site."""

    path: str
    headers: dict[str, str]
    form: str = ""
    """What came in its body."""


@dataclass
class Site:
    """Serves what a test put into `files` (path -> content type and body); any other path is an empty page, so a browser can return."""

    origin: str
    port: int
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    def page(self, path: str, html: str) -> str:
        """Serve this HTML and answer its address."""
        self.files[path] = ("text/html; charset=utf-8", html.encode())
        return self.origin + path

    def script(self, path: str, source: bytes) -> str:
        """Serve this script and answer its address."""
        self.files[path] = ("text/javascript; charset=utf-8", source)
        return self.origin + path


EMPTY_PAGE = b"<!doctype html><html lang=en><title>Site</title><link rel=icon href='data:,'><h1>The site</h1>"


def _answering_for(site: Site) -> type[BaseHTTPRequestHandler]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            form = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            site.seen.append(Seen(self.path, {name.lower(): value for name, value in self.headers.items()}, form))
            kind, body = site.files.get(path, ("text/html; charset=utf-8", EMPTY_PAGE))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in site.headers.get(path, {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  the name that the library asks for

        def log_message(self, *_: object) -> None:
            """Say nothing: a test prints what it needs."""

    return Answer


@pytest.fixture(scope="session")
def site_for_all_tests() -> Iterator[Site]:
    """A site on `http://localhost:<free port>`; ask for `site` instead."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = int(http.server_address[1])
    running = Site(f"http://localhost:{port}", port)
    http.RequestHandlerClass = _answering_for(running)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield running
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def site(site_for_all_tests: Site) -> Site:
    """The site, with no files and nothing seen yet. Its address is the same in every test, so a client can be made for it once."""
    for kept in (site_for_all_tests.files, site_for_all_tests.headers, site_for_all_tests.seen):
        kept.clear()
    return site_for_all_tests
