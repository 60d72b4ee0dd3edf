"""The application with a site whose pictures may be imported, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from roundtrip.storage.connect import connect
from tests.app_fixture import App, World, _copy, _prepared, app, app_on_each, running, settings, shared_app
from tests.site_fixture import Site

__all__ = ["_prepared", "app", "app_on_each", "shared_app"]


@pytest.fixture
def importing_app(_prepared: tuple[Path, World], tmp_path: Path, site: Site) -> Iterator[App]:
    """The application, whose operator lets pictures come from the test's own site."""
    url = _copy(_prepared, tmp_path)
    wanted = replace(settings(url), import_hosts=frozenset({f"localhost:{site.port}"}))
    yield from running(connect(url), _prepared[1], wanted)
