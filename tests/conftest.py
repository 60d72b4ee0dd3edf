"""Which fixtures every test can ask for. The fixtures themselves live in the modules named here."""

from __future__ import annotations

from pathlib import Path

_MODULES = ("no_skips", "storage_fixtures", "server_fixtures", "browser_fixtures", "site_fixture")

# While parts are still being written, a module that is not there yet is left out.
pytest_plugins = [f"tests.{name}" for name in _MODULES if Path(__file__).with_name(f"{name}.py").exists()]
