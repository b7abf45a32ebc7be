"""A synthetic corpus is like a loaded one, says everywhere that it is synthetic, and stays alone."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.db.models import Change
from app.kinds import NOTICE_KINDS
from app.main import create_app
from app.projections import documents
from app.settings import Settings
from seed.editorial import read_editorial
from seed.load import load
from seed.notice_files import NOTICES, ReadNotice
from seed.refusals import NoticeRefusedError
from seed.registry import Registry
from seed.synthesize import synthesize, synthetic_notice, synthetic_registry
from tests.support import LOADED_AT, PLAN
from tests.support.databases import Databases, migrated
from tests.support.stored import search_index

EDITORIAL = read_editorial(NOTICES / PLAN / "editorial.yaml")
PLANS = 4


@pytest.fixture(scope="module")
def synthetic_url(databases: Databases, registry: Registry, notice: ReadNotice) -> Iterator[str]:
    """A database of copies, which nobody here writes to."""
    with databases.with_tables() as url:
        engine = open_engine(url)
        told: list[int] = []
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("seed.synthesize.AT_ONCE", 2)
            synthesize(engine, registry, notice, EDITORIAL, PLANS, LOADED_AT, told.append)
        assert told == [3, 4]
        engine.dispose()
        yield url


def test_a_copy_is_what_loading_would_have_made(synthetic_url: str) -> None:
    engine = open_engine(synthetic_url)
    copied, *_ = search_index(synthetic_url)
    with Session(engine) as session, session.begin():
        for number in range(PLANS):
            outcomes = documents.refresh(session, f"synthetic-{number:05}", LOADED_AT)
            assert {k for outcome in outcomes.values() for k in outcome} == {"unchanged"}
        changes = session.scalars(select(Change.seq).order_by(Change.seq)).all()
        assert changes == list(range(1, PLANS * (1 + 6 + 76 + 18 + 38 + 166 + 2) + 1))
    engine.dispose()
    entries, kept, counted = search_index(synthetic_url)
    assert len(entries) == len(changes)
    assert entries == copied
    assert kept == counted


def test_every_record_says_that_it_is_synthetic(synthetic_url: str) -> None:
    engine = open_engine(synthetic_url)
    with Session(engine) as session:
        for table in (kind.model for kind in NOTICE_KINDS):
            real = ~table.id.startswith("synthetic-")
            assert session.scalar(select(func.count()).select_from(table).where(real)) == 0
    engine.dispose()
    with TestClient(create_app(Settings(database_url=synthetic_url))) as client:
        for path, field in (("plans", "title"), ("sections", "title"), ("tasks", "title")):
            rows = client.get(f"/v1/{path}?limit=1000").json()["data"]
            assert len(rows) >= PLANS
            assert all(row[field].startswith("【合成】") for row in rows), path
        for path in ("agencies", "platforms", "jurisdictions"):
            rows = client.get(f"/v1/{path}?limit=1000").json()["data"]
            assert len(rows) >= PLANS
            assert all(row["name"].startswith("合成0000") for row in rows), path


def test_each_government_has_its_own_agencies_and_spans_hold(synthetic_url: str) -> None:
    with TestClient(create_app(Settings(database_url=synthetic_url))) as client:
        counts = set()
        for number in range(PLANS):
            name = f"合成{number:05}公安厅"
            page = client.get("/v1/tasks", params={"agency": name}).json()
            counts.add(page["page"]["total"])
            text = client.get(f"/v1/plans/synthetic-{number:05}/text").json()["text"]
            assert page["data"]
            for task in page["data"]:
                assert task["title"] in text[task["span"]["start"] : task["span"]["end"]]
            hits = client.get("/v1/search", params={"q": f'"合成{number:05}省公安厅"'}).json()
            assert [hit["id"] for hit in hits["data"]] == [
                f"synthetic-{number:05}-gd-public-security"
            ]
        assert len(counts) == 1
        found = client.get("/v1/tasks", params={"q": "数据", "limit": 1000}).json()["page"]["total"]
        assert found % PLANS == 0
        assert found > 0


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


def test_loading_one_more_plan_is_the_same_work_however_many_are_stored(
    tmp_path: Path, registry: Registry, notice: ReadNotice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seed.load.keep_statistics", lambda *_: None)  # now and then, not each time
    alone, among_many = (_work_of_a_load(tmp_path, n, registry, notice) for n in (1, 25))
    assert among_many["statements"] == alone["statements"]
    assert among_many["steps"] < 1.08 * alone["steps"]


def _work_of_a_load(
    folder: Path, governments: int, registry: Registry, notice: ReadNotice
) -> Counter[str]:
    """The statements of loading another year of the first government, and their steps in SQLite."""
    url = f"sqlite:///{folder}/{governments}.db"
    engine = migrated(url)
    synthesize(engine, registry, notice, EDITORIAL, governments, LOADED_AT, lambda _: None)
    engine.dispose()
    work: Counter[str] = Counter()

    def step() -> int:
        work["steps"] += 1
        return 0

    def count_steps(connection: Any, *_: Any) -> None:
        connection.set_progress_handler(step, 1000)

    engine = open_engine(url)
    event.listen(engine, "connect", count_steps)
    event.listen(engine, "before_cursor_execute", lambda *_: work.update(statements=1))
    another = synthetic_notice(registry, notice, EDITORIAL, 2023)
    load(engine, synthetic_registry(registry), [another], LOADED_AT)
    engine.dispose()
    return work
