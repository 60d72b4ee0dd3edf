"""The load generator: a process of its own that takes one order a line and answers with one line of figures.

It keeps no load of its own between orders, so that servers can be measured in turn. What is asked is in `journeys`, how in `wire`.
Runs as `python -m benchmarks.generator`; ends when its input ends.
"""

from __future__ import annotations

import asyncio
import gc
import math
import sys
import time
from collections.abc import Sequence

import msgspec
import uvloop

from benchmarks import buying
from benchmarks.journeys import JOURNEYS, Journey, NothingLeftError, Server, prepare_members, prepare_visitors
from benchmarks.orders import Drive, Failed, Meet, Round
from benchmarks.wire import Connection, WrongAnswerError, connect

ALL_JOURNEYS = {**JOURNEYS, **buying.JOURNEYS}


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of values in ascending order; 0 when there are none."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


async def _drive(server: Server, order: Drive, journey: Journey) -> Round:
    connections = [await connect(order.base) for _ in range(order.connections)]
    clock = time.perf_counter
    took: list[float] = []
    begun = 0
    started, used = clock(), time.process_time()
    deadline = started + order.seconds

    async def one_user(number: int, connection: Connection) -> None:
        nonlocal begun
        while (start := clock()) < deadline and (order.at_most is None or begun < order.at_most):
            begun += 1
            try:
                await journey(server, connection, number)
            except NothingLeftError:
                return
            took.append(clock() - start)

    try:
        await asyncio.gather(*(one_user(number, connection) for number, connection in enumerate(connections)))
        seconds, used = clock() - started, time.process_time() - used
    finally:
        for connection in connections:
            connection.close()
    took.sort()
    return Round(len(took), len(took) / seconds, percentile(took, 0.5) * 1000, percentile(took, 0.99) * 1000, used / seconds)


async def _meet(servers: dict[str, Server], order: Meet) -> Round:
    server = servers.setdefault(order.base, Server(order.base, order.client_id, products=order.products))
    if order.like is not None:
        server.create_requests = servers[order.like].create_requests
    connection = await connect(order.base)
    try:
        await prepare_visitors(server, connection, order.visitors) if order.visitors else None
        await prepare_members(server, connection, order.members)
    finally:
        connection.close()
    return Round()


async def _carry_out(servers: dict[str, Server], order: Meet | Drive) -> Round | Failed:
    try:
        if isinstance(order, Meet):
            return await _meet(servers, order)
        return await _drive(servers[order.base], order, ALL_JOURNEYS[order.journey])
    except (WrongAnswerError, OSError) as failure:
        return Failed(f"{order}: {type(failure).__name__}: {failure}")


def main() -> None:
    """Read orders until the input ends. Nothing is collected during a round, so that no pause of ours is measured as theirs."""
    servers: dict[str, Server] = {}
    decoder = msgspec.json.Decoder(Meet | Drive)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        gc.disable()
        for line in sys.stdin.buffer:
            answer = runner.run(_carry_out(servers, decoder.decode(line)))
            gc.collect()
            sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
