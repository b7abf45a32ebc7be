"""The file of SQLite, moved, deleted, replaced or not to be written while the service runs; a
database whose tables are gone.
"""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from httpx2 import Response
from sqlalchemy import event, make_url, text

from app.db.engine import open_engine
from tests.support.databases import Databases
from tests.support.practice import LEAD, REPORTS, Service, a_report, practising

READ = "/v1/tasks?limit=1"
NOBODY = 65534


@pytest.fixture(autouse=True)
def _looking_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.db.revision.FILE_CHECK_INTERVAL", 0)


@pytest.fixture
def service(on_sqlite: Databases) -> Iterator[Service]:
    with on_sqlite.loaded() as url, practising(url) as alive:
        yield alive


def file_of(service: Service) -> Path:
    return Path(make_url(service.url).database or "")


def report_of(service: Service, name: str) -> Callable[[], Response]:
    key = {"Authorization": f"Bearer {service.key('reporter', LEAD)}", "Idempotency-Key": name}
    return lambda: service.client.post(REPORTS, json=a_report(), headers=key)


def copy(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as origin, sqlite3.connect(target) as other:
        origin.backup(other)
    origin.close()
    other.close()


def reports(path: Path) -> int:
    connection = sqlite3.connect(path)
    (number,) = connection.execute("SELECT count(*) FROM report").fetchone()
    connection.close()
    return int(number)


def test_a_file_that_is_gone_is_503_until_it_is_back(service: Service, tmp_path: Path) -> None:
    path, away = file_of(service), tmp_path / "away"
    send = report_of(service, "gone")
    assert service.client.get(READ).status_code == 200  # and cached
    assert service.report(as_of="2022-07-01").status_code == 201
    moved = [(path.with_name(f"workplan.db{end}"), end) for end in ("", "-wal", "-shm")]
    away.mkdir()
    for place, end in moved:
        place.rename(away / f"workplan.db{end}")
    for _ in range(2):
        assert service.client.get(READ).status_code == 503
        assert service.client.get("/readyz").status_code == 503
        assert send().status_code == 503
        assert service.client.get("/livez").status_code == 200
    assert not path.exists()  # nobody made an empty one
    for place, end in moved:
        (away / f"workplan.db{end}").rename(place)
    assert service.client.get("/readyz").status_code == 200
    assert service.client.get(READ).status_code == 200
    assert send().status_code == 201
    assert reports(path) == 2


def test_a_file_in_place_of_another_is_read_and_written(service: Service, tmp_path: Path) -> None:
    path, earlier = file_of(service), tmp_path / "earlier.db"
    service.key("reporter", LEAD)
    copy(path, earlier)
    assert service.report().status_code == 201
    assert service.json("/v1/reports")["page"]["total"] == 1
    for end in ("-wal", "-shm"):
        path.with_name(f"workplan.db{end}").unlink()
    earlier.replace(path)
    assert service.json("/v1/reports")["page"]["total"] == 0
    assert report_of(service, "again")().status_code == 201
    assert service.json("/v1/reports")["page"]["total"] == 1
    assert service.client.get("/readyz").status_code == 200
    assert reports(path) == 1


def test_a_write_into_a_file_that_was_taken_away_is_never_201(
    service: Service, tmp_path: Path
) -> None:
    path, other = file_of(service), tmp_path / "other.db"
    send = report_of(service, "swapped")
    service.post(REPORTS, {})  # which opens the writer's connection
    copy(path, other)

    def swap(_: object) -> None:
        for end in ("-wal", "-shm"):
            path.with_name(f"workplan.db{end}").unlink()
        other.replace(path)

    event.listen(service.app.state.writer.engine, "commit", swap, once=True)
    answer = send()
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert reports(path) == 0
    assert send().status_code == 201
    assert reports(path) == 1


def test_a_write_into_a_log_that_was_taken_away_is_never_201(service: Service) -> None:
    path = file_of(service)
    log, away = path.with_name("workplan.db-wal"), path.with_name("away")
    send = report_of(service, "log")
    assert service.report(as_of="2022-07-01").status_code == 201
    assert service.json("/readyz")["writes"] == "working"
    log.rename(away)
    for _ in range(2):
        assert send().status_code == 503
        assert service.json("/readyz")["writes"] == "failing"
        assert service.client.get("/v1/tasks?limit=2").status_code == 200
    away.replace(log)
    assert send().status_code == 201
    assert service.json("/readyz")["writes"] == "working"
    assert reports(path) == 2


def test_a_service_that_ends_stores_what_is_in_a_log_that_was_deleted(
    on_sqlite: Databases,
) -> None:
    with on_sqlite.loaded() as url:
        with practising(url) as service:
            assert service.report(as_of="2022-07-01").status_code == 201
            assert service.report().status_code == 201
            path = file_of(service)
            for end in ("-wal", "-shm"):
                path.with_name(f"workplan.db{end}").unlink()
            assert service.report(as_of="2022-08-01").status_code == 503
        assert reports(path) == 2


def test_no_worker_writes_into_another_log_than_the_one_that_was_taken_away(
    service: Service, tmp_path: Path
) -> None:
    path = file_of(service)
    assert service.report(as_of="2022-07-01").status_code == 201
    with sqlite3.connect(path) as connection:  # as SQLite does by itself now and then
        connection.execute("PRAGMA wal_checkpoint")
    connection.close()
    path.with_name("workplan.db-wal").unlink()
    with practising(service.url) as other:  # a worker that has not written yet
        other.keys = service.keys
        for one in (other, service, other):
            sent = report_of(one, "another-log")()
            assert sent.status_code == 503
            assert one.json("/readyz")["writes"] == "failing"
            assert one.json("/v1/reports")["page"]["total"] == 1
    shutil.copy(path, tmp_path / "killed.db")  # what is left after a kill
    assert reports(tmp_path / "killed.db") == 1


def test_a_log_that_comes_back_while_another_is_opened_is_not_taken_for_it(
    service: Service,
) -> None:
    path = file_of(service)
    log, away = path.with_name("workplan.db-wal"), path.with_name("away")
    send = report_of(service, "back")
    assert service.report(as_of="2022-07-01").status_code == 201
    log.rename(away)
    assert send().status_code == 503
    log.unlink(missing_ok=True)

    def put_back(connection: sqlite3.Connection, _: object) -> None:
        """SQLite has just made an empty one."""
        connection.set_trace_callback(
            lambda statement: (
                away.replace(log) if away.exists() and "wal_checkpoint" in statement else None
            )
        )

    event.listen(service.app.state.writer.engine, "connect", put_back, insert=True)
    assert send().status_code == 503
    assert send().status_code == 201
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint")
    connection.close()
    assert reports(path) == 2


def test_an_older_copy_of_a_log_is_not_written_on(on_sqlite: Databases, tmp_path: Path) -> None:
    older = tmp_path / "older"
    with on_sqlite.loaded() as url:
        with practising(url) as service:
            path = file_of(service)
            log = path.with_name("workplan.db-wal")
            assert service.report(as_of="2022-07-01").status_code == 201
            shutil.copy(log, older)
            assert service.report().status_code == 201
            older.replace(log)
            for number in range(3):
                assert report_of(service, f"older-{number}")().status_code == 503
                assert service.json("/readyz")["writes"] == "failing"
            shutil.copy(path, tmp_path / "killed.db")
            assert reports(tmp_path / "killed.db") == 2
        assert reports(path) == 2


def test_what_is_in_a_log_that_was_deleted_is_stored_by_the_next_write(
    service: Service, tmp_path: Path
) -> None:
    path = file_of(service)
    assert service.report(as_of="2022-07-01").status_code == 201
    path.with_name("workplan.db-wal").unlink()
    assert service.report().status_code == 503
    shutil.copy(path, tmp_path / "killed.db")
    assert reports(tmp_path / "killed.db") == 1


def test_a_service_begun_without_a_file_serves_it_when_it_comes(
    on_sqlite: Databases, tmp_path: Path
) -> None:
    path = tmp_path / "名 %41?#.db"
    with on_sqlite.loaded() as url, practising(f"sqlite:///{path}".replace("?", "%3F")) as service:
        assert service.client.get("/readyz").status_code == 503
        assert service.client.get(READ).status_code == 503
        assert not path.exists()
        copy(Path(make_url(url).database or ""), file_of(service))
        assert service.client.get("/readyz").status_code == 200
        assert report_of(service, "late")().status_code == 201


def noise(path: Path) -> None:
    path.write_bytes(random.Random(14).randbytes(100_000))  # noqa: S311 - the same each time


def other_tables(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE something (other)")
    connection.close()


@pytest.mark.parametrize("put", [noise, other_tables, Path.touch, Path.mkdir])
def test_what_is_no_database_of_ours_is_503_until_ours_is_back(
    service: Service, tmp_path: Path, put: Callable[[Path], None]
) -> None:
    path, ours = file_of(service), tmp_path / "ours.db"
    send = report_of(service, "instead")
    assert service.client.get(READ).status_code == 200
    copy(path, ours)
    for end in ("-wal", "-shm"):
        path.with_name(f"workplan.db{end}").unlink()
    path.unlink()
    put(path)
    for one in (READ, "/v1/tasks/gd-dg-2022-t1", "/v1/tasks?format=csv", "/v1/changes", "/tasks"):
        assert service.client.get(one).status_code == 503, one
    assert service.client.get("/readyz").status_code == 503
    assert send().status_code == 503
    for end in ("-wal", "-shm"):
        path.with_name(f"workplan.db{end}").unlink(missing_ok=True)
    path.rmdir() if path.is_dir() else path.unlink()
    ours.rename(path)
    assert service.client.get(READ).status_code == 200
    assert send().status_code == 201
    assert reports(path) == 1


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    """For root by another user, since no mode of a file stops root."""
    modes = {one: one.stat().st_mode for one in (path, path.parent)}
    if os.getuid() == 0:
        os.seteuid(NOBODY)
    else:
        for one in modes:
            one.chmod(0o555)
    try:
        yield
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        for one, mode in modes.items():
            one.chmod(mode)


@pytest.mark.parametrize("warm", [True, False])
def test_a_file_that_was_only_to_be_read_is_written_once_it_is_repaired(
    service: Service, warm: bool
) -> None:
    send = report_of(service, "repaired")
    if warm:
        assert service.client.get(READ).status_code == 200
    with read_only(file_of(service)):
        assert send().status_code == 503
        assert send().status_code == 503
        if warm:  # reads go on
            assert service.client.get("/v1/tasks?limit=2").status_code == 200
            assert service.json("/readyz")["writes"] == "failing"
    assert send().status_code == 201
    assert service.json("/readyz")["writes"] == "working"
    assert service.client.get(READ).status_code == 200
    assert reports(file_of(service)) == 1


def test_a_database_whose_tables_are_gone_is_503_until_they_are_back(loaded_url: str) -> None:
    engine = open_engine(loaded_url)
    with practising(loaded_url) as service:
        send = report_of(service, "gone")
        for is_gone, renamed in (
            (True, "task RENAME TO other"),
            (False, "other RENAME TO task"),
            (True, "task RENAME COLUMN plan_id TO other"),
            (False, "task RENAME COLUMN other TO plan_id"),
        ):
            with engine.begin() as connection:
                connection.execute(text(f"ALTER TABLE {renamed}"))
            for one in ("/v1/tasks?limit=3", "/v1/tasks?format=csv", "/tasks?q=a"):
                assert service.client.get(one).status_code == (503 if is_gone else 200), one
            assert send().status_code == (503 if is_gone else 201)
    engine.dispose()
