"""What machines ask about the server itself: is it alive, is it ready, how is it doing, what can it do."""

from __future__ import annotations

import msgspec

from roundtrip.api.operation import Answer, Call, Operation


async def live(call: Call) -> Answer:
    """The process answers. Asks nothing else, so that a slow database does not get a healthy process killed (OPS-09)."""
    return Answer(b'{"status":"live"}')


async def ready(call: Call) -> Answer:
    """The database answers and has every migration. 503 with the reasons otherwise."""
    problems = await call.services.ready()
    if problems:
        return Answer(msgspec.json.encode({"status": "not ready", "problems": problems}), 503)
    return Answer(b'{"status":"ready","problems":[]}')


async def metrics(call: Call) -> Answer:
    """Prometheus' text format."""
    return Answer(call.services.metrics(), content_type=b"text/plain; version=0.0.4; charset=utf-8")


async def openapi(call: Call) -> Answer:
    """This document's source: the operation table."""
    return Answer(call.services.openapi())


OPERATIONS: tuple[Operation, ...] = (
    Operation("HealthLive", "GET", ("/health/live",), "Say that the process answers.", live, "public"),
    Operation("HealthReady", "GET", ("/health/ready",), "Say whether requests can be served.", ready, "public", not_ready=True),
    Operation("Metrics", "GET", ("/metrics",), "Counters for Prometheus.", metrics, "public", produces="text/plain"),
    Operation("OpenApi", "GET", ("/openapi.json",), "The API as an OpenAPI document.", openapi, "public"),
)
