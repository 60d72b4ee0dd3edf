"""Whose word about a visitor's address counts (OPS-05)."""

from __future__ import annotations

import json
import time

import httpx
import pytest

from tests.server_fixtures import StartServer


@pytest.mark.parametrize(("trusted", "limited"), [("", True), ("127.0.0.1", False), ("192.0.2.7", True)])
def test_a_forwarded_address_counts_only_from_a_proxy_that_is_named(start_server: StartServer, trusted: str, limited: bool) -> None:
    """OPS-05: three visitors behind one connection; only a named proxy makes them three."""
    server = start_server(environment={"ROUNDTRIP_TRUSTED_PROXIES": trusted, "ROUNDTRIP_LIMITS": "on", "ROUNDTRIP_TOKENS_PER_MINUTE": "2"})
    client_id = server.client("Shop")
    # Limits are counted by the minute of the clock: not across its end.
    while time.time() % 60 > 55:
        time.sleep(0.2)
    statuses = [
        httpx.post(
            f"{server.origin}/oauth2/token",
            json={"clientId": client_id, "grantType": "anonymous"},
            headers={"x-forwarded-for": f"198.51.100.{number}"},
        ).status_code
        for number in range(6)
    ]
    assert (429 in statuses) is limited, json.dumps(statuses)


def test_a_forwarded_host_changes_nothing(start_server: StartServer) -> None:
    """OPS-05: the public address is a setting."""
    server = start_server(environment={"ROUNDTRIP_TRUSTED_PROXIES": "127.0.0.1"})
    headers = {"x-forwarded-host": "evil.example", "x-forwarded-proto": "https"}
    page = httpx.get(f"{server.origin}/session/unknown/login", headers=headers)
    assert "evil.example" not in page.text
    assert httpx.get(f"{server.origin}/session/unknown/login", headers={"host": "evil.example"}).status_code == 421
