"""Rounds of load on servers in turn, and what came of them as tables of Markdown."""

import statistics
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from bench.load import NoLoadError, Run, wrk
from bench.servers import Server

SETTLE = 1  # seconds of load before a run counts
Found = dict[str, Run | None]  # by name; none of a server that failed


@dataclass(frozen=True)
class Measured:
    """One line of a table."""

    name: str
    server: Server
    path: str
    headers: Mapping[str, str]


def take_turns(rounds: int, seconds: int, measured: list[Measured]) -> Found:
    """Medians of the rounds; a server that fails once is left out from then on."""
    runs: dict[str, list[Run]] = {line.name: [] for line in measured}
    failed: set[str] = set()
    for _ in range(rounds):
        for line in measured:
            if line.name in failed:
                continue
            url = line.server.url(line.path)
            try:
                wrk(url, SETTLE, dict(line.headers))
                run = wrk(url, seconds, dict(line.headers))
                if not run.per_second:
                    raise NoLoadError(f"no response within {seconds} s")
                runs[line.name].append(run)
            except NoLoadError as error:
                print(f"{line.name}: {error}", file=sys.stderr)
                failed.add(line.name)
    return {name: None if name in failed else median(of_one) for name, of_one in runs.items()}


def median(runs: list[Run]) -> Run:
    return Run(
        statistics.median(run.per_second for run in runs),
        statistics.median(run.p99 for run in runs),
    )


def table(title: str, found: Found, limit: str, *peers: str) -> str:
    """Requests a second, to the limit, to the peers; a server that failed has its line, too."""
    columns = [title, "requests/s", f"to {limit}", *(f"to {peer}" for peer in peers), "p99 ms"]
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for name, run in found.items():
        if run is None:
            cells = [name, "failed", *["–"] * (len(columns) - 2)]
        else:
            ratios = [ratio(run, found[limit], 2), *(ratio(run, found[peer], 1) for peer in peers)]
            digits = 0 if run.per_second >= 10 else 1
            cells = [name, f"{run.per_second:,.{digits}f}", *ratios, f"{run.p99:.1f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def ratio(run: Run, other: Run | None, digits: int) -> str:
    return f"{run.per_second / other.per_second:.{digits}f}" if other else "–"
