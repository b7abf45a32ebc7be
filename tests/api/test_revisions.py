"""What readers compare never goes back, and a date tells versions apart, whatever clocks say."""

import asyncio
import random
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text
from starlette.types import Receive, Scope, Send

from app.db.engine import Reader, lock_writers, open_engine, open_reading
from app.db.models import Revision, Webhook
from app.projections.change_feed import not_before
from app.reading.listing import Totals, count, count_statement
from app.resources.reports.queries import REPORTS as LISTED
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support import ROOT
from tests.support.cache import cache_of
from tests.support.notices import corrected
from tests.support.practice import LEAD, NOW, Service, a_report, practising

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
STEPS = [-DAY, -HOUR, -SECOND, 0 * SECOND, SECOND / 3, SECOND, HOUR, DAY]  # of a clock
OTHER = "/v1/tasks/gd-dg-2022-t15.4/reports"  # of a task that LEAD is not assigned to
DAILY = ["/v1/monitoring?plan=gd-dg-2022", "/v1/tasks?overdue=true",
         "/v1/targets?overdue=false&format=csv"]  # fmt: skip
PATHS = ["/v1", "/v1/reports", "/v1/tasks?limit=2", "/v1/tasks?format=csv", *DAILY,
         "/v1/audit/checkpoints"]  # fmt: skip


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


def reported(service: Service, nth: int) -> dict[str, Any]:
    """The nth report, each as of a day of its own."""
    answer = service.report(as_of=(date(2022, 1, 1) + timedelta(days=nth)).isoformat())
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def changed_at(service: Service) -> datetime:
    return datetime.fromisoformat(service.json("/v1")["changed_at"])


def since(service: Service, path: str, said: str) -> int:
    """The status where a client says what it was told the last time."""
    status: int = service.client.get(path, headers={"If-Modified-Since": said}).status_code
    return status


def test_writers_read_the_clock_when_they_hold_the_lock(service: Service) -> None:
    service.key()
    engine = open_engine(service.url)
    answers: list[dict[str, Any]] = []
    with engine.begin() as connection:
        lock_writers(connection)
        waiting = threading.Thread(target=lambda: answers.append(reported(service, 1)))
        waiting.start()
        waiting.join(0.3)
        service.now = NOW + HOUR
    waiting.join()
    engine.dispose()
    assert datetime.fromisoformat(answers[0]["recorded_at"]) == NOW + HOUR
    assert changed_at(service) == NOW + HOUR


def test_loading_reads_the_clock_when_it_holds_the_lock(
    service: Service, registry: Registry, notice: ReadNotice, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []

    def lock(connection: Any) -> None:
        held.append(datetime.now().astimezone())
        lock_writers(connection)

    monkeypatch.setattr("seed.load.lock_writers", lock)
    engine = open_engine(service.url)
    load(engine, registry, [corrected(notice, title="另一标题")])
    engine.dispose()
    assert changed_at(service) >= held[0]


def test_a_clock_that_is_stepped_back_takes_nothing_back(
    service: Service, registry: Registry, notice: ReadNotice
) -> None:
    moments = [changed_at(service)]
    reported(service, 0)
    moments.append(changed_at(service))
    service.now -= HOUR
    reported(service, 1)
    moments.append(changed_at(service))
    engine = open_engine(service.url)
    load(engine, registry, [corrected(notice, title="另一标题")], NOW - HOUR)
    engine.dispose()
    moments.append(changed_at(service))
    assert moments == sorted(set(moments))
    for last, resource in ((moments[1], "reports"), (moments[2], "plans")):
        exactly = last.isoformat(timespec="microseconds").replace("+00:00", "Z")
        rows = service.json(f"/v1/{resource}?changed_since={exactly}")["data"]
        assert len(rows) == (2 if resource == "reports" else 1)  # what came after it is there
    told = service.json("/v1/changes?after=190&limit=1000")["data"]
    at = [datetime.fromisoformat(one["at"]) for one in told]
    assert at == sorted(at)


def test_deliveries_are_due_at_once_though_the_clock_was_stepped_back(service: Service) -> None:
    assert service.subscribe().status_code == 201
    reported(service, 0)
    service.now -= HOUR
    deliverer = service.app.state.deliverer
    with service.session() as session:
        webhook = session.get_one(Webhook, "webhook-1")
        moment = not_before(session.scalar(select(Revision.changed_at)), service.now)
        claims = deliverer._claim(session, [webhook.id], moment)
    assert len(claims) == 1
    stamp = int(claims[0].message.headers["webhook-timestamp"])
    assert stamp == service.now.timestamp()  # receivers refuse what is not of their time


def test_two_changes_within_a_second_are_two_versions(service: Service) -> None:
    for nth, path in enumerate(PATHS):
        reported(service, 2 * nth)
        said = service.client.get(path).headers["last-modified"]
        reported(service, 2 * nth + 1)
        assert since(service, path, said) == 200, path
        service.now += 60 * SECOND
        quiet = service.client.get(path).headers["last-modified"]
        assert since(service, path, quiet) == 304, path


@pytest.mark.parametrize("path", [*DAILY, "/v1/audit/checkpoints"])
def test_a_date_is_no_validator_of_what_changed_after_the_data(service: Service, path: str) -> None:
    reported(service, 1)
    service.now += 60 * SECOND
    said = service.client.get(path).headers["last-modified"]
    assert since(service, path, said) == 304
    if path in DAILY:
        service.now += DAY
    else:  # a refused attempt has a line
        assert service.post("/v1/bulletins", {}).status_code == 403
    for dated in (said, service.client.get(path).headers["last-modified"]):
        assert since(service, path, dated) == 200


def test_no_date_is_later_than_the_response(service: Service) -> None:
    for nth in range(5):
        reported(service, nth)
    service.now -= HOUR
    for path in PATHS:
        said = service.client.get(path).headers["last-modified"]
        assert said == f"{service.now:%a, %d %b %Y %H:%M:%S} GMT", path


def test_a_date_never_hides_a_change_whatever_the_clocks_of_two_workers_say(
    loaded_url: str,
) -> None:
    """A walk of writes and reads; dates that were sent are given back after each write."""
    chance = random.Random(14)  # noqa: S311 - the same each time
    sent: dict[tuple[str, str], set[bytes]] = {}
    hits = 0
    with practising(loaded_url) as one, practising(loaded_url) as two:
        one.keys = two.keys
        for nth in range(40):
            for worker in (one, two):
                worker.now += chance.choice(STEPS)
            reported(chance.choice([one, two]), nth)
            for worker in chance.sample([one, two], chance.choice([0, 0, 1])):
                assert worker.post("/v1/bulletins", {}).status_code == 403
            for path in chance.sample(PATHS, 3):
                for worker in chance.sample([one, two], 2):
                    answer = worker.client.get(path)
                    bodies = sent.setdefault((path, answer.headers["last-modified"]), set())
                    bodies.add(answer.content)
            for (path, said), bodies in list(sent.items())[-12:]:
                worker = chance.choice([one, two])
                if since(worker, path, said) == 304:
                    assert bodies == {worker.client.get(path).content}, (nth, path, said)
                    hits += 1
    assert hits > 10


class Paused:
    """A reader whose second statement waits: the first asks for the version, the second counts."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.home, self.asked = reader, reader.home, 0
        self.counts, self.go = asyncio.Event(), asyncio.Event()

    async def execute(self, statement: Any, values: Any = None) -> Any:
        self.asked += 1
        if self.asked == 2:
            self.counts.set()
            await self.go.wait()
        return await self.reader.execute(statement, values)


def test_a_total_of_an_older_snapshot_is_not_that_of_a_newer_version(service: Service) -> None:
    counted = count_statement(LISTED, frozenset())

    async def interleaved() -> list[int]:
        database, totals = open_reading(service.url, pool_size=4), Totals()
        async with database.reading() as reader:
            paused = Paused(reader)
            older = asyncio.create_task(totals.of(paused, b"", lambda: count(paused, counted, {})))
            await paused.counts.wait()
            await asyncio.to_thread(reported, service, 1)
            async with database.reading() as another:
                newer = await totals.of(
                    another, b"other filters", lambda: count(another, counted, {})
                )
            paused.go.set()
            found = [await older, newer]
        async with database.reading() as reader:
            found.append(await totals.of(reader, b"", lambda: count(reader, counted, {})))
        await database.close()
        return found

    reported(service, 0)
    assert asyncio.run(interleaved()) == [1, 2, 2]


def test_a_refused_attempt_leaves_cached_what_it_does_not_change(service: Service) -> None:
    service.key()
    made: list[str] = []
    cache = cache_of(service.app.middleware_stack)
    inner = cache.app

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        made.append(f"{scope['method']} {scope['path']}")
        await inner(scope, receive, send)

    cache.app = counting
    cached = [path for path in PATHS if "csv" not in path and "checkpoints" not in path]
    etags = [service.client.get(path).headers["etag"] for path in cached]
    before = service.client.get("/v1/audit/checkpoints")
    made.clear()
    assert service.post(OTHER, a_report(), agency=LEAD).status_code == 403
    assert [service.client.get(path).headers["etag"] for path in cached] == etags
    assert made == [f"POST {OTHER}"]
    condition = {"If-None-Match": before.headers["etag"]}
    after = service.client.get("/v1/audit/checkpoints", headers=condition)
    assert after.status_code == 200
    assert len(after.json()["data"]) == len(before.json()["data"]) + 1
    condition = {"If-None-Match": after.headers["etag"]}
    assert service.client.get("/v1/audit/checkpoints", headers=condition).status_code == 304


def test_a_revision_of_before_the_migration_gets_a_second_that_was_never_sent(
    empty_url: str,
) -> None:
    engine, config = open_engine(empty_url), Config(toml_file=ROOT / "pyproject.toml")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0015")
        at = "2026-01-02 03:04:05.600000+00:00"
        old = "UPDATE revision SET number = 7, changed_at = :at"
        connection.execute(text(old), {"at": at})
        command.upgrade(config, "head")
        dated = connection.execute(select(Revision.dated)).scalar_one()
    engine.dispose()
    assert dated == datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)
