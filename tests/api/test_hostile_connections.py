"""Connections that take what others need, against the service as it runs for real."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db.engine import open_engine
from app.db.models import Task
from tests.support.databases import Databases
from tests.support.raw_connection import connected
from tests.support.serving import get, serving

LISTS = ("plans", "sections", "tasks", "agencies", "targets", "platforms", "reports",
         "measurements", "milestones", "assessments", "bulletins")  # fmt: skip
MORE_THAN_BUFFERS = 12_000_000  # bytes; Linux holds at most 4 MB for a connection


@pytest.fixture(scope="module")
def service(on_sqlite: Databases) -> Iterator[tuple[int, int]]:
    """A service that may have 1,024 files open: its port, its process."""
    with on_sqlite.loaded() as url, serving(url, files=1024) as (port, process):
        assert process.pid
        yield port, process.pid


@pytest.fixture
def port(service: tuple[int, int]) -> int:
    return service[0]


def test_more_half_heads_than_files_shut_nobody_out(port: int) -> None:
    with ExitStack() as stack:
        for number in range(1100):
            half = stack.enter_context(connected(port))
            half.send(b"GET /v1/tasks HTTP/1.1\r\nHost: x\r\n")
            if number % 100 == 99:
                assert get(port, "/v1/tasks?limit=1")[0] == 200


def resident(process: int) -> int:
    """Bytes of memory that a process has."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


@pytest.mark.parametrize("part", [b"X: a\r\n", b"a"], ids=["headers", "one value"])
def test_an_endless_head_takes_no_memory(service: tuple[int, int], part: bytes) -> None:
    port, process = service
    get(port, "/v1/tasks?limit=1")
    before = resident(process)
    for _ in range(3):
        with connected(port) as line, suppress(OSError):
            line.send(b"GET /v1/tasks HTTP/1.1\r\nHost: x\r\nX: ")
            for _ in range(100):
                line.socket.sendall(part * (1_000_000 // len(part)))
    assert resident(process) - before < 20_000_000
    with connected(port) as line:
        line.send(b"GET /v1/tasks HTTP/1.1\r\nHost: x\r\nX: " + part * 100_000)
        assert line.receive().status == 431


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("format_", ["csv", "ndjson", "xlsx", "json"])
def test_http_1_0_gets_every_list_without_chunks(port: int, name: str, format_: str) -> None:
    path = f"/v1/{name}?format={format_}".encode()
    bodies = []
    for version in (b"1.0", b"1.1"):
        with connected(port) as line:
            line.send(b"GET %b HTTP/%b\r\nHost: x\r\nConnection: close\r\n\r\n" % (path, version))
            response = line.receive()
            assert response.status == 200
            assert line.is_ended()
            bodies.append(response.body)
            if version == b"1.0":
                assert "transfer-encoding" not in response.headers
    assert len(bodies[0]) == len(bodies[1])
    assert bodies[0] == bodies[1] or format_ == "xlsx"  # which has the time of its making


@pytest.fixture(scope="module")
def many_rows(databases: Databases) -> Iterator[tuple[str, int]]:
    """A database with more tasks than the buffers between a server and its client hold, served."""
    columns = [column.name for column in Task.__table__.columns]
    made = {
        "id": "id || :copy",
        "code": "code || :copy",
        "document": """replace(document, '"title":"', :longer)""",
    }
    copy = (
        f"INSERT INTO task ({', '.join(columns)})"  # noqa: S608
        f" SELECT {', '.join(made.get(one, one) for one in columns)} FROM task"
        " WHERE id NOT LIKE '%copy%'"
    )
    longer = '"title":"' + "x" * 10_000
    copies = [{"copy": f"-copy{number}", "longer": longer} for number in range(15)]
    with databases.loaded() as url:
        engine = open_engine(url)
        with engine.begin() as connection:
            connection.execute(text(copy), copies)
            size = connection.scalar(text("SELECT sum(length(document)) FROM task"))
        assert size > MORE_THAN_BUFFERS
        engine.dispose()
        with serving(url) as (port, _):
            yield url, port


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Ask again and again; fails when the time is over."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.2)


def in_transaction(url: str) -> int:
    """Sessions of PostgreSQL that hold a snapshot without doing anything."""
    if url.startswith("sqlite"):
        return 0
    engine = open_engine(url)
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' "
                "AND datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).scalar_one()
    engine.dispose()
    return int(found)


def test_who_asks_for_an_export_and_never_reads_gives_its_place_back(
    many_rows: tuple[str, int],
) -> None:
    url, port = many_rows

    def statuses() -> set[int]:
        return {get(port, f"/v1/bulletins?format={one}")[0] for one in ("csv", "ndjson", "xlsx")}

    assert statuses() == {200}
    with ExitStack() as stack:
        for format_ in (b"csv", b"ndjson"):
            line = stack.enter_context(connected(port, receive_buffer=4096))
            line.send(b"GET /v1/tasks?format=%b HTTP/1.1\r\nHost: x\r\n\r\n" % format_)
            assert line.file.read(12) == b"HTTP/1.1 200"
        assert statuses() == {503}
        wait_until(lambda: statuses() == {200}, 20)
        wait_until(lambda: in_transaction(url) == 0, 20)
