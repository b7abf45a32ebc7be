"""A database that an earlier release filled is brought up to date; loads leave statistics."""

import json
import unicodedata
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, delete, func, inspect, make_url, select, text, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.db.models import (
    Agency,
    KnownName,
    PeriodTally,
    Platform,
    Revision,
    SearchEntry,
    SearchGram,
    Tally,
    Task,
)
from app.db.statistics import KNOWN
from app.main import create_app
from app.projections.held import store_held
from app.projections.ngrams import AS_MARK
from app.projections.rebuilding import rebuild
from app.projections.search_index import rebuild_entries
from app.projections.tallies import store_period_tallies, tally_rows
from app.settings import Settings
from seed.__main__ import main as seed
from seed.commands.upgrading import migrate
from seed.editorial import read_editorial
from seed.load import load
from seed.notice_files import NOTICES, ReadNotice
from seed.reader.as_plan import parse
from seed.registry import Registry
from tests.support import LATER, LOADED_AT, PLAN, ROOT
from tests.support.databases import Databases
from tests.support.notices import corrected
from tests.support.stored import marks_of_entries, search_index
from tests.support.upgrades import MIGRATION, OF_0_5_0

TALLIES = select(*Tally.__table__.columns)
TOGETHER = select(*PeriodTally.__table__.columns).order_by(*PeriodTally.__table__.primary_key)
WITHOUT_PAUSES = SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda _: None)
STATED = select(Task.id, Task.stated_due_on).where(Task.stated_due_on.is_not(None))


def folded_by_0_5_0(text: str) -> str:
    """Quotes, brackets and invisible characters were characters."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(" " if char.isspace() else char for char in plain)


def known_names(engine: Engine) -> set[tuple[str, str, str]]:
    with Session(engine) as session:
        return {(n.resource, n.key, n.id) for n in session.scalars(select(KnownName))}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebuild sleeps as long as it works, for the sake of other writers."""
    monkeypatch.setattr("app.projections.rebuilding.time", WITHOUT_PAUSES)


@pytest.fixture
def of_0_5_0(
    tables_url: str, registry: Registry, notice: ReadNotice, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The notice as 0.5.0 stored it, with the tables of migration 0014."""
    engine = open_engine(tables_url)
    with monkeypatch.context() as before:
        before.setattr("app.projections.search_index.folded", folded_by_0_5_0)
        before.setattr(
            "app.projections.known_names.search_key",
            lambda name: "".join(folded_by_0_5_0(name).split()),
        )
        load(engine, registry, [notice], LOADED_AT)
    with engine.begin() as connection:
        connection.execute(delete(KnownName).where(KnownName.resource == "plan"))
        _migrate(connection, command.downgrade, "0014")
    engine.dispose()
    return tables_url


def _migrate(connection: object, run: object, revision: str) -> None:
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    run(config, revision)  # type: ignore[operator]


def test_a_migrated_database_finds_what_a_new_one_finds(of_0_5_0: str, database_url: str) -> None:
    engine, new = open_engine(of_0_5_0), open_engine(database_url)
    at_first, *_ = search_index(database_url)
    with engine.begin() as connection:
        number = connection.execute(select(Revision.number)).scalar_one()
        _migrate(connection, command.upgrade, "head")
    rebuild(engine, lambda: LATER)
    entries, stored, counted = search_index(of_0_5_0)
    assert entries == at_first
    assert stored == counted
    assert known_names(engine) == known_names(new)
    with Session(engine) as session:
        tallies = [dict(row) for row in session.execute(TALLIES).mappings()]
        assert sorted(tallies, key=repr) == sorted(tally_rows(session, PLAN), key=repr)
        together = session.execute(TOGETHER).all()
        store_period_tallies(session)
        assert together == session.execute(TOGETHER).all() != []
        stated = session.execute(STATED).all()
    with Session(new) as session:
        assert stated == session.execute(STATED).all() != []
    with Session(engine) as session:
        for table in (Agency, Platform):
            held = select(table.id, table.held).order_by(table.id)
            by_migration = session.execute(held).all()
            session.execute(update(table).values(held=""))
            store_held(session, table, [id_ for id_, _ in by_migration])
            assert session.execute(held).all() == by_migration
            assert any(one for _, one in by_migration)
    with engine.connect() as connection:
        assert connection.execute(select(Revision.number)).scalar_one() > number
    engine.dispose()
    new.dispose()
    with TestClient(create_app(Settings(database_url=of_0_5_0, webhook_delivery=False))) as client:
        for path in (
            "/v1/tasks?q=粤政易平台",
            "/v1/tasks?q=居⺠",
            f"/v1/tasks?q={PLAN}-t17.2",
            "/v1/tasks?agency=省⺠政厅",
            "/v1/tasks?platform=“粤省事”",
            "/v1/plans?document_number=粤办函[2022]24号",
        ):
            answer = client.get(path)
            assert answer.status_code == 200, answer.text
            assert answer.json()["data"], path


AS_0_5_0_BEGAN = (
    "DROP INDEX ix_delivery_due",
    "DROP INDEX ix_delivery_order",
    "ALTER TABLE webhook DROP COLUMN changed_at",
    "CREATE INDEX ix_delivery_state_delivery_next_at ON delivery (state, next_at)",
    "CREATE INDEX ix_delivery_webhook_id_delivery_about_delivery_seq ON delivery (about, seq)",
)
WEBHOOKS = "SELECT id, url, created_at, changed_at FROM webhook ORDER BY id"
DELIVERIES = "SELECT * FROM delivery ORDER BY webhook_id, seq"


def tables_of_webhooks(engine: Engine) -> dict[str, object]:
    about = inspect(engine)
    return {
        table: (
            {column["name"]: column["nullable"] for column in about.get_columns(table)},
            sorted(str(index["name"]) for index in about.get_indexes(table)),
            about.get_foreign_keys(table),
        )
        for table in ("webhook", "delivery")
    }


def test_webhooks_of_the_first_tables_of_0_5_0_are_kept(
    databases: Databases, tables_url: str
) -> None:
    with databases.copy(OF_0_5_0) as url:
        engine = open_engine(url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE webhook SET changed_at = created_at"))
            webhooks = connection.execute(text(WEBHOOKS)).all()
            deliveries = connection.execute(text(DELIVERIES)).all()
            assert webhooks
            assert deliveries
            for statement in AS_0_5_0_BEGAN:
                connection.execute(text(statement))
        with engine.begin() as connection:
            _migrate(connection, command.upgrade, "head")
        new = open_engine(tables_url)
        assert tables_of_webhooks(engine) == tables_of_webhooks(new)
        new.dispose()
        with engine.connect() as connection:
            assert connection.execute(text(WEBHOOKS)).all() == webhooks
            assert [row[:10] for row in connection.execute(text(DELIVERIES))] == [
                row[:10] for row in deliveries
            ]
        engine.dispose()


def test_a_migrated_text_index_has_the_marks_that_a_load_gives(loaded_url: str) -> None:
    q = "/v1/tasks?limit=1&q=数据"
    filters = ("year=2022", "within=100000", "role=lead", "level=item", "has_targets=true")
    totals = []
    at_first = marks_of_entries(loaded_url)
    engine = open_engine(loaded_url)
    for revision in (None, "0037", "head"):
        if revision:
            run = command.upgrade if revision == "head" else command.downgrade
            with engine.begin() as connection:
                _migrate(connection, run, revision)
        if revision == "0037":
            with engine.connect() as connection:
                marks = select(SearchGram.gram).where(func.substr(SearchGram.gram, 2, 1) == AS_MARK)
                assert not connection.execute(marks).all()
            continue
        with TestClient(create_app(Settings(database_url=loaded_url))) as client:
            totals.append([client.get(f"{q}&{one}").json()["page"]["total"] for one in filters])
    engine.dispose()
    assert marks_of_entries(loaded_url) == at_first
    _, stored, counted = search_index(loaded_url)
    assert stored == counted
    assert totals[0] == totals[1]
    assert min(totals[0]) > 1


def test_entries_are_made_again_in_batches_that_may_stop_between(
    loaded_url: str,
) -> None:
    engine = open_engine(loaded_url)
    at_first, *_ = search_index(loaded_url)
    with Session(engine) as session, session.begin():
        session.execute(update(SearchEntry).values(folding=0))
    batches = []
    while True:
        with Session(engine) as session, session.begin():
            made = rebuild_entries(session, 50)
        if not made:
            break
        batches.append(made)
    assert batches == [50, 50, 50, 50, 50, 50, 7]
    entries, stored, counted = search_index(loaded_url)
    assert entries == at_first
    assert stored == counted
    engine.dispose()


def test_migrating_what_is_up_to_date_changes_nothing(loaded_url: str) -> None:
    engine = open_engine(loaded_url)
    with engine.begin() as connection:
        before = connection.execute(select(Revision.number)).scalar_one()
        _migrate(connection, command.upgrade, "head")
        assert connection.execute(select(Revision.number)).scalar_one() == before
    engine.dispose()


def counted(engine: Engine) -> int | None:
    """How many entries the statistics know of; None where there are none."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            there = "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'"
            if not connection.execute(text(there)).scalar():
                return None
        else:
            about = "SELECT count(*) FROM pg_stats WHERE tablename = 'search_entry'"
            if not connection.execute(text(about)).scalar():
                return None
        found = connection.execute(text(KNOWN[engine.dialect.name])).scalar()
        return None if found is None else int(found)


# Whether all of our tables were read, and one of PostgreSQL's own.
ANALYZED = """
SELECT (SELECT bool_and(analyze_count > 0) FROM pg_stat_user_tables),
  (SELECT analyze_count > 0 FROM pg_stat_sys_tables WHERE relname = 'pg_class')
"""


def test_a_load_leaves_statistics_where_much_has_changed(
    tables_url: str, loaded_url: str, registry: Registry, notice: ReadNotice
) -> None:
    empty, engine = open_engine(tables_url), open_engine(loaded_url)
    assert counted(empty) is None
    empty.dispose()
    assert counted(engine) == 307
    load(engine, registry, [corrected(notice, title="另一标题")], LATER)
    assert counted(engine) == 307  # a task less is not worth counting
    editorial = read_editorial(NOTICES / PLAN / "editorial.yaml")
    plan = parse(notice.restored.text, "gd-dg-2023", registry, editorial)
    plan.document_number = "粤办函〔2023〕1号"
    load(engine, registry, [replace(notice, plan=plan)], LATER)
    with engine.connect() as connection:
        entries = connection.execute(select(func.count()).select_from(SearchEntry)).scalar_one()
    assert counted(engine) == entries > 307
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_stat_force_next_flush()"))
        with engine.connect() as connection:
            assert connection.execute(text(ANALYZED)).one() == (True, False)
    engine.dispose()


def test_a_database_is_made_where_there_is_no_folder_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "var" / "workplan.db"
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", f"sqlite:///{path}")
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine, Settings())
    with engine.connect() as connection:
        assert inspect(connection).has_table("task")
    engine.dispose()


@dataclass(frozen=True)
class Loaded:
    """A database of 0.5.0 after two commands that migrate and load, and what each of them told."""

    url: str
    first: str
    second: str


@pytest.fixture(scope="module")
def loaded_over_0_5_0(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("over")
    told = []
    with databases.copy(OF_0_5_0) as url, pytest.MonkeyPatch.context() as patched:
        patched.setenv("WORKPLAN_DATABASE_URL", url)
        patched.setenv("WORKPLAN_NOTICES", str(folder))  # none of the developer's
        patched.setenv("WORKPLAN_KEY_SECRET_FILE", str(folder / "secret"))
        patched.setenv("PATH", str(folder))  # where no pg_dump is
        patched.setattr("app.projections.rebuilding.time", WITHOUT_PAUSES)
        for _ in range(2):
            with redirect_stdout(StringIO()) as said, redirect_stderr(said):
                assert seed(["load", "--migrate"]) == 0
            told.append(said.getvalue())
        yield Loaded(url, *told)


def test_make_run_upgrades_a_database_of_0_5_0(loaded_over_0_5_0: Loaded) -> None:
    assert "documents made again" in loaded_over_0_5_0.first
    settings = Settings(database_url=loaded_over_0_5_0.url, webhook_delivery=False)
    with TestClient(create_app(settings)) as client:
        assert client.get("/readyz").status_code == 200
    assert "documents made again" not in loaded_over_0_5_0.second


def test_loading_into_a_database_of_0_5_0_makes_a_backup_first(loaded_over_0_5_0: Loaded) -> None:
    url = loaded_over_0_5_0.url
    if not url.startswith("sqlite"):
        assert "No backup was made before the upgrade" in loaded_over_0_5_0.first
        return
    beside = Path(str(make_url(url).database)).parent
    (made,) = beside.glob("backup-before-*")  # the second time there was nothing to upgrade
    assert made.name.startswith("backup-before-0.6.0-")
    assert json.loads((made / "manifest.json").read_text("utf-8"))["schema"] == MIGRATION
    # Going back is putting this file in place: it is what 0.5.0 wrote, and nothing newer.
    back = open_engine(f"sqlite:///{made / 'workplan.db'}", existing=True)
    with back.connect() as connection:
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
        assert (version, connection.scalar(text("SELECT count(*) FROM task"))) == (MIGRATION, 76)
    back.dispose()
