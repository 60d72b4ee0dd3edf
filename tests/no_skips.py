"""With CI=true a test that was skipped, or was expected to fail, counts as failed.

A skipped test proves nothing, and nobody reads the number at the end of a green run. On a developer's machine a skip stays a skip.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

R = TypeVar("R", pytest.TestReport, pytest.CollectReport)


def _refuse(report: R) -> R:
    if report.outcome == "skipped" and os.environ.get("CI") == "true":
        reason = getattr(report, "wasxfail", None) or report.longreprtext or "no reason given"
        if hasattr(report, "wasxfail"):
            del report.wasxfail  # pytest would go on to count this report as an expected failure
        report.outcome = "failed"
        report.longrepr = f"Skipped tests fail in CI: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test, or its setup."""
    return _refuse((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A whole module that skips itself while it is imported."""
    return _refuse((yield))
