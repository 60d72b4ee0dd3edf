"""Whoever watches a server finds each number explained."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from roundtrip import __version__
from roundtrip.upkeep.metrics import Metrics

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "metrics.md"


def test_every_family_has_a_heading_and_every_heading_a_family() -> None:
    metrics = Metrics()
    metrics.begin()
    metrics.count("page", 200, 0.1)
    families = {family.name for family in text_string_to_metric_families(metrics.text().decode())}
    assert families == set(re.findall(r"^## (\w+)$", PAGE.read_text("utf-8"), re.MULTILINE))


def test_the_numbers_are_those_of_what_happened() -> None:
    metrics = Metrics()
    for status in (200, 200, 404):
        metrics.begin()
        metrics.count("api", status, 0.003)
    metrics.begin()
    text = metrics.text().decode()
    assert 'roundtrip_requests_total{side="api",status="200"} 2.0' in text
    assert 'roundtrip_request_seconds_bucket{le="0.005",side="api"} 3.0' in text
    assert 'roundtrip_request_seconds_bucket{le="0.0025",side="api"} 0.0' in text
    assert "roundtrip_requests_in_flight 1.0" in text
    assert f'roundtrip_build{{version="{__version__}"}} 1.0' in text
