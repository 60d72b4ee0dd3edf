"""Which fixtures every test can ask for. The fixtures themselves live in the modules named here."""

from __future__ import annotations

pytest_plugins = [
    "tests.no_skips",
    "tests.told_events",
    "tests.storage_fixtures",
    "tests.command_line",
    "tests.server_fixtures",
    "tests.browser_fixtures",
    "tests.site_fixture",
]
