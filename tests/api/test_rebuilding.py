"""A database of release 0.5.0, upgraded: `python -m app rebuild` makes its documents anew."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.__main__ import main
from app.db.engine import open_engine
from app.db.models import Change, Delivery, DocumentVersion, FittingRevision, Rebuild
from app.http.etags import entity_tag
from app.kinds.document import moment
from app.main import SCHEMA_REVISION, create_app
from app.projections import documents, rebuilding
from app.projections.rebuilding import rebuild
from app.settings import Settings
from migrations.shapes import demand_rebuild
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support import PLAN
from tests.support.databases import Databases, Template
from tests.support.practice import practising
from tests.support.stored import contents, search_index, snapshot
from tests.support.upgrades import OF_0_5_0, migrate

LATER = datetime(2026, 6, 1, tzinfo=UTC)
LAST_OF_0_5_0 = 215  # number of the last change in the feed


UPGRADED = Template("upgraded", partial(migrate, revision="head"), OF_0_5_0)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebuild sleeps as long as it works, for the sake of other writers."""
    clock = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: None)
    monkeypatch.setattr(rebuilding, "time", clock)


@pytest.fixture
def upgraded_url(databases: Databases) -> Iterator[str]:
    """The database of 0.5.0 with today's tables, and documents as they were."""
    with databases.copy(UPGRADED) as url:
        yield url


@pytest.fixture
def rebuilt_url(databases: Databases) -> Iterator[str]:
    """The same, with its documents made again."""
    with databases.copy_of("rebuilt", run, UPGRADED) as url:
        yield url


def run(url: str, at: datetime = LATER) -> int:
    engine = open_engine(url)
    try:
        return rebuild(engine, lambda: at)
    finally:
        engine.dispose()


def changes_after(url: str, seq: int) -> list[Change]:
    engine = open_engine(url)
    with Session(engine) as session:
        found = session.scalars(select(Change).where(Change.seq > seq).order_by(Change.seq)).all()
    engine.dispose()
    return list(found)


def ready(url: str) -> tuple[int, Any]:
    with TestClient(create_app(Settings(database_url=url, webhook_delivery=False))) as client:
        answer = client.get("/readyz")
        return answer.status_code, answer.json()


def test_a_service_is_not_ready_until_documents_have_the_shape_of_its_contract(
    upgraded_url: str,
) -> None:
    status, problem = ready(upgraded_url)
    assert status == 503
    assert "python -m app rebuild" in problem["detail"]
    run(upgraded_url)
    assert ready(upgraded_url)[0] == 200


def test_a_new_database_needs_no_rebuild(loaded_url: str) -> None:
    assert ready(loaded_url)[0] == 200
    before = snapshot(loaded_url)
    assert run(loaded_url) == 0
    assert snapshot(loaded_url) == before


def test_every_document_is_made_again_and_told_once(upgraded_url: str) -> None:
    before = snapshot(upgraded_url)
    assert run(upgraded_url) == len(before)
    told = changes_after(upgraded_url, LAST_OF_0_5_0)
    stored = {(resource, id_): text for resource, id_, text in snapshot(upgraded_url)}
    assert sorted((one.resource, one.id) for one in told) == sorted(stored)
    for one in told:
        text = stored[one.resource, one.id]
        document = json.loads(text)
        operation = "created" if one.resource == "jurisdiction" else "updated"
        assert (one.op, one.etag) == (operation, entity_tag(text.encode()))
        assert one.at >= LATER
        assert (document["version"], document["changed_at"]) == (one.version, moment(one.at))
    assert run(upgraded_url) == 0
    assert changes_after(upgraded_url, told[-1].seq) == []


def without_platforms(rows: list[tuple[str, str, Any]]) -> dict[tuple[str, str], Any]:
    """Documents without what only loading the notice again tells: platforms that the register got since."""
    return {
        (resource, id_): {name: value for name, value in document.items() if name != "platforms"}
        for resource, id_, document in rows
        if resource != "platform"
    }


def test_what_a_rebuild_gives_is_what_a_fresh_load_and_the_facts_give(
    rebuilt_url: str, loaded_url: str, registry: Registry, notice: ReadNotice
) -> None:
    written_to = {
        ("task", "gd-dg-2022-t17.2"),
        ("target", "gd-dg-2022-t17.2-k1"),
        ("agency", "gd-shenzhen"),  # a delegation
    }
    rows_of_a_fresh_load = contents(loaded_url)
    fresh, rebuilt = map(without_platforms, (rows_of_a_fresh_load, contents(rebuilt_url)))
    same = fresh.keys() - written_to
    assert {key: rebuilt[key] for key in same} == {key: fresh[key] for key in same}
    engine = open_engine(rebuilt_url)
    load(engine, registry, [notice], LATER)
    loaded = {row[:2]: row[2] for row in contents(rebuilt_url)}
    for resource, id_, document in rows_of_a_fresh_load:
        if (resource, id_) not in written_to:
            assert loaded[resource, id_] == document
    with Session(engine) as session:
        before = list(documents.stored_documents(session))
        documents.refresh(session, PLAN, LATER + timedelta(days=1))
        assert list(documents.stored_documents(session)) == before
    engine.dispose()
    entries, counted, right = search_index(rebuilt_url)
    assert (entries, counted) == search_index(loaded_url)[:2]
    assert counted == right


def test_an_upgraded_agency_has_its_collectives_by_delegation_and_by_rule(
    rebuilt_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", rebuilt_url)
    with practising(rebuilt_url) as service:
        for basis, end in (("delegation", 0), ("rule", 2)):
            (found,) = service.json("/v1/agencies/gd-shenzhen")["collectives"]
            assert (found["id"], found["basis"]) == ("gd-all-cities", basis)
            tasks = service.json("/v1/tasks?agency=深圳市&collectives=true")["data"]
            assert [task["code"] for task in tasks] == ["7", "8", "10.2"]
            assert main(["delegations", "revoke", "gd-all-cities", "gd-shenzhen"]) == end


def test_versions_begin_with_the_rebuild(rebuilt_url: str) -> None:
    """What 0.5.0 said before is not known, and no day before is answered for."""
    run(rebuilt_url)
    with practising(rebuilt_url) as service:
        service.now = LATER + timedelta(days=1)
        for path in ("/v1/tasks/gd-dg-2022-t17.2", "/v1/agencies/gd-energy", f"/v1/plans/{PLAN}"):
            (version,) = service.json(f"{path}/versions")["data"]
            assert (version["cause"], version["version"] > 1) == ("shape", True)
            assert service.json(f"{path}/versions/{version['version']}") == service.json(path)
            assert service.json(f"{path}?at=2026-06-01") == service.json(path)
            problem = service.client.get(f"{path}?at=2026-05-31").json()
            assert (problem["status"], "2026-06-01" in problem["detail"]) == (404, True)
        download = f"/v1/plans/{PLAN}/download"
        past, now = service.json(f"{download}?at=2026-06-01"), service.json(download)
        assert {**past, "seq": 0} == {**now, "seq": 0}


def test_a_rebuild_records_the_version_of_what_does_not_differ(loaded_url: str) -> None:
    """As of a database that an earlier state of the service has loaded."""
    engine = open_engine(loaded_url)
    with engine.begin() as connection:
        DocumentVersion.__table__.drop(connection)  # type: ignore[attr-defined]
        DocumentVersion.__table__.create(connection)  # type: ignore[attr-defined]
    engine.dispose()
    assert run(loaded_url) == 0
    with practising(loaded_url) as service:
        path = "/v1/tasks/gd-dg-2022-t17.2"
        (version,) = service.json(f"{path}/versions")["data"]
        document = service.json(path)
        assert (version["version"], version["at"]) == (1, document["changed_at"])
        assert service.json(f"{path}/versions/1") == document


def test_a_rebuild_sends_webhooks_nothing(rebuilt_url: str) -> None:
    engine = open_engine(rebuilt_url)
    with Session(engine) as session:
        assert session.scalars(select(Delivery).where(Delivery.seq > LAST_OF_0_5_0)).all() == []
    engine.dispose()


class KilledError(BaseException):
    """The end of the process."""


def killed_after(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Steps that work, and one whose transaction is never committed."""
    done: Iterator[int] = iter(range(steps))
    real = rebuilding._step

    def step(*given: Any) -> Any:
        made = real(*given)
        if next(done, None) is None:
            raise KilledError
        return made

    monkeypatch.setattr(rebuilding, "_step", step)


def test_a_killed_rebuild_goes_on_where_it_was(
    upgraded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "FACTS_A_STEP", 1)
    count = len(snapshot(upgraded_url))
    for killed in (1, 2, 3):
        with monkeypatch.context() as patched:
            killed_after(patched, killed)
            with pytest.raises(KilledError):
                run(upgraded_url)
        assert ready(upgraded_url)[0] == 503
    engine = open_engine(upgraded_url)
    with Session(engine) as session:
        assert session.get_one(Rebuild, 1).done == "report gd-dg-2022-t17.2-r4"
    engine.dispose()
    already = len(changes_after(upgraded_url, LAST_OF_0_5_0))
    assert run(upgraded_url) == count - already
    told = changes_after(upgraded_url, LAST_OF_0_5_0)
    assert [one.seq for one in told] == list(range(LAST_OF_0_5_0 + 1, LAST_OF_0_5_0 + 1 + count))
    assert ready(upgraded_url)[0] == 200


def test_each_step_is_seen_by_running_workers_and_lets_them_write(
    upgraded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with practising(upgraded_url) as service:
        before = service.client.get("/v1/tasks/gd-dg-2022-t1")
        assert "version" not in before.json()
        seen: list[int] = []

        def pause(seconds: float) -> None:
            seen.append(service.report(as_of=f"2022-09-{len(seen) + 1:02}").status_code)

        monkeypatch.setattr("app.projections.rebuilding.time.sleep", pause)
        run(upgraded_url, service.now)
        assert len(seen) > 3
        assert set(seen) == {201}
        after = service.json("/v1/tasks/gd-dg-2022-t1")
        assert after["level_label"] == "项"
        report = service.json("/v1/reports?sort=-as_of&limit=1")["data"][0]
        assert report["role_label"] == "牵头"
        task = service.json("/v1/tasks/gd-dg-2022-t17.2")
        assert task["progress"]["reported_on"] == report["as_of"]


def test_two_rebuilds_at_once_do_the_work_once(upgraded_url: str) -> None:
    count = len(snapshot(upgraded_url))
    with ThreadPoolExecutor(2) as pool:
        differed = list(pool.map(run, [upgraded_url] * 2))
    assert sum(differed) == count
    assert len(changes_after(upgraded_url, LAST_OF_0_5_0)) == count


def test_a_migration_that_changes_a_shape_begins_a_rebuild_anew(
    upgraded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        killed_after(patched, 2)
        with pytest.raises(KilledError):
            run(upgraded_url)
    engine = open_engine(upgraded_url)
    with engine.begin() as connection:
        assert connection.scalar(select(Rebuild.done)) == "registry all"
        with Operations.context(MigrationContext.configure(connection)):
            demand_rebuild()
        assert connection.execute(select(Rebuild.is_due, Rebuild.done)).one() == (True, None)
    engine.dispose()


def test_a_service_is_ready_on_newer_tables_that_name_its_revision(loaded_url: str) -> None:
    """The migrations of a later release, before its services are there."""
    engine = open_engine(loaded_url)
    with practising(loaded_url) as service:
        for later, added, status in (
            ("9998", {"9998", SCHEMA_REVISION}, 200),
            ("9999", {"9999"}, 503),  # a migration that earlier services do not work with
        ):
            with engine.begin() as connection:
                connection.execute(
                    text("UPDATE alembic_version SET version_num = :n"), {"n": later}
                )
                connection.execute(delete(FittingRevision))
                rows = [{"revision": revision} for revision in added]
                connection.execute(insert(FittingRevision), rows)
            assert service.client.get("/readyz").status_code == status
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE fitting_revision"))
            connection.execute(text("UPDATE alembic_version SET version_num = '0026'"))
        problem = service.client.get("/readyz").json()
        assert "0026" in problem["detail"]
    engine.dispose()


def test_the_migrations_name_the_revision_of_this_service(loaded_url: str) -> None:
    engine = open_engine(loaded_url)
    with engine.begin() as connection:
        assert SCHEMA_REVISION in connection.scalars(select(FittingRevision.revision)).all()
    engine.dispose()
