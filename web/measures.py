"""How often each route was asked, how it answered and how long that took; read by /metrics."""

from collections import defaultdict
from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector


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
