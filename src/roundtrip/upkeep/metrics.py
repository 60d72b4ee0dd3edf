"""What `/metrics` shows. Each family has a heading in `docs/reference/metrics.md`; a test compares them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from roundtrip import __version__


class Metrics(Collector):
    """What `/metrics` shows, in Prometheus' text form. Counting is two additions; the families are made when somebody asks."""

    SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

    def __init__(self) -> None:
        self._in_flight = 0
        self._requests: dict[tuple[str, int], int] = {}
        self._mails: dict[str, int] = {}
        self._webhooks: dict[str, int] = {}
        self._buckets = {side: [0] * (len(self.SECONDS) + 1) for side in ("api", "page")}
        self._total = {"api": 0.0, "page": 0.0}
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def begin(self) -> None:
        """A request came in. Called by the event loop's thread only, as `count` is."""
        self._in_flight += 1

    def count(self, side: str, status: int, seconds: float) -> None:
        """One answered request. Called by the event loop's thread only."""
        self._in_flight -= 1
        place = (side, status)
        self._requests[place] = self._requests.get(place, 0) + 1
        self._buckets[side][bisect_left(self.SECONDS, seconds)] += 1
        self._total[side] += seconds

    def count_mail(self, outcome: str) -> None:
        """One mail sent, caught, postponed, refused or given up by this process."""
        self._mails[outcome] = self._mails.get(outcome, 0) + 1

    def count_webhook(self, outcome: str) -> None:
        """One attempt at a webhook endpoint by this process: delivered, postponed or failed for good."""
        self._webhooks[outcome] = self._webhooks.get(outcome, 0) + 1

    def collect(self) -> Iterable[Metric]:
        """The families, as `prometheus_client` wants them."""
        requests = CounterMetricFamily("roundtrip_requests", "Requests answered", labels=["side", "status"])
        for (side, status), number in self._requests.items():
            requests.add_metric([side, str(status)], number)
        seconds = HistogramMetricFamily("roundtrip_request_seconds", "Time to answer", labels=["side"])
        for side, counts in self._buckets.items():
            sums = list(accumulate(counts))
            bounds = [*(str(bound) for bound in self.SECONDS), "+Inf"]
            seconds.add_metric([side], list(zip(bounds, sums, strict=True)), self._total[side])
        mails = CounterMetricFamily("roundtrip_mails", "Mails handled by this process", labels=["outcome"])
        for outcome, number in self._mails.items():
            mails.add_metric([outcome], number)
        webhooks = CounterMetricFamily("roundtrip_webhooks", "Attempts at webhook endpoints by this process", labels=["outcome"])
        for outcome, number in self._webhooks.items():
            webhooks.add_metric([outcome], number)
        in_flight = GaugeMetricFamily("roundtrip_requests_in_flight", "Requests that are being answered", value=self._in_flight)
        build = GaugeMetricFamily("roundtrip_build", "1; the label is the version that runs", labels=["version"])
        build.add_metric([__version__], 1)
        return (requests, seconds, mails, webhooks, in_flight, build)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self._registry)
