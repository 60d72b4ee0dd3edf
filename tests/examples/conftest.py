"""The demo site as a process of its own, talking to the real server: fixtures `demo_site`, `start_demo_site`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.error import URLError

import pytest

from tests.server_fixtures import Server, free_port

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class DemoSite:
    """Where the demo site answers, and which server it talks to."""

    url: str
    server_url: str


class StartDemoSite(Protocol):
    """What the fixture `start_demo_site` gives."""

    def __call__(self, *, server_url: str | None = None, client_id: str | None = None, site: str = "demo") -> DemoSite: ...


@pytest.fixture(scope="session")
def start_demo_site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartDemoSite]:
    """Start Kiln & Co. on a free port, by default with a client whose lists name that port. All end with the session."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(*, server_url: str | None = None, client_id: str | None = None, site: str = "demo") -> DemoSite:
        url = f"http://localhost:{free_port()}"
        client_id = client_id or server.client("Demo site", redirect_uris=[f"{url}/callback"], redirect_domains=[url], site=site)
        made = DemoSite(url, server_url or server.origin)
        log = tmp_path_factory.mktemp("demo-site") / "site.log"
        environment = {**os.environ, "DEMO_SERVER_URL": made.server_url, "DEMO_CLIENT_ID": client_id, "DEMO_SITE_URL": url}
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "examples.demo_site"], cwd=PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
        processes.append(process)
        wait_until_it_answers(f"{url}/health", process, log)
        return made

    yield start
    for process in processes:
        process.terminate()
        process.wait(15)


@pytest.fixture(scope="session")
def shop_site(server: Server, start_demo_site: StartDemoSite) -> DemoSite:
    """A demo site whose shelves are full."""
    server.command("site", "create", "kiln", "--name", "Kiln & Co", "--json")
    server.command("product", "demo", "--site", "kiln", "--shop", "--no-pictures", "--json")
    return start_demo_site(site="kiln")


@pytest.fixture(scope="session")
def demo_site(start_demo_site: StartDemoSite) -> DemoSite:
    """The demo site that most tests share. A new browser profile is a new visit."""
    return start_demo_site()


def wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the address answers 200; fail with the log when the process ends first."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    pytest.fail(f"{url} does not answer\n{log.read_text(errors='replace')}")
