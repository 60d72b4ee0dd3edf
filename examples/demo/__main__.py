"""`python -m examples.demo`: starts the server and the demo site, says where they are and what to try, and stops both on Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from examples.demo.preparation import EVENTS, ROUNDTRIP, SERVICES, SHOP, Demo, Prepared, StartError, check_ports, prepare
from examples.demo.processes import SIGNALS, Child, Program, how_it_ended, start, stop, until_ready

Answer = TypeVar("Answer")


def read_arguments(words: Sequence[str] | None = None) -> Demo:
    """The command line as a `Demo`."""
    parser = argparse.ArgumentParser(prog="python -m examples.demo", description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=Path("data/demo"), help="for the database and the logs (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port of the server (default: %(default)s)")
    parser.add_argument("--site-port", type=int, default=8001, help="port of the demo site (default: %(default)s)")
    parser.add_argument("--no-pictures", action="store_true", help="do not draw the pictures that the shop lacks")
    given = parser.parse_args(words)
    return Demo(given.data_dir.resolve(), given.port, given.site_port, with_pictures=not given.no_pictures)


def programs(demo: Demo, client_id: str) -> list[Program]:
    """The server and the site. The site gets the address of the server and its client id, and nothing more."""
    site_environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ROUNDTRIP_", "DEMO_"))},
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "DEMO_SERVER_URL": demo.server_url,
        "DEMO_CLIENT_ID": client_id,
        "DEMO_SITE_URL": demo.site_url,
    }
    return [
        Program("The server", [str(ROUNDTRIP), "serve"], demo.environment, f"{demo.server_url}/health/ready", demo.folder / "server.log"),
        Program(
            "The demo site",
            [sys.executable, "-m", "examples.demo_site"],
            site_environment,
            f"http://127.0.0.1:{demo.site_port}/health",
            demo.folder / "site.log",
        ),
    ]


def painters(demo: Demo) -> list[Program]:
    """Draw the pictures that shop and services lack, while the server is running, and end."""
    wanted = (("shop", SHOP), ("services", SERVICES), ("events", EVENTS))
    return [
        Program(f"The painter of the {what}", [str(ROUNDTRIP), *draws], demo.environment, "", demo.folder / f"pictures-{what}.log")
        for what, draws in wanted
    ]


def greeting(demo: Demo, prepared: Prepared) -> str:
    """What is printed once both answer."""
    bold, dim, plain = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() and "NO_COLOR" not in os.environ else ("", "", "")
    pictures = "\n     Its pictures are being drawn and appear one by one." if _draws(demo, prepared) else ""
    welcome = f"  1. Open {bold}{prepared.setup_link}{plain}\n     It works once and makes you the owner.\n" if prepared.setup_link else ""
    return f"""
  {bold}Roundtrip is running.{plain}

  Demo site   {bold}{demo.site_url}{plain}   a customer's site, Kiln & Co.
  Server      {demo.server_url}   the API and the hosted pages
  Dashboard   {demo.server_url}/dashboard   clients, addresses, every visit
  Client id   {prepared.client_id}

  {bold}As a visitor{plain}
  1. Open {demo.site_url}, press "Log in" and create an account on the hosted page.
  2. You come back logged in. Press "Log out", and you come back signed out.
  3. {demo.site_url}/shop          buy something: a cart here, the checkout there, a test payment, an order{pictures}
     Coupons: WELCOME10, SHIPFREE, and EXPIRED5, which is refused. A tax is added in New York.
  4. {demo.site_url}/why-refused   addresses that nobody is sent back to, and why
  5. {demo.site_url}/inside        every request of your visit

  {bold}As the owner{plain}
{welcome}  {"2" if welcome else "1"}. Make a client for a site of your own, and see each visit: docs/tutorial/your-own-site.md

  {dim}Everything is kept in {demo.folder}; delete it to start afresh.{plain}
  {dim}Ctrl-C stops both.{plain}
"""


def _draws(demo: Demo, prepared: Prepared) -> bool:
    return demo.with_pictures and prepared.lacks_pictures


async def run(demo: Demo) -> int:
    """Prepare, start, wait for a signal, stop. Returns the exit code; raises `StartError`."""
    asked_to_stop = asyncio.Event()
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    children: list[Child] = []
    try:
        return await _run(demo, children, asyncio.create_task(_wait(asked_to_stop)))
    finally:
        await stop(children)


async def _run(demo: Demo, children: list[Child], stopping: asyncio.Task[None]) -> int:
    await asyncio.to_thread(check_ports, demo)
    prepared = await _unless_stopped(asyncio.to_thread(prepare, demo), stopping)
    if prepared is None:
        return 0
    for program in programs(demo, prepared.client_id):
        child = await start(program)
        children.append(child)  # one by one: what has started is stopped, even if the next one cannot start
    if await _unless_stopped(_all_ready(children), stopping) is None:
        return 0
    print(greeting(demo, prepared), flush=True)
    ended = {child.ended: child for child in children}
    if _draws(demo, prepared):
        for painter in painters(demo):
            children.append(await start(painter))  # stopped with the others, but its end is no accident
    done, _ = await asyncio.wait({stopping, *ended}, return_when=asyncio.FIRST_COMPLETED)
    if stopping in done:
        print("\n  Stopping.", flush=True)
        return 0
    first = next(ended[task] for task in ended if task in done)
    print(f"\n{how_it_ended(first)}\nStopping the other one.", file=sys.stderr, flush=True)
    return 1


async def _all_ready(children: Sequence[Child]) -> bool:
    await asyncio.gather(*(until_ready(child) for child in children))
    return True


async def _unless_stopped(work: Coroutine[Any, Any, Answer], stopping: asyncio.Task[None]) -> Answer | None:
    task = asyncio.ensure_future(work)
    await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        return None
    return task.result()


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


def main() -> int:
    """Run the demo. Returns 0 after Ctrl-C, 1 when a part of it failed."""
    try:
        return asyncio.run(run(read_arguments()))
    except StartError as reason:
        print(reason, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
