"""`python -m examples.demo`, which is what `make demo` runs: starts, says where, stops, and says plainly what is in the way."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import pytest

from tests.examples.conftest import PROJECT
from tests.server_fixtures import free_port

PATIENCE_SECONDS = 40


@dataclass
class Demo:
    """One run of the command."""

    process: subprocess.Popen[str]
    port: int
    site_port: int
    said: list[str]
    lines: Queue[str | None]

    def until(self, text: str) -> None:
        """Read what it prints until a line contains the text."""
        while True:
            try:
                line = self.lines.get(timeout=PATIENCE_SECONDS)
            except Empty:
                pytest.fail(f"waited for {text!r}, got:\n{''.join(self.said)}")
            if line is None:
                pytest.fail(f"ended with {self.process.wait()} before {text!r}:\n{''.join(self.said)}")
            self.said.append(line)
            if text in line:
                return

    def end(self) -> str:
        """Wait for the end and answer all it printed."""
        self.process.wait(PATIENCE_SECONDS)
        while (line := self.lines.get(timeout=PATIENCE_SECONDS)) is not None:
            self.said.append(line)
        return "".join(self.said)


class Command:
    """Starts demos in one data directory and ends what is left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.demos: list[Demo] = []

    def __call__(self, *, port: int | None = None, site_port: int | None = None, pictures: bool = False) -> Demo:
        port, site_port = port or free_port(), site_port or free_port()
        words = ["-m", "examples.demo", "--data-dir", str(self.folder), "--port", str(port), "--site-port", str(site_port)]
        words += [] if pictures else ["--no-pictures"]
        process = subprocess.Popen(
            [sys.executable, *words], cwd=PROJECT, env={**os.environ}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        demo = Demo(process, port, site_port, [], Queue())
        Thread(target=_read, args=(process, demo.lines), daemon=True).start()
        self.demos.append(demo)
        return demo


def _read(process: subprocess.Popen[str], lines: Queue[str | None]) -> None:
    assert process.stdout is not None
    with process.stdout as output:
        for line in output:
            lines.put(line)
    lines.put(None)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Command]:
    """Start demos: `demo()`, `demo(port=...)`."""
    command = Command(tmp_path / "demo")
    yield command
    for one in command.demos:
        if one.process.poll() is None:
            one.process.terminate()
            one.process.wait(PATIENCE_SECONDS)


def is_open(port: int) -> bool:
    """Does anything listen there?"""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_both_says_where_and_stops_both(demo: Command, how: signal.Signals) -> None:
    running = demo()
    running.until("Ctrl-C stops both")
    said = "".join(running.said)
    with urllib.request.urlopen(f"http://127.0.0.1:{running.site_port}/", timeout=10) as home:
        assert "You are a visitor" in home.read().decode(), "the site got a token: its client id is right"
    assert "Canvas Tote" in shop_page(running)
    running.process.send_signal(how)

    running.end()
    assert running.process.returncode == 0
    assert f"http://localhost:{running.site_port}" in said
    assert f"http://127.0.0.1:{running.port}" in said
    assert not is_open(running.port)
    assert not is_open(running.site_port)


def shop_page(demo: Demo) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{demo.site_port}/shop", timeout=10) as page:
        text: str = page.read().decode()
    return text


def test_pictures_come_while_the_shop_is_open_and_stopping_does_not_wait_for_the_rest(demo: Command) -> None:
    running = demo(pictures=True)
    running.until("appear one by one")
    running.until("Ctrl-C stops both")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := re.search(r'<img class="picture" src="([^"]+)"', shop_page(running))) is None:
        assert time.monotonic() < deadline, (demo.folder / "pictures-shop.log").read_text()
        time.sleep(0.1)
    with urllib.request.urlopen(found[1], timeout=10) as picture:
        assert picture.headers["content-type"].startswith("image/")
    running.process.send_signal(signal.SIGINT)
    running.end()
    assert running.process.returncode == 0


def test_a_second_start_keeps_the_client_and_the_members(demo: Command) -> None:
    first = demo()
    first.until("Ctrl-C stops both")
    first.process.send_signal(signal.SIGINT)
    first.end()
    remembered = json.loads((demo.folder / "demo-clients.json").read_text())
    second = demo(site_port=first.site_port)
    second.until("Ctrl-C stops both")

    assert json.loads((demo.folder / "demo-clients.json").read_text()) == remembered
    assert any(client_id in "".join(second.said) for client_id in remembered.values())


def test_another_site_port_flows_through_to_a_client_of_its_own(demo: Command) -> None:
    first = demo()
    first.until("Ctrl-C stops both")
    first.process.send_signal(signal.SIGINT)
    first.end()
    second = demo()
    second.until("Ctrl-C stops both")

    assert len(json.loads((demo.folder / "demo-clients.json").read_text())) == 2


@pytest.mark.parametrize(("option", "which"), [("--port", "port"), ("--site-port", "site_port")])
def test_a_busy_port_is_named_with_the_option_that_changes_it(demo: Command, option: str, which: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = int(taken.getsockname()[1])
        refused = demo(port=busy) if which == "port" else demo(site_port=busy)
        said = refused.end()

    assert refused.process.returncode == 1
    assert f"Port {busy} is in use" in said
    assert option in said
    assert "Traceback" not in said


@pytest.mark.parametrize(("name", "word"), [("The server", "serve"), ("The demo site", "examples.demo_site")])
def test_when_one_dies_it_says_which_and_stops_the_other(demo: Command, name: str, word: str) -> None:
    running = demo()
    running.until("Ctrl-C stops both")
    child = child_of(running.process.pid, word)
    os.kill(child, signal.SIGKILL)
    said = running.end()

    assert running.process.returncode == 1
    assert f"{name} was ended by SIGKILL" in said
    assert not is_open(running.port)
    assert not is_open(running.site_port)


def child_of(parent: int, word: str) -> int:
    """The process id of the child whose command line contains the word."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
            command = (status.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # it ended while we looked
        if int(fields[1]) == parent and word in command:
            return int(status.parent.name)
    raise AssertionError(f"no child of {parent} runs {word}")
