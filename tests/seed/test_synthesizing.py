"""A synthetic corpus is like a loaded one, says everywhere that it is synthetic, and stays alone."""

import html
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event, func, inspect, make_url, select, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.db.models import Assignment, Change, Plan, PlanYear, Section, Target, Task
from app.db.statistics import analyze
from app.enums import ProgressStatus, Role, VersionCause
from app.kinds import NOTICE_KINDS
from app.main import create_app
from app.projections import documents
from app.projections.tallies import store_tallies
from app.settings import Settings
from seed.editorial import read_editorial
from seed.load import load
from seed.notice_files import NOTICES, ReadNotice
from seed.refusals import NoticeRefusedError
from seed.registry import Registry
from seed.synthesize import synthesize, synthetic_notice, synthetic_registry
from tests.support import LOADED_AT, PLAN
from tests.support.databases import Databases
from tests.support.stored import search_index

EDITORIAL = read_editorial(NOTICES / PLAN / "editorial.yaml")
PLANS = 4
MANY = 25  # governments


@pytest.fixture(scope="module")
def synthetic_url(databases: Databases, registry: Registry, notice: ReadNotice) -> Iterator[str]:
    """A database of copies, which nobody here writes to."""

    def make(url: str) -> None:
        engine = open_engine(url)
        told: list[int] = []
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("seed.synthesize.AT_ONCE", 2)
            synthesize(engine, registry, notice, EDITORIAL, PLANS, LOADED_AT, told.append)
        assert told == [3, 4]
        engine.dispose()

    with databases.copy_of("synthetic", make) as url:
        yield url


@pytest.fixture(scope="module")
def synthetic_client(synthetic_url: str) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(database_url=synthetic_url))) as client:
        yield client


def test_a_copy_is_what_loading_would_have_made(synthetic_url: str) -> None:
    engine = open_engine(synthetic_url)
    copied, *_ = search_index(synthetic_url)
    with Session(engine) as session, session.begin():
        cause = VersionCause.READING
        of_plans = [
            documents.refresh_reading(session, f"synthetic-{number:05}", LOADED_AT)
            for number in range(PLANS)
        ]
        for outcomes in (*of_plans, documents.refresh_registry(session, LOADED_AT, cause)):
            assert {k for outcome in outcomes.values() for k in outcome} == {"unchanged"}
        changes = session.scalars(select(Change.seq).order_by(Change.seq)).all()
        assert changes == list(range(1, PLANS * (1 + 6 + 76 + 18 + 38 + 166 + 2) + 1))
    engine.dispose()
    entries, kept, counted = search_index(synthetic_url)
    assert len(entries) == len(changes)
    assert entries == copied
    assert kept == counted


def test_every_record_says_that_it_is_synthetic(
    synthetic_url: str, synthetic_client: TestClient
) -> None:
    engine = open_engine(synthetic_url)
    with Session(engine) as session:
        for table in (kind.model for kind in NOTICE_KINDS):
            real = ~table.id.startswith("synthetic-")
            assert session.scalar(select(func.count()).select_from(table).where(real)) == 0
    engine.dispose()
    for path, field in (("plans", "title"), ("sections", "title"), ("tasks", "title")):
        rows = synthetic_client.get(f"/v1/{path}?limit=1000").json()["data"]
        assert len(rows) >= PLANS
        assert all(row[field].startswith("【合成】") for row in rows), path
    for path in ("agencies", "platforms", "jurisdictions"):
        rows = synthetic_client.get(f"/v1/{path}?limit=1000").json()["data"]
        assert len(rows) >= PLANS
        assert all(row["name"].startswith("合成0000") for row in rows), path


def test_each_government_has_its_own_agencies_and_spans_hold(
    synthetic_client: TestClient,
) -> None:
    counts = set()
    for number in range(PLANS):
        name = f"合成{number:05}公安厅"
        page = synthetic_client.get("/v1/tasks", params={"agency": name}).json()
        counts.add(page["page"]["total"])
        text = synthetic_client.get(f"/v1/plans/synthetic-{number:05}/text").json()["text"]
        assert page["data"]
        for task in page["data"]:
            assert task["title"] in text[task["span"]["start"] : task["span"]["end"]]
        hits = synthetic_client.get("/v1/search", params={"q": f'"合成{number:05}省公安厅"'}).json()
        assert [hit["id"] for hit in hits["data"]] == [f"synthetic-{number:05}-gd-public-security"]
    assert len(counts) == 1
    found = synthetic_client.get("/v1/tasks", params={"q": "数据", "limit": 1000}).json()["page"][
        "total"
    ]
    assert found % PLANS == 0
    assert found > 0


@pytest.fixture
def sqlite_url(on_sqlite: Databases) -> Iterator[str]:
    """Where what is tried does not depend on the kind of database."""
    with on_sqlite.with_tables() as url:
        yield url


def test_copying_that_was_stopped_goes_on(
    sqlite_url: str, registry: Registry, notice: ReadNotice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seed.synthesize.AT_ONCE", 2)
    engine, years, told = open_engine(sqlite_url), 2, list[int]()

    def stop(made: int) -> None:
        told.append(made)
        if made == 2 * years:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesize(engine, registry, notice, EDITORIAL, 3, LOADED_AT, stop, years=years)
    synthesize(engine, registry, notice, EDITORIAL, 3, LOADED_AT, told.append, years=years)
    assert told == [4, 6]
    with Session(engine) as session, session.begin():
        plans = session.scalars(select(Plan.id)).all()
        assert len(plans) == 3 * years
        outcomes = documents.refresh(session, max(plans), LOADED_AT)
        assert {k for outcome in outcomes.values() for k in outcome} == {"unchanged"}
        changes = session.scalars(select(Change.seq)).all()
        assert sorted(changes) == list(range(1, len(changes) + 1))
        tables = inspect(session.connection()).get_table_names()
        assert not [one for one in tables if one.startswith(("template_", "synthetic_"))]
    engine.dispose()


def test_real_and_synthetic_plans_are_never_together(
    synthetic_url: str, registry: Registry, notice: ReadNotice
) -> None:
    engine = open_engine(synthetic_url)
    with pytest.raises(NoticeRefusedError, match="synthetic"):
        load(engine, registry, [notice], LOADED_AT)
    with pytest.raises(NoticeRefusedError, match="an empty one"):
        synthesize(engine, registry, notice, EDITORIAL, 1, LOADED_AT, print)
    engine.dispose()


def test_a_real_database_takes_no_synthetic_plans(
    loaded_url: str, registry: Registry, notice: ReadNotice
) -> None:
    engine = open_engine(loaded_url)
    for plans, reason in ((2, "an empty one"), (0, "a number from 1"), (100_001, "a number")):
        with pytest.raises(NoticeRefusedError, match=reason):
            synthesize(engine, registry, notice, EDITORIAL, plans, LOADED_AT, print)
    engine.dispose()


@pytest.fixture(scope="module")
def sizes(on_sqlite: Databases, registry: Registry, notice: ReadNotice) -> Iterator[list[Path]]:
    """SQLite with one government and with many: what is counted are steps of statements."""

    def make(governments: int, url: str) -> None:
        engine = open_engine(url)
        synthesize(engine, registry, notice, EDITORIAL, governments, LOADED_AT, lambda _: None)
        engine.dispose()

    with (
        on_sqlite.copy_of("synthetic_1", partial(make, 1)) as alone,
        on_sqlite.copy_of(f"synthetic_{MANY}", partial(make, MANY)) as among_many,
    ):
        yield [Path(str(make_url(url).database)) for url in (alone, among_many)]


def test_loading_one_more_plan_is_the_same_work_however_many_are_stored(
    sizes: list[Path],
    tmp_path: Path,
    registry: Registry,
    notice: ReadNotice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("seed.load.keep_statistics", lambda *_: None)  # now and then, not each time
    another = synthetic_notice(registry, notice, EDITORIAL, 2023)
    copies = [shutil.copy(path, tmp_path / path.parent.name) for path in sizes]
    work: list[Counter[str]] = []

    def count_steps(connection: Any, *_: Any) -> None:
        connection.set_progress_handler(lambda: work[-1].update(steps=1), 1000)

    for path in copies:
        work.append(Counter())
        engine = open_engine(f"sqlite:///{path}")
        event.listen(engine, "connect", count_steps)
        event.listen(engine, "before_cursor_execute", lambda *_: work[-1].update(statements=1))
        load(engine, synthetic_registry(registry), [another], LOADED_AT)
        engine.dispose()
    alone, among_many = work
    assert among_many["statements"] == alone["statements"]
    assert among_many["steps"] < 1.08 * alone["steps"]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The hundreds of steps of SQLite that reads have taken, as the last entry counts."""
    counted = [0]

    def monotonic() -> float:  # SQLite calls it every few steps of a statement
        counted[-1] += 1
        return 0.0

    monkeypatch.setattr("app.db.engine.PROGRESS_STEPS", 100)
    monkeypatch.setattr("app.db.engine.time", SimpleNamespace(monotonic=monotonic))
    return counted


@contextmanager
def serving(paths: Iterable[Path]) -> Iterator[list[TestClient]]:
    """A service on each of these, with no response cached, whose steps are counted."""
    settings = [Settings(database_url=f"sqlite:///{path}", cache_megabytes=0) for path in paths]
    with pytest.MonkeyPatch.context() as patched, ExitStack() as stack:
        patched.setattr("app.db.engine.PROGRESS_STEPS", 100)  # of connections that tests share
        yield [stack.enter_context(TestClient(create_app(one))) for one in settings]


@pytest.fixture(scope="module")
def clients(sizes: list[Path]) -> Iterator[list[TestClient]]:
    with serving(sizes) as found:
        yield found


@pytest.mark.parametrize(
    ("path", "growth"),
    [
        ("tasks?jurisdiction=synthetic-00000-440000", 1),
        ("tasks?agency=synthetic-00000-gd-public-security&year=2022", 1),
        ("targets?jurisdiction=synthetic-00000-440000", 1),
        ("agencies?plan=synthetic-00000&role=lead", 1),
        ("platforms?plan=synthetic-00000", 1),
        ("monitoring?plan=synthetic-00000", 1),
        ("tasks?year=2022&limit=1", 1),
        # What no row meets is found by an index.
        ("tasks?overdue=true&overdue_on=2020-01-01", 1),
        ("tasks?overdue=true&overdue_on=2020-01-01&year=2022&sort=-due_on", 1),
        ("tasks?overdue=false&overdue_on=2020-01-01&limit=1", 1),
        ("targets?overdue=true&overdue_on=2020-01-01", 1),
        ("targets?attainment=met", 1),
        ("targets?due_to=2020-01-01", 1),
        ("tasks?changed_since=2100-01-01T00:00:00Z", 1),
        # These first look whether hardly any row is found, in a bounded number of tallies or rows.
        ("tasks?role=lead&limit=1", MANY / 8),
        ("tasks?agency_kind=department&limit=1", MANY / 4),
        ("tasks?mode=mentions&limit=1", MANY / 4),
        ("tasks?status=not_reported&limit=1", MANY / 2),
        ("targets?strength=firm&kind=deadline&limit=1", MANY / 4),
        ("targets?attainment=not_reported&year=2022&limit=1", MANY / 2),
        *((f"facets/tasks/{one}", 1) for one in ("level", "role", "mode", "status", "year")),
        *((f"facets/tasks/{one}?year=2022", 1) for one in ("agency_kind", "status", "leaf")),
        *(
            (f"facets/targets/{one}?year=2022", 1)
            for one in ("strength", "attainment", "comparator")
        ),
        ("facets/tasks/section?status=completed", 1),
        ("", 1),
        # These read what each government has.
        ("facets/tasks/jurisdiction", MANY / 4),
        ("agencies?year=2022", MANY),
    ],
)
def test_a_read_is_the_work_of_what_it_finds(
    clients: list[TestClient], path: str, growth: float, steps: list[int]
) -> None:
    for client in clients:
        steps.append(0)
        assert client.get(f"/v1/{path}".rstrip("/")).status_code == 200
    *_, alone, among_many = steps
    assert among_many < 1.5 * growth * alone


def test_a_part_of_a_sitemap_is_the_same_work_wherever_it_begins(
    sizes: list[Path], steps: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pages.sitemaps.MOST_OF_PART", 70)
    found = []
    for size in sizes:
        with TestClient(create_app(Settings(database_url=f"sqlite:///{size}"))) as client:
            parts = [
                html.unescape(one)
                for one in re.findall("<loc>([^<]+)</loc>", client.get("/sitemap.xml").text)
            ]
            for kind in ("tasks", "platforms"):
                whole = [one for one in parts if f"/{kind}.xml" in one]
                for part in (whole[0], whole[-2]):
                    steps.append(0)
                    pages = client.get(part).text.count("<loc>")
                    assert pages == min(70, pages)
                    found.append((pages, steps[-1]))
    assert {pages for pages, _ in found} == {70}
    assert max(work for _, work in found) <= 1.5 * min(work for _, work in found) + 2


@pytest.fixture(scope="module")
def clients_of_years(
    sizes: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[TestClient]]:
    """The same, with half of the plans of the year before, and a task of the last that someone guides."""
    found = []
    for size, last in zip(sizes, (0, MANY - 1), strict=True):
        path = Path(shutil.copy(size, tmp_path_factory.mktemp("years") / size.name))
        engine, plan_id = open_engine(f"sqlite:///{path}"), f"synthetic-{last:05}"
        with Session(engine) as session, session.begin():
            for table in (PlanYear, Section, Task, Target):
                year: dict[str, Any] = (
                    {"year": 2021} if table is PlanYear else {"period": "2021-2021"}
                )
                if table in (Task, Target):
                    year["due_on"] = date(2021, 12, 31)
                session.execute(
                    update(table).where(table.plan_id < f"synthetic-{last // 2:05}").values(**year)
                )
            guided = Assignment.task_id == f"{plan_id}-t17.2"
            session.execute(update(Assignment).where(guided).values(role=Role.GUIDE))
            completed = update(Task).where(Task.id == f"{plan_id}-t17.2")
            session.execute(completed.values(status=ProgressStatus.COMPLETED))
            store_tallies(session, plan_id)
            analyze(session.connection())
        engine.dispose()
        found.append(path)
    with serving(found) as clients:
        yield clients


@pytest.mark.parametrize(
    "path",
    [
        *(f"tasks?year=2022&sort={one}" for one in ("notice", "-title", "due_on", "-changed_at")),
        *(f"targets?year=2022&sort={one}" for one in ("-notice", "title", "-due_on", "changed_at")),
        *(f"targets?sort={one}" for one in ("code", "-code&year=2022")),
        "sections?year=2022&sort=title",
        "tasks?role=guide",
        "tasks?role=guide&year=2022&sort=title",
        "tasks?status=completed&sort=title",
    ],
)
def test_a_page_in_any_order_is_the_same_work_however_many_plans_are_stored(
    clients_of_years: list[TestClient],
    path: str,
    steps: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.reading.ways.FEW", 3)
    monkeypatch.setattr("app.reading.ways.RARE", 3)
    for client in clients_of_years:
        first = client.get(f"/v1/{path}&limit=10").json()  # counts, too
        cursor = f"&cursor={one}" if (one := first["page"]["next"]) else ""
        steps.append(0)
        assert client.get(f"/v1/{path}&limit=10{cursor}").json()["data"]
        steps.append(0)
    *_, alone, _, among_many, _ = steps
    assert among_many < 1.5 * alone + 5
