"""The application in the test's process, for the tests of this folder."""

from __future__ import annotations

from tests.app_fixture import _prepared, app, app_on_each, shared_app

__all__ = ["_prepared", "app", "app_on_each", "shared_app"]
