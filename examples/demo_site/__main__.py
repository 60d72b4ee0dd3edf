"""`python -m examples.demo_site`: serves the site on the port of its own address. `examples.demo` starts the server beside it."""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

import uvicorn

from examples.demo_site.app import create_app
from examples.demo_site.settings import read_settings


def main() -> int:
    """Serve until a signal comes. Returns 2 when a setting is missing."""
    try:
        settings = read_settings(os.environ)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    address = urlsplit(settings.site_url)
    port = address.port or (443 if settings.is_https else 80)
    # No access log: addresses that come back carry codes.
    uvicorn.run(create_app(settings), host="127.0.0.1", port=port, access_log=False, timeout_graceful_shutdown=3)
    return 0


if __name__ == "__main__":
    sys.exit(main())
