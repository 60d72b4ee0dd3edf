"""The steps before anything runs: free ports, a database, a seeded site, a client for the demo site.

Only the command line of the server is used, as an operator would. Starting things is in `processes.py`.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROUNDTRIP = Path(sys.executable).with_name("roundtrip")
PROJECT = Path(__file__).resolve().parents[2]
STEPS_SECONDS = 120
SETUP_LINK = ["owner", "setup-link", "--json"]
SHOP = ["product", "demo", "--site", "demo", "--shop", "--json"]
SERVICES = ["service", "demo", "--site", "demo", "--json"]
EVENTS = ["event", "demo", "--site", "demo", "--json"]
PLANS = ["plan", "demo", "--site", "demo", "--json"]
LAST = ([*SHOP, "--no-pictures"], [*SERVICES, "--no-pictures"], [*EVENTS, "--no-pictures"], PLANS, SETUP_LINK)
"""What every start ends with; each prints one line. Pictures take some seconds, and are drawn beside the server."""


class StartError(Exception):
    """The demo cannot start. The text says why and what to do; nothing else is printed."""


@dataclass(frozen=True, slots=True)
class Demo:
    """Where everything of one demo is."""

    folder: Path
    port: int
    site_port: int
    with_pictures: bool = True

    @property
    def server_url(self) -> str:
        """The API and the hosted pages."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def site_url(self) -> str:
        """The demo site. Another host name, and so another origin with cookies of its own."""
        return f"http://localhost:{self.site_port}"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "roundtrip.db"

    @property
    def environment(self) -> dict[str, str]:
        """What the server and its commands are told. Settings of another installation in the shell do not leak in."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ROUNDTRIP_")}
        return {
            **kept,
            "PYTHONUNBUFFERED": "1",
            "ROUNDTRIP_DATABASE_URL": f"sqlite:///{self.database}",
            "ROUNDTRIP_BASE_URL": self.server_url,
            "ROUNDTRIP_PORT": str(self.port),
            "ROUNDTRIP_DATA_DIR": str(self.folder),
            # Pictures come from this server: the demo site uses no SDK, whose helpers know one host only.
            "ROUNDTRIP_MEDIA_URL": "own",
        }


def check_ports(demo: Demo) -> None:
    """Raises `StartError` naming the port that is taken and the option that changes it."""
    if demo.port == demo.site_port:
        raise StartError(f"The server and the demo site cannot both use port {demo.port}. Change one: --port or --site-port.")
    for port, option, name in ((demo.port, "--port", "the server"), (demo.site_port, "--site-port", "the demo site")):
        if _is_taken(port):
            raise StartError(
                f"Port {port} is in use, and {name} needs it. Stop what runs there, or choose another port, "
                f"for example: python -m examples.demo {option} {port + 10}"
            )


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the greeting tells: the demo site's client id, and the link that makes the first owner while there is none.

    `lacks_pictures`: the shop is there, and its pictures are still to be drawn.
    """

    client_id: str
    setup_link: str | None
    lacks_pictures: bool


def prepare(demo: Demo) -> Prepared:
    """Make or upgrade the database, the demo site's client and its shop. Quick when it was done before. Raises `StartError`."""
    if not ROUNDTRIP.exists():
        raise StartError(f"There is no {ROUNDTRIP}. Run `make install` first.")
    demo.folder.mkdir(parents=True, exist_ok=True)
    clients = _remembered(demo) if demo.database.exists() else {}
    # The allow-lists name the site's port, so each port has a client of its own.
    if demo.site_url in clients:
        return _prepared(clients[demo.site_url], _run(demo, ["migrate"], *LAST))
    lists = ["--redirect-uri", f"{demo.site_url}/callback", "--redirect-domain", demo.site_url]
    create = ["client", "create", "--site", "demo", "--name", "Demo site", *lists, "--json"]
    printed = _run(demo, ["migrate"], ["seed", "--json"], create, *LAST)
    client_id: str = json.loads(printed.splitlines()[-1 - len(LAST)])["clientId"]
    _clients_file(demo).write_text(json.dumps({**clients, demo.site_url: client_id}, indent=2) + "\n", encoding="utf-8")
    return _prepared(client_id, printed)


def _prepared(client_id: str, printed: str) -> Prepared:
    *shelves, _plans, link = (json.loads(line) for line in printed.splitlines()[-len(LAST) :])
    return Prepared(client_id, link["link"], lacks_pictures=any(one["withoutPicture"] for one in shelves))


def _clients_file(demo: Demo) -> Path:
    return demo.folder / "demo-clients.json"


def _remembered(demo: Demo) -> dict[str, str]:
    try:
        clients: Mapping[str, str] = json.loads(_clients_file(demo).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return dict(clients)


def _run(demo: Demo, *commands: Sequence[str]) -> str:
    done = subprocess.run(  # noqa: S603 - our own command with words of our own
        [sys.executable, "-m", "examples.demo.commands", json.dumps(commands)],
        env=demo.environment,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=STEPS_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        names = ", ".join(f"`roundtrip {command[0]}`" for command in commands)
        raise StartError(f"Could not prepare {demo.folder} ({names}):\n{(done.stderr or done.stdout).strip()}")
    return done.stdout


def _is_taken(port: int) -> bool:
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.settimeout(0.5)
                # A browser may try ::1 first for `localhost`, so somebody else who listens there counts as well.
                if probe.connect_ex((host, port)) == 0:
                    return True
        except OSError:
            continue  # this machine has no IPv6
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
