"""How often each route was asked, how it answered and how long that took: for the log and for /metrics."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

log = logging.getLogger("haang.web")

PERIOD = 1.0
"""Seconds between two writings of the journal."""


class Journal:
    """The access log: at most one line a second for each method, route and status, with how many and how long.

    A line for each answer would cost as much as the answer itself, and fill a small disk on a busy day. A visitor who
    is alone on the site still gets a line for each page.
    """

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str, int], list[float]] = {}

    def saw(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note one answer; called on the event loop."""
        if not self._lines:
            asyncio.get_running_loop().call_later(PERIOD, self.write)
        times = self._lines.setdefault((method, route, status), [0, 0.0, 0.0])
        times[0] += 1
        times[1] += seconds
        times[2] = max(times[2], seconds)

    def write(self) -> None:
        """Write down what was noted."""
        lines, self._lines = self._lines, {}
        for (method, route, status), (count, total, longest) in lines.items():
            mean = 1000 * total / count
            log.info("%s %s %d: %d, mean %.1f ms, longest %.1f ms", method, route, status, count, mean, 1000 * longest)


class Measures(Collector):
    """Counted by route pattern, never by path: a tracking link stays out of it. ``gauges`` are read when asked."""

    def __init__(self) -> None:
        self._answers: defaultdict[tuple[str, int], int] = defaultdict(int)
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self.gauges: dict[str, tuple[str, Callable[[], float]]] = {}

    def saw(self, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._answers[route, status] += 1
        self._seconds[route] += seconds

    def collect(self) -> Iterator[Metric]:
        """Give the figures in Prometheus' own form."""
        answers = CounterMetricFamily("haang_web_answers", "Answers by route and status", labels=["route", "status"])
        times = SummaryMetricFamily("haang_web_seconds", "Seconds to answer, by route", labels=["route"])
        counts: defaultdict[str, int] = defaultdict(int)
        for (route, status), count in self._answers.items():
            answers.add_metric([route, str(status)], count)
            counts[route] += count
        for route, seconds in self._seconds.items():
            times.add_metric([route], counts[route], seconds)
        yield answers
        yield times
        for name, (words, read) in self.gauges.items():
            yield GaugeMetricFamily(name, words, value=read())
