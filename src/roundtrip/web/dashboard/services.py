"""What the dashboard's pages are given to work with. `app.py` fills it once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from roundtrip.web.dashboard.render import DeskRenderer
from roundtrip.web.services import WebServices


@dataclass(frozen=True, slots=True)
class DeskServices:
    """`join_key` is what invitations are derived from, `totp_key` what secrets of second factors are sealed with.
    `write_refusals` writes the refused addresses that this process has only counted so far."""

    web: WebServices
    renderer: DeskRenderer
    join_key: bytes
    totp_key: str
    write_refusals: Callable[[], Awaitable[None]]
