"""Writes that wait are committed together: each has its own outcome, which is sent after the commit."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from app.db.postgresql import WritingConnection
from app.projections.documents import publish
from app.resources.reports.progress import set_progress
from app.writing import writer
from app.writing.audit_log import lines_after
from app.writing.audit_verification import faults
from tests.support.databases import Databases
from tests.support.operations import a_day
from tests.support.practice import LEAD, REPORTS, Service, a_report, practising

Send = Callable[[], Response]


@pytest.fixture(scope="module")
def service(databases: Any) -> Iterator[Service]:
    with (
        databases.loaded() as url,
        practising(url) as alive,
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.setattr(writer, "LONGEST_GROUP", 60)  # a slow machine would make more groups
        alive.key("coordinator")
        assert alive.report(as_of=a_day()).status_code == 201  # which opens the writer's connection
        yield alive


def together(service: Service, *sends: Send) -> list[Response]:
    """The responses to requests that wait together, in this order, and are then performed."""
    waiting, held = service.app.state.writer.waiting, threading.Event()
    service.app.state.writer.thread.submit(held.wait)
    with ThreadPoolExecutor(len(sends)) as pool:
        try:
            sent = []
            for number, send in enumerate(sends, 1):
                sent.append(pool.submit(send))
                until = time.monotonic() + 10
                while waiting.total() < number and time.monotonic() < until:
                    time.sleep(0.002)
        finally:
            held.set()
        return [one.result() for one in sent]


def report(service: Service, **changes: Any) -> Send:
    body = a_report(**{"as_of": a_day(), **changes})
    return lambda: service.post(REPORTS, body)


def tasks_of(service: Service) -> list[str]:
    return [one["id"] for one in service.json(f"/v1/tasks?agency={LEAD}&limit=100")["data"]]


def report_on(service: Service, task: str, **changes: Any) -> Send:
    body = a_report(**{"as_of": a_day(), **changes})
    return lambda: service.post(f"/v1/tasks/{task}/reports", body)


@contextmanager
def commits(service: Service) -> Iterator[list[str]]:
    """The commits of the writer."""
    engine, seen = service.app.state.writer.engine, []

    def on_commit(_: object) -> None:
        seen.append("commit")

    event.listen(engine, "commit", on_commit)
    yield seen
    event.remove(engine, "commit", on_commit)


def log_of(service: Service, after: int) -> list[dict[str, Any]]:
    with service.session() as session:
        assert list(faults(session, {})) == []
        return [json.loads(row.line) for row in lines_after(session, after)]


def head_of(service: Service) -> tuple[int, int]:
    """The last line of the audit log, and the last number of the feed."""
    with service.session() as session:
        last = [row.seq for row in lines_after(session)][-1]
    newest = service.json("/v1/changes?limit=1000&after=0")["data"]
    return last, newest[-1]["seq"]


def test_of_eight_that_wait_one_is_refused_and_the_others_are_committed_at_once(
    service: Service,
) -> None:
    line, change = head_of(service)
    sends = [report(service) for _ in range(8)]
    sends[3] = report(service, as_of="2199-01-01")
    with commits(service) as seen:
        answers = together(service, *sends)
    assert [one.status_code for one in answers] == [201] * 3 + [422] + [201] * 4
    assert seen == ["commit"]
    written = log_of(service, line)
    assert [one["outcome"] for one in written] == ["accepted"] * 3 + ["refused"] + ["accepted"] * 4
    assert [one["at"] for one in written] == sorted({one["at"] for one in written})
    new = service.json(f"/v1/changes?limit=1000&after={change}")["data"]
    assert [one["seq"] for one in new] == list(range(change + 1, change + 1 + len(new)))
    published = [one["id"] for one in new if one["resource"] == "report"]
    assert published == [one["fact"]["id"] for one in written if one["fact"]]
    assert published == [one.json()["id"] for one in answers if one.status_code == 201]


def test_a_fault_in_one_write_undoes_it_alone(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it has stored a row, and where the row itself is refused by the database."""
    before = len(reports(service))

    def failing(write: Any, task: Any, new: Any) -> None:
        set_progress(write, task, new)
        raise RuntimeError("试验")

    def refused(write: Any, task: Any, new: Any) -> None:
        raise IntegrityError("试验", {}, Exception("试验"))

    for fault in (failing, refused):
        effects = iter([set_progress, fault, set_progress])
        monkeypatch.setattr(
            "app.resources.reports.commands.set_progress",
            lambda *given, effects=effects: next(effects)(*given),
        )
        answers = together(service, *(report(service) for _ in range(3)))
        assert [one.status_code for one in answers] == [201, 500, 201]
    assert len(reports(service)) == before + 4
    assert log_of(service, 0)


def test_a_commit_that_fails_is_503_for_all_and_stores_nothing(service: Service) -> None:
    engine, before = service.app.state.writer.engine, head_of(service)
    sends = [report(service) for _ in range(4)]

    def fail(_: object) -> None:
        raise engine.dialect.loaded_dbapi.OperationalError("试验")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine.dialect, "do_commit", fail)
        answers = together(service, *sends)
    assert [one.status_code for one in answers] == [503] * 4
    assert all(one.headers["retry-after"] for one in answers)
    assert head_of(service) == before
    answers = together(service, *sends)
    assert [one.status_code for one in answers] == [201] * 4


def test_what_fails_for_all_is_performed_for_each_alone(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in what they share may be caused by one of them."""
    sizes: list[int] = []

    def failing(session: Any, stored: Sequence[Any], cause: Any, to: Any) -> None:
        sizes.append(len(stored))
        if (
            any(change["etag"] is None for one in stored for change in one.changes)
            or len(sizes) < 2
        ):
            raise RuntimeError("试验")
        publish(session, stored, cause, to)

    monkeypatch.setattr("app.writing.group.publish", failing)
    answers = together(service, *(report(service) for _ in range(3)))
    assert [one.status_code for one in answers] == [201] * 3
    assert sizes == [6, 2, 2, 2]  # a report and its task each


def test_the_same_request_twice_in_a_group_is_one_write(service: Service) -> None:
    body, before = a_report(as_of=a_day()), len(reports(service))

    def same() -> Response:
        return service.post(REPORTS, body, Idempotency_Key="in-a-group")

    def other() -> Response:
        return service.post(REPORTS, a_report(as_of=a_day()), Idempotency_Key="in-a-group")

    first, second, reused, third = together(service, same, same, other, same)
    assert first.status_code == second.status_code == third.status_code == 201
    assert first.content == second.content == third.content
    assert first.headers["etag"] == third.headers["etag"]
    assert reused.json()["type"] == "/problems/idempotency-key-reused"
    assert len(reports(service)) == before + 1


def test_a_write_sees_those_before_it_in_its_group(service: Service) -> None:
    day = a_day()
    first, second = together(service, *(report(service, as_of=day) for _ in range(2)))
    assert (first.status_code, second.status_code) == (201, 409)
    ids = [one.json()["id"] for one in together(service, report(service), report(service))]
    ordinals = [int(one.rpartition("-r")[2]) for one in ids]
    assert ordinals[1] == ordinals[0] + 1


def test_a_group_is_bounded_so_that_others_get_their_turn(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MOST_TOGETHER", 2)
    with commits(service) as seen:
        answers = together(service, *(report(service) for _ in range(5)))
    assert [one.status_code for one in answers] == [201] * 5
    assert len(seen) == 3


def test_reports_in_a_group_take_no_statement_of_their_own(
    service: Service, statements: list[str]
) -> None:
    """What they read is read ahead, and what they store is stored together, unless tasks are the same."""
    tasks = tasks_of(service)
    assert len(tasks) >= 8
    counted = []
    for number in (1, 2, 8):
        sends = [report_on(service, tasks[at]) for at in range(number)]
        statements.clear()
        together(service, *sends)
        of_keys = sum("api_key" in one or one == "BEGIN" for one in statements)  # also of reads
        counted.append(len(statements) - of_keys)
    assert counted[0] <= 21
    one, *_, eight = counted  # progress has one column less where it does not change
    assert max(counted) - one <= (
        7 if service.url.startswith("sqlite") else 1
    )  # SQLite: rows by powers of two
    assert eight < 2 * one


def test_a_group_of_reports_waits_for_postgresql_as_often_as_one_report(
    on_postgresql: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lock, reads ahead, what ends a group, rows, commit; and the pool, which waits for little."""
    waits: list[object] = []
    wait = WritingConnection.wait

    def noted(connection: Any, *args: Any, **options: Any) -> Any:
        waits.append(connection._pipeline or object())  # what is sent in one is one trip
        return wait(connection, *args, **options)

    monkeypatch.setattr(WritingConnection, "wait", noted)
    with on_postgresql.loaded() as url, practising(url) as service:
        tasks = tasks_of(service)
        trips, calls = [], []
        for number in (1, 1, 8):
            sends = [report_on(service, one) for one in tasks[:number]]
            waits.clear()
            assert {one.status_code for one in together(service, *sends)} == {201}
            trips.append(len({id(one) for one in waits}))
            calls.append(len(waits))
    assert trips[1] == trips[2] <= 9
    assert calls[2] - calls[1] <= 1  # the driver is called once for the values of all reports


def test_a_report_on_the_same_task_takes_a_fixed_number_of_statements_more(
    service: Service, statements: list[str]
) -> None:
    """It reads what the one before it has stored; each statement is a round trip."""
    counted = []
    for number in (1, 2, 8):
        sends = [report(service) for _ in range(number)]
        together(service, *sends[:1])  # statements that are only there the first time
        statements.clear()
        together(service, *sends[1:], report(service))
        of_keys = sum("api_key" in one or one == "BEGIN" for one in statements)  # also of reads
        counted.append(len(statements) - of_keys)
    alone, two, eight = counted
    assert alone <= 21
    assert two - alone == 6
    assert eight - two == 6 * 6


def test_rows_that_the_database_refuses_are_of_one_write(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are stored with those of others: then each is performed alone."""
    tasks, before = tasks_of(service), len(reports(service))

    def refused(write: Any, task: Any, *new: Any) -> None:
        set_progress(write, task, *new)
        if task.id == tasks[1]:
            update = text("UPDATE task SET version = NULL WHERE id = :row_id")
            write.statements.execute(update, {"row_id": task.id})

    monkeypatch.setattr("app.resources.reports.commands.set_progress", refused)
    answers = together(service, *(report_on(service, one) for one in tasks[:3]))
    assert [one.status_code for one in answers] == [201, 500, 201]
    withdrawal = {"reason": "试验。"}  # has a savepoint, before which the others are stored
    id_ = answers[0].json()["id"]

    def withdraw() -> Response:
        return service.post(f"/v1/reports/{id_}/withdrawal", withdrawal, role="coordinator")

    sends = [report_on(service, tasks[0]), report_on(service, tasks[1]), withdraw]
    assert [one.status_code for one in together(service, *sends)] == [201, 500, 201]
    assert len(reports(service)) == before + 3
    assert log_of(service, 0)


def test_what_was_read_ahead_is_read_again_after_other_writes(service: Service) -> None:
    """A withdrawal changes the progress of the task that a report in the same group is about."""
    task = tasks_of(service)[2]
    first = report_on(service, task, as_of="2025-06-02")().json()["id"]
    other = tasks_of(service)[3]

    def withdraw() -> Response:
        return service.post(
            f"/v1/reports/{first}/withdrawal", {"reason": "试验。"}, role="coordinator"
        )

    sends = [report_on(service, other), withdraw, report_on(service, task, as_of="2025-06-01")]
    answers = together(service, *sends)
    assert [one.status_code for one in answers] == [201, 201, 201]
    shown = service.json(f"/v1/tasks/{task}")
    versions = service.json(f"/v1/tasks/{task}/versions")["data"]
    assert shown["progress"]["reported_on"] == "2025-06-01"
    assert shown["version"] == max(one["version"] for one in versions)
    assert len({one["version"] for one in versions}) == len(versions)


def reports(service: Service) -> Sequence[Any]:
    return list(service.rows("/v1/reports?limit=1000"))
