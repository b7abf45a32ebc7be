"""The feed by what a change is about, what it says of that, and how much work a page may be."""

import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from xml.etree.ElementTree import fromstring

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, event, make_url, select, text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.db.models import Change, ChangeAgency
from app.main import create_app
from app.projections.change_feed import raise_revision
from app.resources.changes.schemas import MOST_SCANNED
from app.settings import Settings
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support import PLAN, ROOT
from tests.support.databases import Databases
from tests.support.notices import corrected
from tests.support.practice import LEAD, NOW, TASK, Service, an_assessment, practising

FEED = "/v1/changes"
ATOM = "{http://www.w3.org/2005/Atom}"
Work = Callable[[str, Any], int]  # a statement and its values → what it takes


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


def walked(ask: Any, query: str, limit: int = 50) -> list[dict[str, Any]]:
    """What a reader gets that goes on from `scanned_to` until there is no more."""
    found: list[dict[str, Any]] = []
    after, page = 0, {"next": ""}
    while page["next"] is not None:
        answer = ask(f"{FEED}?after={after}&limit={limit}{query}").json()
        found += answer["data"]
        page = answer["page"]
        assert page["scanned_to"] > after or page["scanned_to"] == page["head"]
        after = page["scanned_to"]
    assert after == page["head"]
    return found


def ids(changes: list[dict[str, Any]]) -> set[str]:
    return {change["id"] for change in changes}


def test_filters_of_the_feed_give_what_they_say(client: TestClient) -> None:
    every = walked(client.get, "", 1000)
    tasks = client.get("/v1/tasks?agency=省公安厅&limit=1000").json()["data"]
    targets = [target["id"] for task in tasks for target in task["targets"]]
    of_agency = {"gd-public-security", *(task["id"] for task in tasks), *targets}
    for query, right in {
        "&resource=target": {c["id"] for c in every if c["resource"] == "target"},
        "&resource=plan&resource=section": {PLAN, *(f"{PLAN}-s{n}" for n in range(1, 7))},
        f"&plan={PLAN}": {
            c["id"] for c in every if c["resource"] not in ("agency", "platform", "jurisdiction")
        },
        "&agency=gd-public-security": of_agency,
        "&agency=廣東省公安廳": of_agency,
        f"&agency=公安厅&resource=task&plan={PLAN}": {task["id"] for task in tasks},
        "&agency=公安厅&resource=platform": set(),
    }.items():
        found = walked(client.get, query, 7)
        assert ids(found) == right, query
        assert [c for c in every if c["id"] in right] == found
        assert client.get(f"{FEED}?limit=1{query}").json()["page"]["total"] == len(right)
        by_cursor, page = [], client.get(f"{FEED}?limit=3{query}").json()
        while cursor := page["page"]["next"]:
            by_cursor += page["data"]
            page = client.get(f"{FEED}?limit=3{query}&cursor={cursor}").json()
        assert [*by_cursor, *page["data"]] == found


@pytest.mark.parametrize(
    ("query", "name"),
    [("resource=tasks", "resource"), ("resource=", "resource"), ("plan=gd-dg-2021", "plan"),
     ("agency=公安局", "agency"), ("agency=", "agency"), ("agnecy=x", "agnecy"),
     ("plan=gd-dg-2022&plan=x", "plan")],
)  # fmt: skip
@pytest.mark.parametrize("path", [FEED, "/v1/changes.atom"])
def test_a_filter_that_means_nothing_is_refused(
    client: TestClient, path: str, query: str, name: str
) -> None:
    refused = client.get(f"{path}?{query}")
    assert refused.status_code == 422
    assert [one["name"] for one in refused.json()["errors"]] == [name]


def test_an_agency_finds_what_was_its_own_before_or_after(
    service: Service, registry: Registry, notice: ReadNotice
) -> None:
    """Also a target and a report, of a task that the notice takes from it."""
    service.report()
    head = service.json(FEED)["page"]["head"]
    with service.session() as session:
        load(session.get_bind(), registry, [reassigned(notice)], NOW + timedelta(days=1))  # type: ignore[arg-type]
    told = service.json(f"{FEED}?after={head}&limit=1000")["data"]
    task = next(change for change in told if change["id"] == TASK)
    assert task["changed"] == [
        "assignments", "assignment_clause", "assignment_clauses", "targets"
    ]  # fmt: skip
    for agency in (LEAD, "gd-energy"):
        found = service.json(f"{FEED}?after={head}&agency={agency}&limit=1000")["data"]
        assert {TASK, f"{TASK}-k1", agency} <= ids(found)
    service.post(f"/v1/tasks/{TASK}/reports", {"as_of": "2022-07-31", "status": "on_track",
                 "summary": "试验"}, agency="gd-energy")  # fmt: skip
    assert f"{TASK}-r2" in ids(walked(service.client.get, "&agency=gd-energy"))
    assert f"{TASK}-r2" not in ids(walked(service.client.get, f"&agency={LEAD}"))
    assert f"{TASK}-r1" in ids(walked(service.client.get, f"&agency={LEAD}"))


def reassigned(notice: ReadNotice) -> ReadNotice:
    """The notice in which task 17.2 is another agency's."""
    changed = corrected(notice)
    task = next(one for one in changed.plan.tasks() if f"{PLAN}-t{one.code}" == TASK)
    [assignment] = task.assignments
    other = next(
        a for one in changed.plan.tasks() for a in one.assignments if a.agency == "gd-energy"
    )
    task.assignments[:] = [other]
    task.clauses[:] = [replace(task.clauses[0], text="省能源局牵头")]
    assert assignment.agency == LEAD
    return changed


def test_facts_concern_who_says_them_and_whom_they_are_about(service: Service) -> None:
    service.report()
    subject = {"kind": "agency", "id": "gd-energy"}
    assessed = service.assess(subject=subject).json()["id"]
    service.assess()  # of a region
    service.publish(refers_to=[{"resource": "assessment", "id": assessed}])
    service.publish()
    found = walked(service.client.get, "&agency=gd-energy&resource=assessment&resource=bulletin")
    assert ids(found) == {f"{PLAN}-a1", f"{PLAN}-b1"}
    reports = walked(service.client.get, f"&agency={LEAD}&resource=report")
    assert ids(reports) == {f"{TASK}-r1"}
    assert an_assessment()["subject"]["kind"] == "region"


def test_an_entry_names_the_members_that_changed(
    service: Service, registry: Registry, notice: ReadNotice
) -> None:
    head = service.json(FEED)["page"]["head"]
    service.report(status="completed")
    told = service.json(f"{FEED}?after={head}")["data"]
    assert [(c["op"], c["id"], c["changed"]) for c in told] == [
        ("created", f"{TASK}-r1", []),
        ("updated", TASK, ["progress"]),
    ]
    head = service.json(FEED)["page"]["head"]
    back = [corrected(notice, title="另一标题"), notice]
    for day, one in enumerate(back, 1):
        with service.session() as session:
            load(session.get_bind(), registry, [one], NOW + timedelta(days=day))  # type: ignore[arg-type]
    told = service.json(f"{FEED}?after={head}&limit=1000")["data"]
    by_id = {(c["id"], c["op"]): c["changed"] for c in told}
    assert by_id[f"{PLAN}-t13.2", "updated"] == ["title"]
    assert by_id[f"{PLAN}-t30", "withdrawn"] == []
    # Back again, where nothing was: whatever there is has changed.
    whole = service.json(f"/v1/tasks/{PLAN}-t30")
    assert set(by_id[f"{PLAN}-t30", "updated"]) == whole.keys() - {"version", "changed_at"}


def test_entries_from_before_are_found_by_what_is_assigned_now(service: Service) -> None:
    service.report()
    subject = {"kind": "agency", "id": "gd-energy"}
    assessed = service.assess(subject=subject).json()["id"]
    service.publish(refers_to=[{"resource": "assessment", "id": assessed}])
    columns = select(ChangeAgency.seq, ChangeAgency.agency_id)
    plans = select(Change.seq, Change.plan_id)
    config = Config(toml_file=ROOT / "pyproject.toml")
    with service.session() as session:
        connection = session.connection()
        before = {tuple(row) for row in session.execute(columns)}
        of_plans = {tuple(row) for row in session.execute(plans)}
        config.attributes["connection"] = connection
        command.downgrade(config, "0011")
        command.upgrade(config, "head")
        assert {tuple(row) for row in session.execute(columns)} == before
        assert {tuple(row) for row in session.execute(plans)} == of_plans
        raise_revision(session, NOW)
    assert {change["changed"] for change in walked(service.client.get, "")} == {None}


def test_a_filtered_walk_misses_nothing_while_others_write(service: Service) -> None:
    head = service.json(FEED)["page"]["head"]
    key = service.key()
    days = [f"2022-0{month}-{day:02}" for month in range(1, 3) for day in range(1, 11)]

    def write() -> None:
        for day in days:
            service.report(as_of=day)

    assert key
    writer = threading.Thread(target=write)
    writer.start()
    found: list[dict[str, Any]] = []
    after = head
    while True:
        ended = not writer.is_alive()
        page = service.json(f"{FEED}?after={after}&limit=3&resource=report&agency={LEAD}")
        found += page["data"]
        after = page["page"]["scanned_to"]
        if ended and page["page"]["next"] is None:
            break
    writer.join()
    assert [change["id"] for change in found] == [f"{TASK}-r{n}" for n in range(1, len(days) + 1)]


MANY = """
    WITH RECURSIVE n(seq) AS (SELECT 308 UNION ALL SELECT seq + 1 FROM n WHERE seq < 228000)
    INSERT INTO change (seq, at, op, resource, id, version, etag, changed, plan_id)
    SELECT n.seq, c.at, 'updated', CASE WHEN n.seq IN (308, 228000) THEN 'target' ELSE 'task' END,
           CASE WHEN n.seq IN (308, 228000) THEN 'gd-dg-2022-t17.2-k1' ELSE c.id END,
           2, NULL, '["title"]', c.plan_id
      FROM n JOIN change c ON c.id = 'gd-dg-2022-t17.2'
"""
CONCERNED = """
    INSERT INTO change_agency (seq, agency_id)
    SELECT seq, 'gd-government-data' FROM change WHERE seq > 307
"""


@pytest.fixture(scope="module")
def long_url(databases: Databases) -> Iterator[str]:
    """A feed of 228,000 entries, made up: a target long ago and one just now, tasks between."""
    with databases.loaded() as url:
        engine = open_engine(url)
        with Session(engine) as session, session.begin():
            if databases.kind == "postgresql":  # no checks of foreign keys, each of 228,000 rows
                session.execute(text("SET LOCAL session_replication_role = replica"))
            session.execute(text(MANY))
            session.execute(text(CONCERNED))
            raise_revision(session, NOW)
        engine.dispose()
        yield url


@pytest.fixture(scope="module")
def of_long_feed(long_url: str) -> Iterator[TestClient]:
    """A service on it."""
    app = create_app(Settings(database_url=long_url, webhook_delivery=False))
    with TestClient(app) as client:
        yield client


@pytest.fixture(scope="module")
def work_of(long_url: str) -> Iterator[Work]:
    """How much the database does for a statement; it is executed once more to see it."""
    if long_url.startswith("sqlite"):
        with closing(sqlite3.connect(str(make_url(long_url).database))) as connection:
            yield partial(steps_of, connection)
    else:
        with psycopg.connect(long_url) as connection:
            yield partial(rows_of, connection)


STRETCHES = -(-228_000 // MOST_SCANNED)
# What one page may be, of what can be counted: steps of SQLite's machine, rows of PostgreSQL.
MOST_WORK = {"sqlite": 40 * MOST_SCANNED, "postgresql": 4 * MOST_SCANNED}


@pytest.mark.parametrize(
    "query",
    ["resource=target", f"resource=target&agency={LEAD}&plan={PLAN}", "agency=gd-energy"],
)
def test_a_page_of_a_long_feed_is_bounded_work(
    of_long_feed: TestClient, work_of: Work, databases: Databases, query: str
) -> None:
    pages, after, found = 0, 0, []
    with executed() as statements:
        while after < 228_000:
            statements.clear()
            page = of_long_feed.get(f"{FEED}?after={after}&{query}").json()
            done = sum(work_of(*statement) for statement in statements)
            assert 0 < done <= MOST_WORK[databases.kind], after
            assert page["page"]["scanned_to"] > after
            assert (page["page"]["total"] is None) is (228_000 - after > MOST_SCANNED)
            after = page["page"]["scanned_to"]
            found += page["data"]
            pages += 1
    assert pages == STRETCHES
    assert [one["seq"] for one in found][-1] == 228_000 or "energy" in query


def test_a_page_of_a_long_feed_for_readers_is_bounded_work(
    of_long_feed: TestClient, work_of: Work, databases: Databases
) -> None:
    path, pages, entries = "/v1/changes.atom?agency=gd-energy&resource=agency", 0, 0
    with executed() as statements:
        while path:
            statements.clear()
            feed = fromstring(of_long_feed.get(path).content)  # noqa: S314 - our own
            done = sum(work_of(*statement) for statement in statements)
            assert 0 < done <= MOST_WORK[databases.kind], path
            entries += len(feed.findall(f"{ATOM}entry"))
            path = "".join(
                link.attrib["href"]
                for link in feed.findall(f"{ATOM}link")
                if link.attrib["rel"] == "next"
            )
            pages += 1
    assert (pages, entries) == (STRETCHES, 1)


@contextmanager
def executed() -> Iterator[list[tuple[str, Any]]]:
    """The statements on the feed that any engine executes, each with its values."""
    seen: list[tuple[str, Any]] = []

    def note(conn: object, cursor: object, statement: str, values: Any, *rest: object) -> None:
        if "FROM change" in statement:
            seen.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def steps_of(connection: sqlite3.Connection, statement: str, values: Any) -> int:
    """Of SQLite's machine."""
    steps = itertools.count()
    connection.set_progress_handler(lambda: next(steps) < 0, 100)
    connection.execute(statement, values).fetchall()
    return 100 * next(steps) + 1


def rows_of(connection: psycopg.Connection[Any], statement: str, values: Any) -> int:
    """That go through the nodes of a plan, with those that are thrown away."""
    explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
    [[[plan]]] = connection.execute(explained.encode(), values).fetchall()
    return rows_of_node(plan["Plan"])


def rows_of_node(node: dict[str, Any]) -> int:
    through = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return int(through * node["Actual Loops"]) + sum(map(rows_of_node, node.get("Plans", ())))
