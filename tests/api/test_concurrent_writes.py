"""Writers over two workers, at once, and killed half-way: each write is there once, or not at all."""

import http.client
import json
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from app.writing.audit_verification import faults
from tests.support.databases import Databases
from tests.support.practice import REPORTS, SECRET, Service, a_report, practising
from tests.support.serving import serving

REPEATS = 100
ROUNDS = int(os.environ.get("KILL_ROUNDS", "2"))
WRITERS, MOST_WRITES = 4, 28  # of one writer in a round


def post(port: int, key: str, name: str, body: Any) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {
        "Authorization": f"Bearer {key}",
        "Idempotency-Key": name,
        "Content-Type": "application/json",
    }
    try:
        connection.request("POST", REPORTS, json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def children(pid: int) -> list[int]:
    """The workers of a server."""
    of = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in of.read_text().split()]


@pytest.fixture
def service(loaded_url: str, monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setenv("WORKPLAN_KEY_SECRET", SECRET)
    return Service(loaded_url)


@pytest.fixture(scope="module")
def two_workers(databases: Databases) -> Iterator[tuple[Service, int]]:
    """A database, and the port of two workers on it."""
    with databases.loaded() as url, pytest.MonkeyPatch.context() as patched:
        patched.setenv("WORKPLAN_KEY_SECRET", SECRET)
        with serving(url, "--workers", "2") as (port, _), practising(url) as service:
            yield service, port


def reports(service: Service) -> list[dict[str, Any]]:
    return list(service.rows("/v1/reports?limit=1000"))


def test_100_repeats_at_once_over_two_workers_are_one_write(
    two_workers: tuple[Service, int],
) -> None:
    service, port = two_workers
    key, before = service.key(), reports(service)
    with ThreadPoolExecutor(REPEATS) as pool:
        answers = list(pool.map(lambda _: post(port, key, "same", a_report()), range(REPEATS)))
    assert {status for status, _ in answers} == {201}
    assert len({body for _, body in answers}) == 1
    assert len(reports(service)) == len(before) + 1


def test_writers_of_one_task_at_once_are_counted_exactly(two_workers: tuple[Service, int]) -> None:
    service, port = two_workers
    key, before = service.key(), reports(service)
    days = [f"2022-0{month}-{day:02}" for month in (1, 2) for day in range(1, 17)]
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda day: post(port, key, day, a_report(as_of=day)), days))
    assert [status for status, _ in answers] == [201] * len(days)
    ordinals = [int(row["id"].rpartition("-r")[2]) for row in reports(service)]
    assert sorted(ordinals) == list(range(1, len(before) + len(days) + 1))


def test_what_was_acknowledged_outlives_a_kill_and_nothing_is_half_done(service: Service) -> None:
    key, chance = service.key(), random.Random(5)  # noqa: S311 - the same each time
    # With its day: the id of a report that was lost would be given to a later one.
    identity = itemgetter("id", "as_of")
    acknowledged: list[tuple[str, str]] = []
    for round_ in range(ROUNDS):
        with serving(service.url, "--workers", "2") as (port, process):
            stop = threading.Event()

            def write(writer: int, round_: int = round_, port: int = port) -> None:
                for number in range(MOST_WRITES):
                    nth = (round_ * WRITERS + writer) * MOST_WRITES + number
                    day = (date(2022, 6, 30) - timedelta(days=nth)).isoformat()
                    try:
                        status, body = post(port, key, day, a_report(as_of=day))
                    except (OSError, http.client.HTTPException):
                        return
                    if status == 201:
                        acknowledged.append(identity(json.loads(body)))
                    if stop.is_set():  # noqa: B023 - joined before the next round
                        return

            writers = [threading.Thread(target=write, args=(one,)) for one in range(WRITERS)]
            for one in writers:
                one.start()
            least, until = len(acknowledged) + chance.randint(1, 40), time.monotonic() + 60
            while len(acknowledged) < least and time.monotonic() < until:
                time.sleep(0.01)
            assert process.pid
            for one_of_them in (*children(process.pid), process.pid):
                os.kill(one_of_them, signal.SIGKILL)
            stop.set()
            for one in writers:
                one.join()
    with service.client:
        stored = reports(service)
        told = list(service.rows("/v1/changes?limit=1000&after=190"))
    assert acknowledged
    assert set(acknowledged) <= {identity(row) for row in stored}
    with service.session() as session:
        assert list(faults(session, {})) == []  # each fact has its line, and each line its fact
    assert [change["seq"] for change in told] == list(range(191, 191 + len(told)))
    assert {c["id"] for c in told if c["resource"] == "report"} == {row["id"] for row in stored}
