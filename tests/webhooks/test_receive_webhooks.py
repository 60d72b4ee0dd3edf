"""The receiver of `docs/how-to/receive-webhooks.md`, run as it stands there."""

from __future__ import annotations

import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from roundtrip.webhooks.deliveries import again
from tests.webhooks.town import Town

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "receive-webhooks.md"


def test_the_receiver_of_the_manual_takes_each_event_once_and_refuses_strangers(
    town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    town.clock.now = time.time_ns() // 1_000_000  # the library compares with the real time
    (program,) = re.findall(r"```python\n# receive\.py\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    endpoint, secret = town.endpoint(f"http://127.0.0.1:{server.server_port}/hooks")
    _, other = town.endpoint(f"http://127.0.0.1:{server.server_port}/stranger")
    assert other != secret
    monkeypatch.setenv("WEBHOOK_SECRET", secret)
    names: dict[str, Any] = {"__name__": "receive"}
    exec(compile(program, str(PAGE), "exec"), names)
    names["Receive"].log_message = lambda *_: None
    server.RequestHandlerClass = names["Receive"]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        event_id = town.happen()
        town.round()
        (delivery,) = town.deliveries(endpoint)
        town.db.write_now(again.resend, town.site.id, delivery.id, change=town.change())
        town.round()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert [one.status for one in town.attempts(delivery)] == [204, 204]
    assert capsys.readouterr().out.splitlines() == ['redirect_session.completed s1 {"outcome": "completed", "result": {"orderId": "o1"}}']
    assert names["seen"] == {event_id}
    (refused,) = [one for one in town.deliveries() if one.endpoint_id != endpoint.id]
    assert refused.last_status == 401
