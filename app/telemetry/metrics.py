"""Counts of a worker, and the sum over all workers of a service.

Ours and not the multi-process mode of `prometheus_client`, which takes 3 µs for each observation (0.3
here): the whole of a repeated read takes 60.  Each worker counts in its own memory and publishes a
file a second, so a scrape sees other workers as of at most a second ago, and a killed worker's
requests stay counted.  The library writes the exposition format.
"""

import asyncio
import json
import os
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.utils import floatToGoString

FOLDER = "WORKPLAN_METRICS_FOLDER"  # `serve` sets it for its workers, if there are several
BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
FASTEST = BUCKETS[0]  # where repeated reads are
REQUESTS = "workplan_http_request_duration_seconds"
REQUEST_LABELS = ("method", "route", "status", "cache")
REFUSED = "workplan_refused_connections"
LIMITED = "workplan_limited_requests"
REPLICA_READS = "workplan_replica_reads"
COUNTERS = {
    REPLICA_READS: ("Reads that could use the replica, by outcome.", ("result",)),
    LIMITED: ("Requests beyond a limit of the settings.", ("limit",)),
    REFUSED: (
        "Requests refused below routing, as malformed, too large or beyond the maximum of connections.",
        ("status",),
    ),
}
GAUGES = {
    "workplan_connections": "Open connections of clients.",
    "workplan_response_cache_bytes": "Bytes of cached responses.",
    "workplan_response_cache_entries": "Cached responses.",
    "workplan_database_connections_in_use": "Connections of the reading pool in use.",
    "workplan_database_connections_limit": "Maximum size of the reading pool.",
    "workplan_writer_queue": "Writes that wait for the writer or run in it.",
    "workplan_writer_failing": "Workers whose last write failed.",
    "workplan_exports": "Exports in progress.",
    "workplan_event_loop_delay_seconds": "How late the last timer was, summed over the workers.",
    "workplan_workers": "Workers that run.",
}

INTERVAL = 1.0  # seconds between samples
Labels = tuple[str | int, ...]
Cell = list[float]  # a count for each bucket, one for what is slower, and the sum of seconds


def new_cell() -> Cell:
    """A cell that has counted nothing."""
    return [0] * (len(BUCKETS) + 2)


class Metrics:
    """The counts of one worker; all methods are called in its event loop."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.requests: defaultdict[Labels, Cell] = defaultdict(new_cell)
        self.counters: Counter[tuple[str, Labels]] = Counter()
        self.gauges: dict[str, float] = {}
        self.sources: dict[str, Callable[[], float]] = {}

    def observe(self, labels: Labels, seconds: float) -> None:
        """Count a request; it is the only work that every request has here."""
        cell = self.requests[labels]
        cell[0 if seconds <= FASTEST else bisect_left(BUCKETS, seconds)] += 1
        cell[-1] += seconds

    def count(self, name: str, *labels: str) -> None:
        """Raise a counter of COUNTERS."""
        self.counters[name, labels] += 1

    def watch(self, name: str, read: Callable[[], float]) -> None:
        """Take a gauge of GAUGES from this function."""
        self.sources[name] = read

    def sample(self) -> None:
        """Read the gauges, and let the other workers see all counts; none of them sees half a file."""
        self.gauges |= {name: read() for name, read in self.sources.items()}
        if self.folder is None:
            return
        counts = {
            "requests": [[*labels, cell] for labels, cell in self.requests.items()],
            "counters": [[name, labels, value] for (name, labels), value in self.counters.items()],
            "gauges": [[name, value] for name, value in self.gauges.items()],
        }
        path = self.folder / f"{os.getpid()}.json"
        with suppress(OSError):  # a full disk must not end a worker
            partial = path.with_suffix(".partial")
            partial.write_text(json.dumps(counts), "ascii")
            partial.rename(path)

    def families(self) -> Iterable[Metric]:
        """The sum over all workers."""
        self.sample()
        total = Metrics()
        if self.folder is None:
            total.add_counts(self.requests, self.counters)
            total.add_gauges(self.gauges)
        for path in self.folder.glob("*.json") if self.folder else ():
            counts = json.loads(path.read_text("ascii"))
            total.add_counts(
                {tuple(labels): cell for *labels, cell in counts["requests"]},
                {(name, tuple(labels)): value for name, labels, value in counts["counters"]},
            )
            if _runs(int(path.stem)):
                total.add_gauges(dict(counts["gauges"]))
        return [total.histogram(), *total.counter_families(), *total.gauge_families()]

    def add_counts(
        self, requests: Mapping[Labels, Cell], counters: Mapping[tuple[str, Labels], int]
    ) -> None:
        for labels, cell in requests.items():
            mine = self.requests[labels]
            mine[:] = [a + b for a, b in zip(mine, cell, strict=True)]
        self.counters.update(counters)

    def add_gauges(self, gauges: Mapping[str, float]) -> None:
        for name, value in gauges.items():
            self.gauges[name] = self.gauges.get(name, 0) + value

    def histogram(self) -> Metric:
        """The requests; counts of buckets are cumulative in the exposition format."""
        family = HistogramMetricFamily(
            REQUESTS,
            "Duration of requests until the last byte was sent, by route template; the cache is "
            "`hit`, `miss`, or `none` for what is never cached.",
            labels=REQUEST_LABELS,
        )
        bounds = [*map(floatToGoString, BUCKETS), "+Inf"]
        for labels, (*counts, seconds) in sorted(self.requests.items()):
            cumulative = [sum(counts[: n + 1]) for n in range(len(counts))]
            family.add_metric(
                [*map(str, labels)], list(zip(bounds, cumulative, strict=True)), seconds
            )
        return family

    def counter_families(self) -> Iterable[Metric]:
        for name, (about, label_names) in COUNTERS.items():
            family = CounterMetricFamily(name, about, labels=label_names)
            for (of, labels), value in sorted(self.counters.items()):
                if of == name:
                    family.add_metric([*map(str, labels)], value)
            yield family

    def gauge_families(self) -> Iterable[Metric]:
        for name, about in GAUGES.items():
            yield GaugeMetricFamily(name, about, value=self.gauges.get(name, 0))


@asynccontextmanager
async def sampling(metrics: Metrics) -> AsyncIterator[None]:
    """Sample once a second while the service runs."""
    clock = asyncio.get_running_loop().time
    delay = 0.0

    async def run() -> None:
        nonlocal delay
        while True:
            due = clock() + INTERVAL
            await asyncio.sleep(INTERVAL)
            delay = max(clock() - due, 0.0)
            metrics.sample()

    metrics.watch("workplan_event_loop_delay_seconds", lambda: delay)
    metrics.watch("workplan_workers", lambda: 1)
    metrics.sample()
    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()


def _runs(pid: int) -> bool:
    """Whether a process of this number runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def folder_of_workers() -> Path | None:
    """Where the workers of this service publish; None for one worker, which needs no folder."""
    folder = os.environ.get(FOLDER)
    return Path(folder) if folder else None
