"""A customer's server that takes every webhook and does nothing with it: a process of its own, on another core than what is measured.

Runs as `python -m benchmarks.receiver PORT`; nothing of the product is imported.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

from httptools import HttpRequestParser

TAKEN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Taking(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._parser = HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._transport.write(TAKEN)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Taking, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
