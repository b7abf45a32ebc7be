"""The service as processes, as it runs for real: workers, writers beside them, and its end."""

import gc
import http.client
import itertools
import os
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack

import pytest
from sqlalchemy import text

from app import main
from app.db.engine import open_engine
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support import ROOT
from tests.support.databases import Databases
from tests.support.serving import get, serving

PAIRS = int(os.environ.get("PAIRS", "100"))  # of a write and the read after it


def test_two_workers_answer_and_end_when_told(database_url: str) -> None:
    with serving(database_url, "--workers", "2") as (port, process):
        assert_all_are_counted(port)
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall("GET /v1/tasks?agency=公安厅 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            refused = line.recv(10_000)
            assert b"application/problem+json" in refused
            request_id = re.search(rb"\r\nx-request-id: (\w+)\r\n", refused)
            assert request_id
            assert b'"request_id": "%b"' % request_id[1] in refused
        process.terminate()
        process.join(timeout=20)
        assert process.exitcode == 0


def assert_all_are_counted(port: int) -> None:
    """Requests get responses, and metrics count them by both workers, whichever is asked."""
    assert [get(port, "/v1/tasks?limit=1")[0] for _ in range(20)] == [200] * 20
    until = time.monotonic() + 10
    while (counted := requests_counted(port)) != 20 and time.monotonic() < until:
        time.sleep(0.1)
    assert counted == 20


def requests_counted(port: int) -> float:
    """How many requests for tasks the metrics name, over all workers."""
    metrics = get(port, "/metrics")[1].decode()
    counts = re.findall(r'(?m)^\w+_seconds_count\{.*route="/v1/tasks".*\} (\S+)$', metrics)
    return sum(map(float, counts))


def test_who_starts_workers_imports_nothing_of_the_service() -> None:
    program = (
        "import sys, uvicorn\n"
        "uvicorn.run = lambda app, **_: print(app)\n"
        "from app.__main__ import main\n"
        "main(['serve', '--workers', '2'])\n"
        "print(*sorted({'app.main', 'app.cli', 'sqlalchemy', 'alembic'} & set(sys.modules)))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert told.split() == ["app.main:create_worker"]


def test_what_a_worker_consists_of_is_left_out_of_the_search_for_cycles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    monkeypatch.setattr(main, "create_app", lambda: done.append("create_app"))
    for step in ("collect", "freeze"):
        monkeypatch.setattr(gc, step, lambda step=step: done.append(step))
    main.create_worker()
    assert done == ["create_app", "collect", "freeze"]


def test_workers_end_when_who_started_them_was_killed(on_sqlite: Databases) -> None:
    with (
        on_sqlite.loaded() as url,
        # Spawned, as by who serves for real: they import the service themselves.
        serving(url, "--workers", "2", spawned=True) as (port, process),
    ):
        assert_all_are_counted(port)
        process.kill()
        process.join()
        for _ in range(150):
            try:
                get(port, "/livez")
            except OSError:
                break
            time.sleep(0.1)
        else:
            pytest.fail("workers live on")


def test_an_acknowledged_write_is_seen_by_the_next_read_on_every_worker(
    loaded_url: str, registry: Registry, notice: ReadNotice
) -> None:
    engine = open_engine(loaded_url)
    stop = threading.Event()

    def ask_all_the_time(port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        while not stop.is_set():
            connection.request("GET", "/v1/tasks/gd-dg-2022-t1")
            connection.getresponse().read()
            stop.wait(0.002)
        connection.close()

    stale = []
    with ExitStack() as stack:
        ports = [stack.enter_context(serving(loaded_url))[0] for _ in range(2)]
        others = [threading.Thread(target=ask_all_the_time, args=(port,)) for port in ports]
        readers = [http.client.HTTPConnection("127.0.0.1", port, timeout=10) for port in ports]
        for other in others:
            other.start()
        try:
            for pair, reader in zip(range(PAIRS), itertools.cycle(readers), strict=False):
                written = f'{{"pair":{pair}}}'
                with engine.begin() as connection:
                    change = "UPDATE task SET document = :d WHERE id = 'gd-dg-2022-t1'"
                    connection.execute(text(change), {"d": written})
                    connection.execute(text("UPDATE revision SET number = number + 1"))
                reader.request("GET", "/v1/tasks/gd-dg-2022-t1")
                if reader.getresponse().read().decode() != written:
                    stale.append(pair)
        finally:
            stop.set()
            for other in others:
                other.join()
            for reader in readers:
                reader.close()
    engine.dispose()
    assert stale == []
