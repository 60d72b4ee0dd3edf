"""A server that is told to end answers what it has begun, loses nothing, and leaves with exit code 0 (OPS-09, OPS-11)."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from threading import Event

import httpx
import pytest

from roundtrip.redirect_session import store
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Tx
from tests.browser.shop import CREATE, Shop
from tests.operations.conftest import NewShop
from tests.server_fixtures import ROUNDTRIP, Server, StartServer

PATIENCE = 20
REGISTER = "/_api/iam/authentication/v2/register"
LOGIN = {"login": {}, "callbacks": {"postFlowUrl": "https://shop.example/after"}}


def wait_until(true: Callable[[], bool]) -> None:
    """Ask again until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def in_flight(server: Server) -> int:
    """Requests that are being answered, the one that asks left out."""
    found = re.search(r"^roundtrip_requests_in_flight (\d+)", httpx.get(f"{server.origin}/metrics").text, re.MULTILINE)
    assert found
    return int(found[1]) - 1


def test_a_request_that_waits_for_a_result_is_answered_when_the_server_ends(new_shop: NewShop) -> None:
    """OPS-09: with what there is, long before its half minute is over."""
    shop = new_shop()
    session = shop.login()
    with ThreadPoolExecutor(1) as pool:
        address = f"{shop.server.origin}/api/v1/redirect-sessions/{session['id']}/result?wait=30"
        asked = pool.submit(httpx.get, address, headers={"authorization": shop.key}, timeout=PATIENCE)
        wait_until(lambda: in_flight(shop.server) == 1)
        begun = time.monotonic()

        assert shop.server.stop() == 0
        assert asked.result().status_code == 200
        assert asked.result().json()["status"] == "created"
        assert time.monotonic() - begun < 10


def test_passwords_that_are_being_hashed_are_finished_when_the_server_ends(new_shop: NewShop) -> None:
    """OPS-09."""
    shop = new_shop()
    visitor, number = shop.visitor(), 24
    bodies = [{"loginId": {"email": account.email}, "password": account.password} for account in (shop.account() for _ in range(number))]
    with ThreadPoolExecutor(number) as pool:
        asked = [pool.submit(shop.post, REGISTER, body, visitor) for body in bodies]
        wait_until(lambda: in_flight(shop.server) >= 4 or all(one.done() for one in asked))

        assert shop.server.stop() == 0
        answers = [one.result() for one in asked if one.exception() is None]
    refused = [one.exception() for one in asked if one.exception() is not None]
    assert {answer.status_code for answer in answers} == {200}
    assert all(isinstance(error, httpx.ConnectError | httpx.ReadError | httpx.RemoteProtocolError) for error in refused), refused
    for body, one in zip(bodies, asked, strict=True):
        if one.exception() is None:
            assert _exists(shop.server, str(body["loginId"]["email"])), "an answered registration is in the database"  # type: ignore[index]


def _exists(server: Server, email: str) -> bool:
    with closing(connect(server.database_url, own=False)) as db:
        return db.read_now(lambda tx: tx.one("SELECT 1 FROM member WHERE email = :email", email=email)) is not None


def test_while_it_drains_a_server_is_not_ready_and_still_serves(new_shop: NewShop) -> None:
    """OPS-09: so that a load balancer stops sending before anything is refused."""
    shop = new_shop({"ROUNDTRIP_DRAIN_SECONDS": "3", "ROUNDTRIP_ACCESS_LOG": "off"})
    process, token = shop.server.process, shop.visitor()
    assert process is not None
    process.send_signal(signal.SIGTERM)
    wait_until(lambda: httpx.get(f"{shop.server.origin}/health/ready").status_code == 503)

    assert httpx.get(f"{shop.server.origin}/health/ready").json()["problems"] == ["this process is about to end"]
    assert httpx.get(f"{shop.server.origin}/health/live").status_code == 200
    assert shop.post(CREATE, LOGIN, token).status_code == 200
    assert process.wait(PATIENCE) == 0
    shop.server.process = None


def test_a_second_signal_does_not_wait_for_the_drain(start_server: StartServer) -> None:
    server = start_server(environment={"ROUNDTRIP_DRAIN_SECONDS": "300", "ROUNDTRIP_ACCESS_LOG": "off"})
    assert server.process is not None
    server.process.send_signal(signal.SIGTERM)
    wait_until(lambda: httpx.get(f"{server.origin}/health/ready").status_code == 503)
    assert server.stop() == 0


def test_every_session_that_was_answered_under_load_is_in_the_database_after_sigterm(new_shop: NewShop) -> None:
    """OPS-09, OPS-11: nothing is answered that is lost, and nothing is answered with an error of ours."""
    shop, callers, enough = new_shop(), 4, Event()
    statuses: list[int] = []
    made: list[str] = []

    def keep_creating(shop: Shop, token: str) -> None:
        with httpx.Client(timeout=PATIENCE) as client:
            while True:
                try:
                    answer = client.post(shop.server.origin + CREATE, json=LOGIN, headers={"authorization": token})
                except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError):
                    return
                statuses.append(answer.status_code)
                if answer.status_code == 200:
                    made.append(answer.json()["redirectSession"]["id"])
                if len(made) > 60:
                    enough.set()

    with ThreadPoolExecutor(callers) as pool:
        running: list[Future[None]] = [pool.submit(keep_creating, shop, shop.visitor()) for _ in range(callers)]
        assert enough.wait(PATIENCE)
        assert shop.server.stop() == 0
    assert [one.exception() for one in running] == [None] * callers
    assert set(statuses) == {200}
    with closing(connect(shop.server.database_url, own=False)) as db:
        assert db.read_now(partial(_missing, made)) == []


def _missing(ids: list[str], tx: Tx) -> list[str]:
    return [one for one in ids if store.get(tx, one) is None]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_ends_with_exit_code_0(start_server_on_postgresql: StartServer, how: signal.Signals) -> None:
    server = start_server_on_postgresql(running=False)
    with server.log_book.log(server.folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen([ROUNDTRIP, "worker"], env=dict(server.environment), stdout=log, stderr=log)
    wait_until(lambda: "the worker runs" in (server.folder / "worker.log").read_text())
    os.kill(worker.pid, how)
    assert worker.wait(PATIENCE) == 0
