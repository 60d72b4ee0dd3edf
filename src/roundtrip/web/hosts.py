"""Which host names pages are served under: the server's own, and the pages address of each site (decision record 0072).

A site's address is known within a second of being set, on every node: the list of all of them is read at most once a second, and only when
somebody comes under another name than the server's. So a flood of made-up names costs one read a second, and none of them an entry here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from roundtrip.core.clock import SECOND
from roundtrip.sites import store as sites
from roundtrip.storage.errors import StorageError
from roundtrip.web.services import WebServices

logger = logging.getLogger("roundtrip.web")


class Hosts:
    """This node's list. Not for several threads at once: the event loop owns it."""

    def __init__(self, services: WebServices) -> None:
        self._services = services
        self._own_host = _host_of(services.base_url)
        self._sites: Mapping[str, WebServices] = {}
        self._read_at: int | None = None
        self._reading = asyncio.Lock()

    async def find(self, host: str) -> WebServices | None:
        """What pages are given to work with under this `Host`; None when no pages are there."""
        if host == self._own_host:
            return self._services
        if not self._is_fresh():
            async with self._reading:
                if not self._is_fresh():
                    await self._read()
        return self._sites.get(host)

    def _is_fresh(self) -> bool:
        # A clock that was set back makes it old too.
        return self._read_at is not None and 0 <= self._services.clock() - self._read_at < SECOND

    async def _read(self) -> None:
        now = self._services.clock()
        try:
            found = await self._services.db.read(sites.pages_addresses)
        except StorageError as error:
            logger.warning("pages addresses could not be read; going on with those known: %s", error)
        else:
            self._sites = {_host_of(url): replace(self._services, base_url=url, only_site=site_id) for url, site_id in found}
        self._read_at = now


def _host_of(url: str) -> str:
    return urlsplit(url).netloc.lower()
