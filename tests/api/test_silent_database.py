"""A PostgreSQL that is stopped says nothing, not even no: whatever waits for it has an end.

The bounds of time are what docs/settings.md promises.
"""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from httpx2 import Response

from app.db import engine
from tests.support.databases import fill
from tests.support.postgresql import Server, running, stopped
from tests.support.practice import LEAD, REPORTS, Service, a_report, practising
from tests.support.serving import get, serving

READ, READY, WRITE, BACK, END = 3, 2, 10, 2, 10  # seconds
AT_ONCE = 20  # more than the pool has connections


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A server that nobody else uses, with the notice loaded."""
    with running() as server:
        fill(server.url)
        yield server


def timed(send: Callable[[], Response]) -> tuple[int, float]:
    began = time.monotonic()
    answer = send()
    if answer.status_code == 503:
        assert answer.headers["retry-after"]
    return answer.status_code, time.monotonic() - began


def writing(service: Service, name: str, **changes: str) -> Callable[[], Response]:
    key = {"Authorization": f"Bearer {service.key('reporter', LEAD)}", "Idempotency-Key": name}
    return lambda: service.client.post(REPORTS, json=a_report(**changes), headers=key)


def test_what_a_silent_server_holds_up_is_503_in_time_and_all_is_back_at_once(own: Server) -> None:
    with practising(own.url) as service, ThreadPoolExecutor(AT_ONCE) as threads:
        write = writing(service, "frozen")
        again = service.client.get

        def read(number: int) -> tuple[int, float]:
            return timed(lambda: again(f"/v1/tasks?limit={number % 50 + 1}"))

        assert {status for status, _ in threads.map(read, range(AT_ONCE))} == {200}
        service.post(REPORTS, {})  # which opens the writer's connection
        with stopped(own):
            written = threads.submit(timed, write)
            for _ in range(3):
                reads = list(threads.map(read, range(AT_ONCE - 2)))
                assert {status for status, _ in reads} == {503}
                assert max(seconds for _, seconds in reads) < READ
                status, seconds = timed(lambda: again("/readyz"))
                assert status == 503
                assert seconds < READY
                status, seconds = timed(write)
                assert status == 503
                assert seconds < WRITE
                assert again("/livez").status_code == 200
            status, seconds = written.result()
            assert status == 503
            assert seconds < WRITE
        until = time.monotonic() + BACK
        while again("/readyz").status_code != 200 or write().status_code != 201:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert {status for status, _ in threads.map(read, range(AT_ONCE))} == {200}
        assert len(service.json("/v1/reports")["data"]) == 1


def test_a_silence_longer_than_every_limit_is_503_and_all_is_back_at_once(
    own: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the server's own limits, which have run out when it goes on."""
    limit = 1.0
    monkeypatch.setattr("app.db.postgresql.LONGEST_READ", limit)
    monkeypatch.setattr("app.db.postgresql.LONGEST_WRITE", limit)
    for options in ("READ_ONLY", "WRITING"):
        given = getattr(engine, options)
        short = re.sub(r"(_timeout)=\d+", rf"\1={limit * 1000:.0f}", given)
        assert short != given
        monkeypatch.setattr(engine, options, short)
    with practising(own.url) as service, ThreadPoolExecutor(AT_ONCE) as threads:
        write, again = writing(service, "long", as_of="2022-05-31"), service.client.get

        def read(number: int) -> int:
            return timed(lambda: again(f"/v1/tasks?limit={number + 1}"))[0]

        assert {*threads.map(read, range(AT_ONCE))} == {200}
        service.post(REPORTS, {})
        with stopped(own):
            until = time.monotonic() + 4 * limit
            while time.monotonic() < until:
                asked = [threads.submit(read, number) for number in range(AT_ONCE - 1)]
                assert timed(write)[0] == 503
                assert {one.result() for one in asked} == {503}
        until = time.monotonic() + 30
        while again("/readyz").status_code != 200 or write().status_code != 201:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert {*threads.map(read, range(AT_ONCE))} == {200}


def test_a_service_ends_in_time_though_the_server_is_silent(own: Server) -> None:
    with (
        serving(own.url, "--workers", "2") as (port, process),
        ThreadPoolExecutor(AT_ONCE) as threads,
        stopped(own),
    ):
        for number in range(AT_ONCE):
            threads.submit(get, port, f"/v1/tasks?limit={number + 1}")
        time.sleep(0.2)  # these are in flight now, or will find nobody
        began = time.monotonic()
        process.terminate()
        process.join(timeout=2 * END)
        assert process.exitcode == 0
        assert time.monotonic() - began < END
