"""What the dashboard's pages are given to work with. `app.py` fills it once."""

from __future__ import annotations

from dataclasses import dataclass

from roundtrip.web.dashboard.render import DeskRenderer
from roundtrip.web.services import WebServices


@dataclass(frozen=True, slots=True)
class DeskServices:
    """`join_key` is what invitations are derived from, `totp_key` what secrets of second factors are sealed with."""

    web: WebServices
    renderer: DeskRenderer
    join_key: bytes
    totp_key: str
