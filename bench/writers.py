"""`python -m bench.writers`: reports a second by 1, 8 and 64 writers, beside one reader.

A writer sends its next report when it has the response to the last one (closed loop); the reader
sends requests at a fixed rate, whoever is still waiting (open loop).
"""

import argparse
import asyncio
import itertools
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from bench import servers
from bench.load import NoLoadError, at_rate_beside, close, percentile
from bench.servers import Server

WRITERS = (1, 8, 64)
READS = 50  # a second
FIRST_DAY = date(2015, 1, 1)
SECRET = "of-a-benchmark-" * 3
Report = tuple[str, bytes]  # path and body


@dataclass(frozen=True)
class Written:
    """One run: reports a second, and latencies in milliseconds."""

    per_second: float
    p50: float
    p99: float
    read_p99: float


def reports_on(tasks: Sequence[str]) -> Iterator[Report]:
    """Reports of which none is refused: one for each task and day."""
    for number in itertools.count():
        day = FIRST_DAY + timedelta(days=number // len(tasks))
        body = {"as_of": day.isoformat(), "status": "on_track", "summary": "试验数据。"}
        yield f"/v1/tasks/{tasks[number % len(tasks)]}/reports", json.dumps(body).encode()


def run(
    server: Server, key: str, reports: Iterator[Report], read: str, writers: int, seconds: float
) -> Written:
    """So many writers and one reader at once; raises NoLoadError if a request fails."""
    return asyncio.run(_run(server, key, reports, read, writers, seconds))


async def _run(
    server: Server, key: str, reports: Iterator[Report], read: str, writers: int, seconds: float
) -> Written:
    latencies: list[float] = []
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(at_rate_beside(server.url(read), READS, seconds))
        for _ in range(writers):
            group.create_task(_write(server, key, reports, latencies, began + seconds))
    took = time.perf_counter() - began
    p50, p99 = (percentile(latencies, part) for part in (0.5, 0.99))
    return Written(len(latencies) / took, p50, p99, percentile(reading.result(), 0.99))


async def _write(
    server: Server, key: str, reports: Iterator[Report], latencies: list[float], until: float
) -> None:
    host = urlsplit(server.url("/"))
    reader, writer = await asyncio.open_connection(host.hostname, host.port)
    try:
        while (began := time.perf_counter()) < until:
            path, body = next(reports)
            head = (
                f"POST {path} HTTP/1.1\r\nHost: {host.netloc}\r\nAuthorization: Bearer {key}\r\n"
                f"Idempotency-Key: {time.time_ns()}-{id(reader)}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", answer, re.IGNORECASE)
            said = await reader.readexactly(int(length[1])) if length else b""
            if b" 201 " not in answer.split(b"\r\n")[0]:
                raise NoLoadError(f"{path} answered {answer + said!r}")
            latencies.append((time.perf_counter() - began) * 1000)
    finally:
        await close(writer)


def key_for(database_url: str, agency: str) -> str:
    """A new key of a reporter."""
    words = ["keys", "issue", "--role", "reporter", "--agency", agency, "--holder", "bench"]
    environment = servers.environment_of(database_url) | {"WORKPLAN_KEY_SECRET": SECRET}
    done = subprocess.run(
        [sys.executable, "-m", "app", *words],
        cwd=servers.ROOT, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def measure_writers(databases: Mapping[str, str], agency: str, read: str, given: argparse.Namespace) -> None:  # fmt: skip
    """Print the table; medians of rounds, in which databases and numbers of writers take turns."""
    found: dict[tuple[str, int], list[Written]] = {}
    for name, url in databases.items():
        key = key_for(url, agency)
        with servers.service(name, url, key_secret=SECRET).running() as server:
            reports = reports_on([one["id"] for one in server.json(read)["data"]])
            run(server, key, reports, read, max(WRITERS), 1)  # which opens what is opened once
            for _, writers in itertools.product(range(given.rounds), WRITERS):
                runs = found.setdefault((name, writers), [])
                try:
                    runs.append(run(server, key, reports, read, writers, given.seconds))
                except* NoLoadError as errors:
                    print(f"{name}, {writers} writers: {errors.exceptions[0]}", file=sys.stderr)
    print(table(found))


def table(found: Mapping[tuple[str, int], Sequence[Written]]) -> str:
    """Reports a second, and how long writers and the reader wait."""
    columns = ["reports", "writers", "reports/s", "p50 ms", "p99 ms", "reads beside, p99 ms"]
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for (name, writers), runs in found.items():
        if not runs:
            lines.append(f"| {name} | {writers} | failed | – | – | – |")
            continue
        rate, p50, p99, read = (
            statistics.median(getattr(one, field) for one in runs)
            for field in ("per_second", "p50", "p99", "read_p99")
        )
        lines.append(f"| {name} | {writers} | {rate:,.0f} | {p50:.1f} | {p99:.1f} | {read:.1f} |")
    return "\n".join([*lines, ""])


def main(arguments: list[str] | None = None) -> int:
    """Measure writers alone and print Markdown."""
    from bench.__main__ import AGENCY, LIST, databases

    parser = argparse.ArgumentParser(prog="python -m bench.writers", description=__doc__)
    parser.add_argument("--seconds", type=int, default=3, help="length of one run (3)")
    parser.add_argument("--rounds", type=int, default=5, help="number of rounds (5)")
    given = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="workplan-bench-") as name,
        databases(Path(name)) as (sqlite, postgresql),
    ):
        measure_writers({"SQLite": sqlite, "PostgreSQL": postgresql}, AGENCY, LIST, given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
