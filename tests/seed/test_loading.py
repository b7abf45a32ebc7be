"""Loading stores each notice once, whole, and changes only what differs."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.db.engine import STARTING_SECONDS, open_engine
from app.db.models import Revision, Target, Task
from app.main import create_app
from app.projections import documents
from app.settings import Settings
from seed.load import load
from seed.notice_files import ReadNotice
from seed.refusals import NoticeRefusedError
from seed.registry import Registry
from tests.support import LATER, LOADED_AT, ROOT
from tests.support.databases import Databases
from tests.support.notices import corrected
from tests.support.stored import contents, search_index, snapshot
from tests.support.upgrades import FROM_FIRST_TABLES


def test_loading_takes_fewer_statements_than_it_stores_rows_and_twice_changes_nothing(
    tables_url: str, registry: Registry, notice: ReadNotice
) -> None:
    engine = open_engine(tables_url)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    first = load(engine, registry, [notice], LOADED_AT)
    assert len(statements) < sum(outcome["added"] for outcome in first.values())
    assert {name: outcome["added"] for name, outcome in first.items()} == {
        "plan": 1, "section": 6, "task": 76, "target": 18, "agency": 38, "platform": 166,
        "jurisdiction": 2,
    }  # fmt: skip
    before = snapshot(tables_url)
    statements.clear()
    second = load(engine, registry, [notice], LATER)
    written = ("INSERT", "UPDATE", "DELETE")
    assert not [statement for statement in statements if statement.startswith(written)]
    assert {name: outcome["unchanged"] for name, outcome in second.items()} == {
        name: outcome["added"] for name, outcome in first.items()
    }
    assert all(outcome.total() == outcome["unchanged"] for outcome in second.values())
    assert snapshot(tables_url) == before
    with Session(engine) as session:
        revision = session.get(Revision, 1)
        assert revision
        assert (revision.number, revision.changed_at) == (1, LOADED_AT)
        assert set(session.scalars(select(Task.version))) == {1}
    engine.dispose()


def test_a_corrected_notice_changes_exactly_what_differs(
    loaded_url: str, registry: Registry, notice: ReadNotice
) -> None:
    engine = open_engine(loaded_url)
    before = {row[:2]: row[2] for row in snapshot(loaded_url)}
    outcome = load(engine, registry, [corrected(notice, title="另一标题")], LATER)
    after = {row[:2]: row[2] for row in snapshot(loaded_url)}
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {
        ("plan", "gd-dg-2022"),
        ("section", "gd-dg-2022-s6"),
        ("task", "gd-dg-2022-t13.2"),
        ("agency", "gd-government-data"),
        ("jurisdiction", "440000"),
        ("platform", "gong-wu-yuan-shu-zi-hua-neng-li-ti-sheng-gong-cheng"),
        ("platform", "yi-wang-tong-guan"),
        ("platform", "yue-sheng-shi-ma"),
    }
    assert outcome["task"] == {"changed": 1, "withdrawn": 1, "unchanged": 74}
    engine.dispose()
    app = create_app(Settings(database_url=loaded_url))
    with TestClient(app) as client:
        gone = client.get("/v1/tasks/gd-dg-2022-t30")
        assert gone.status_code == 410
        assert gone.json()["type"] == "/problems/gone"
        assert client.get("/v1/tasks").json()["page"]["total"] == 75
        assert client.get("/v1/tasks?id=gd-dg-2022-t30").json()["page"]["missing"]
        moment = LATER.strftime("%Y-%m-%dT%H:%M:%SZ")
        since = client.get(f"/v1/tasks?changed_since={moment}").json()["data"]
        assert [task["id"] for task in since] == ["gd-dg-2022-t13.2"]
        agency = client.get("/v1/agencies/gd-government-data").json()
        assert agency["counts"]["lead"] == 34


def test_what_was_withdrawn_comes_back_when_the_notice_has_it_again(
    loaded_url: str, registry: Registry, notice: ReadNotice
) -> None:
    engine = open_engine(loaded_url)
    whole = contents(loaded_url)
    load(engine, registry, [corrected(notice)], LATER)
    back = LATER + timedelta(days=1)
    load(engine, registry, [notice], back)
    assert contents(loaded_url) == whole
    with Session(engine) as session:
        assert session.scalars(select(Task.withdrawn_at)).all() == [None] * 76
        returned = session.get(Task, "gd-dg-2022-t30")
        assert returned
        assert (returned.version, returned.changed_at) == (3, back)  # so that mirrors see it
    engine.dispose()


def test_a_load_that_fails_stores_nothing(
    loaded_url: str, registry: Registry, notice: ReadNotice
) -> None:
    engine = open_engine(loaded_url)
    before = snapshot(loaded_url)
    broken = corrected(notice, level="neither", title="另一标题")
    with pytest.raises(IntegrityError):
        load(engine, registry, [broken], LATER)
    assert snapshot(loaded_url) == before
    engine.dispose()


def test_loads_at_once_wait_for_each_other(
    tables_url: str, registry: Registry, notice: ReadNotice
) -> None:
    outcomes = []

    def run() -> None:
        engine = open_engine(tables_url, wait=STARTING_SECONDS)  # as the command waits
        outcomes.append(load(engine, registry, [notice], LOADED_AT))
        engine.dispose()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome["task"]["added"] for outcome in outcomes) == [0, 0, 0, 76]


def test_a_database_without_tables_is_refused(
    empty_url: str, registry: Registry, notice: ReadNotice
) -> None:
    engine = open_engine(empty_url)
    with pytest.raises(NoticeRefusedError, match="alembic upgrade head"):
        load(engine, registry, [notice], LOADED_AT)
    engine.dispose()


def test_stored_documents_are_what_a_rebuild_gives(database_url: str) -> None:
    engine = open_engine(database_url)
    with Session(engine) as session:
        rebuilt = documents.refresh(session, "gd-dg-2022", LATER)
        session.rollback()
    engine.dispose()
    assert (
        sum(outcome["unchanged"] for outcome in rebuilt.values()) == 1 + 6 + 76 + 18 + 38 + 166 + 2
    )
    assert all(outcome.total() == outcome["unchanged"] for outcome in rebuilt.values())


# SQLite does not tell what an index of an expression is made of.
@pytest.mark.filterwarnings("ignore:.*expression-based index '?ix_ta(sk|rget)_(period_)?due_on")
def test_tables_and_migrations_agree(tables_url: str) -> None:
    engine = open_engine(tables_url)
    config = Config(toml_file=ROOT / "pyproject.toml")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)
        command.downgrade(config, "base")
        command.upgrade(config, "head")
    engine.dispose()


@pytest.fixture
def first_tables_url(databases: Databases) -> Iterator[str]:
    """The loaded database, taken back to the first tables and brought up to date again."""
    with databases.copy(FROM_FIRST_TABLES) as url:
        yield url


def test_rows_from_before_reporting_are_not_reported(
    first_tables_url: str, database_url: str
) -> None:
    engine = open_engine(first_tables_url)
    with engine.begin() as connection:
        assert set(connection.scalars(select(Task.status))) == {"not_reported"}
        assert set(connection.scalars(select(Target.attainment))) == {"not_reported"}
    engine.dispose()
    before, after = (
        [row for row in snapshot(url) if row[0] != "jurisdiction"]  # younger than 0001
        for url in (database_url, first_tables_url)
    )
    assert after == before


def test_loading_keeps_what_was_reported(
    loaded_url: str, registry: Registry, notice: ReadNotice
) -> None:
    engine = open_engine(loaded_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE task SET status = 'delayed' WHERE code = '13.2'"))
        connection.execute(text("UPDATE target SET attainment = 'met' WHERE unit = '项'"))
    outcome = load(engine, registry, [notice], LATER)
    assert (outcome["task"]["changed"], outcome["target"]["changed"]) == (4, 3)
    engine.dispose()
    with TestClient(create_app(Settings(database_url=loaded_url))) as client:
        delayed = client.get("/v1/tasks?status=delayed").json()["data"]
        assert [task["code"] for task in delayed] == ["13.2"]
        assert delayed[0]["progress"]["status_label"] == "滞后"
        met = client.get("/v1/targets?attainment=met").json()["data"]
        assert {target["attainment"]["status"] for target in met} == {"met"}
        assert {target["unit"] for target in met} == {"项"}
        assert client.get("/v1/tasks?status=not_reported").json()["page"]["total"] == 75
        assert client.get("/v1/targets?attainment=not_reported").json()["page"]["total"] == 15


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE task SET span_start = span_end",
        "UPDATE task SET span_start = -1 WHERE code = '1'",
        "UPDATE task SET level = 'chapter'",
        "UPDATE task SET status = 'soon'",
        "UPDATE task SET status = NULL",
        "UPDATE target SET attainment = 'nearly'",
        "UPDATE task SET parent_id = 'nobody' WHERE level = 'subitem'",
        "UPDATE task SET parent_id = NULL",
        "UPDATE assignment SET role = 'boss'",
        "UPDATE assignment SET agency_id = 'nobody'",
        "UPDATE target SET comparator = 'near' WHERE kind = 'quantitative'",
        "UPDATE target SET value = NULL",
        "UPDATE task SET code = '1'",
        "INSERT INTO assignment SELECT * FROM assignment",
        "DELETE FROM plan",
        "INSERT INTO revision (id, number, changed_at) SELECT 2, number, changed_at FROM revision",
    ],
)
def test_the_database_refuses_what_the_domain_does_not_know(
    database_url: str, statement: str
) -> None:
    engine = open_engine(database_url)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_the_text_index_follows_each_change(
    loaded_url: str, registry: Registry, notice: ReadNotice
) -> None:
    engine = open_engine(loaded_url)
    at_first, kept, counted = search_index(loaded_url)
    assert len(at_first) == 1 + 6 + 76 + 18 + 38 + 166 + 2
    assert kept == counted

    load(engine, registry, [corrected(notice, title="金審三期龘")], LATER)
    with TestClient(create_app(Settings(database_url=loaded_url))) as client:
        for q, ids in (("龘", ["gd-dg-2022-t13.2"]), ("金审三期龘", ["gd-dg-2022-t13.2"])):
            page = client.get("/v1/tasks", params={"q": q}).json()
            assert ([row["id"] for row in page["data"]], page["page"]["total"]) == (ids, len(ids))
        old_title = next(t for t in notice.plan.tasks() if t.code == "13.2").title
        assert client.get("/v1/tasks", params={"q": f'"{old_title}"'}).json()["data"] == []
        last = notice.plan.sections[-1].items[-1].title
        hits = client.get("/v1/search", params={"q": f'"{last}"'}).json()["data"]
        assert "gd-dg-2022-t30" not in {hit["id"] for hit in hits}
    _, kept, counted = search_index(loaded_url)
    assert kept == counted

    load(engine, registry, [notice], LATER)
    engine.dispose()
    again, kept, counted = search_index(loaded_url)
    assert again == at_first
    assert kept == counted


def test_loading_fills_the_index_of_a_database_that_had_none(
    first_tables_url: str, database_url: str, registry: Registry, notice: ReadNotice
) -> None:
    engine = open_engine(first_tables_url)
    load(engine, registry, [notice], LATER)
    engine.dispose()
    again, kept, counted = search_index(first_tables_url)
    assert again == search_index(database_url)[0]
    assert kept == counted
