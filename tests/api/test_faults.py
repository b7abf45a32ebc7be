"""Whatever call of the database fails, a write is there whole, or all is as before."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Any
from unittest.mock import patch

import pytest
from httpx2 import Response
from psycopg.types.json import set_json_loads
from sqlalchemy import Connection, Engine, event, func, select, text
from sqlalchemy.exc import OperationalError

from app.db import compiled
from app.db.engine import open_engine, open_reading
from app.db.models import Base
from app.db.postgresql import WritingConnection
from app.writing.audit_verification import BY_TABLE, faults
from tests.support.databases import Databases
from tests.support.operations import CASES, FOREIGN, path_of
from tests.support.practice import LEAD, Service, numbers, practising

NOT_DONE, UNHEARD, CUT_OFF = "not done", "done, and the answer is lost", "cut off"
WAYS = {"sqlite": (NOT_DONE, UNHEARD), "postgresql": (NOT_DONE, UNHEARD, CUT_OFF)}
FEWEST_CALLS = {NOT_DONE: 6, UNHEARD: 3, CUT_OFF: 6}
State = dict[str, Sequence[Any]]  # table → its rows
OF_NOTICES = ("correction", "search_gram")  # most rows of all, which only loading writes
ALL = {
    table.name: str(
        select(*(column for column in table.columns if column.name != "last_used_at"))
        .order_by(*table.primary_key)
        .compile()
    )
    for table in Base.metadata.sorted_tables
    if table.name not in OF_NOTICES
}

# What any commit of others changes, of each table where that is known.  A row that PostgreSQL writes has
# the number of its transaction, which is larger than any before: no other rows have both the same count
# and the same sum.
VERSION = {
    "sqlite": "PRAGMA data_version",
    "postgresql": " UNION ALL ".join(
        f"SELECT '{name}', count(*), sum(xmin::text::bigint) FROM {name}"  # noqa: S608 - our names
        for name in ALL
    ),
}


class Fault:
    """Lets the k-th call of a database fail; each statement is one, and so are BEGIN and COMMIT.

    Of those whose answer is lost, what only reads is left out: it is as if it were not done.
    """

    def __init__(self, engine: Engine, at: int, how: str) -> None:
        self.dialect, self.at, self.how = engine.dialect, at, how
        self.calls = 0

    @property
    def happened(self) -> bool:
        return self.calls >= self.at

    def call(self, connection: Any, statement: str, do: Callable[[], object]) -> None:
        if self.how == UNHEARD and statement.startswith("SELECT"):
            do()
            return
        self.calls += 1
        if self.calls != self.at or self.how == UNHEARD:
            do()
        if self.calls == self.at:
            if self.how == CUT_OFF:
                connection.close()
            raise self.dialect.loaded_dbapi.OperationalError("试验")


@contextmanager
def failing(engine: Engine, at: int, how: str) -> Iterator[Fault]:
    """The fault stands between SQLAlchemy and the driver, so that it comes as one of the driver's."""
    dialect: Any = engine.dialect
    fault, commit = Fault(engine, at, how), dialect.do_commit

    def in_place_of(do: Callable[..., None]) -> Callable[..., bool]:
        def carry_out(cursor: Any, *rest: Any) -> bool:
            fault.call(cursor.connection, rest[0], lambda: do(cursor, *rest))
            return True

        return carry_out

    names = ("do_execute", "do_executemany", "do_execute_no_params")
    listeners = {name: in_place_of(getattr(dialect, name)) for name in names}
    send = compiled.send

    def send_unless(driver: Any, statement: str, values: Any) -> Any:
        found: list[Any] = []
        fault.call(driver, statement, lambda: found.append(send(driver, statement, values)))
        return found[0]

    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    dialect.do_commit = lambda pooled: fault.call(
        pooled.driver_connection, "COMMIT", lambda: commit(pooled)
    )
    compiled.send = send_unless
    try:
        yield fault
    finally:
        compiled.send = send
        del dialect.do_commit
        for name, listener in listeners.items():
            event.remove(engine, name, listener)


@pytest.fixture(scope="module")
def service(databases: Databases) -> Iterator[Service]:
    with databases.loaded() as url, practising(url) as alive:
        yield alive


class Outside:
    """Reads all that is stored, past the service, and again only what was committed since."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.kind = connection, connection.dialect.name
        self.last: tuple[set[Any], State] = set(), {}

    def state(self) -> State:
        """All that is stored, as the driver gives it, but for when keys were used."""
        version = set(self._fetch(VERSION[self.kind]))
        before, there = self.last
        if changed := version - before:
            some = {row[0] for row in changed} if self.kind == "postgresql" else ALL.keys()
            self.last = version, there | {name: self._fetch(ALL[name]) for name in some}
        return self.last[1]

    def _fetch(self, statement: str) -> Sequence[Any]:
        driver = self.connection.connection
        cursor = driver.cursor()
        cursor.execute(statement)
        found: Sequence[Any] = cursor.fetchall()
        cursor.close()
        driver.commit()  # at a ROLLBACK the driver forgets what it prepared
        return found


@contextmanager
def looking(url: str) -> Iterator[Outside]:
    """Past the service, at the database."""
    engine = open_engine(url)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            set_json_loads(lambda given: given, connection.connection.driver_connection)
        yield Outside(connection)
    engine.dispose()


@pytest.fixture(scope="module")
def outside(service: Service) -> Iterator[Outside]:
    with looking(service.url) as found:
        yield found


def assert_one_write(before: State, now: State, operation: str) -> None:
    """One fact, told of once, under one line of the log and one Idempotency-Key."""
    more = {name: len(now[name]) - len(before[name]) for name in now}
    assert sum(more[name] for name in BY_TABLE) == int(operation != "changeWebhook")
    assert more["audit_line"] == 1
    assert more["idempotent_answer"] == int(CASES[operation].method == "POST")
    assert (more["change"] >= 1) is not operation.endswith("Webhook")  # nobody is told of these


def assert_all_can_be_read(service: Service) -> None:
    for path, item in service.app.openapi()["paths"].items():
        get = item.get("get", {"operationId": "", "security": None})
        if get["operationId"].startswith("list") and get["security"] == [] and "{" not in path:
            assert service.client.get(path).status_code == 200, path


def assert_can_be_read(service: Service, answer: Response) -> None:
    place = answer.headers["content-location"]
    assert service.private(place).status_code == 200, place


def assert_unknown(answer: Response) -> None:
    """503, which says to try again."""
    assert answer.status_code == 503, answer.text
    assert answer.json()["type"] == "/problems/unavailable"
    assert answer.headers["retry-after"]


def request_of(operation: str, service: Service, agency: str = LEAD) -> Callable[[], Response]:
    """A request that fits, the same each time."""
    case = CASES[operation]
    path, body = path_of(case, service), case.body()
    headers = {
        "Authorization": f"Bearer {service.key(case.role, agency)}",
        "Idempotency-Key": f"fault-{next(numbers)}",
        "If-Match": "*",
    }
    return lambda: service.client.request(case.method, path, json=body, headers=headers)


@pytest.mark.parametrize("operation", [name for name, one in CASES.items() if one.method != "GET"])
def test_a_write_is_whole_or_all_is_as_before(
    service: Service, outside: Outside, operation: str
) -> None:
    case, engine = CASES[operation], service.app.state.writer.engine
    for how in WAYS[outside.kind]:
        send = request_of(operation, service)
        before = outside.state()
        whole = None
        for k in count(1):
            with failing(engine, k, how) as fault:
                answer = send()
            if not fault.happened:
                break
            assert_unknown(answer)
            now = outside.state()
            if now != before and whole is None:  # COMMIT was done, and its answer is lost
                assert how == UNHEARD
                assert_one_write(before, now, operation)
                assert_all_can_be_read(service)
                whole = now
            assert now == (whole or before), (how, k)
        assert k > FEWEST_CALLS[how]
        assert (whole is not None) is (how == UNHEARD)
        if whole and case.method == "PATCH":  # without a key, it is done a second time, or refused
            assert answer.status_code == (200 if operation == "changeWebhook" else 409)
        else:
            assert answer.status_code == case.done, answer.text
            assert_one_write(before, outside.state(), operation)
            assert_can_be_read(service, answer)
        with service.session() as session:
            assert list(faults(session, {})) == []
    assert_all_can_be_read(service)


def test_a_refusal_is_told_when_its_line_is_there(service: Service, outside: Outside) -> None:
    send = request_of("createReport", service, agency=FOREIGN)
    engine = service.app.state.writer.engine
    for how in WAYS[outside.kind]:
        before, lines = outside.state(), 0
        for k in count(1):
            with failing(engine, k, how) as fault:
                answer = send()
            now = outside.state()
            new = len(now["audit_line"]) - len(before["audit_line"])
            if not fault.happened:
                break
            assert_unknown(answer)
            lines += new - lines
            assert lines == 0 or how == UNHEARD
            unchanged = now.keys() - {"audit_line", "revision"}
            assert all(now[name] == before[name] for name in unchanged), (how, k)
        assert k >= FEWEST_CALLS[how]
        assert answer.status_code == 403
        assert new == lines + 1
        with service.session() as session:
            assert list(faults(session, {})) == []


def test_a_clock_that_fails_writes_nothing(
    service: Service, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> datetime:
        raise OSError("试验")

    send = request_of("createReport", service)
    before = outside.state()
    with monkeypatch.context() as for_once:
        for_once.setattr(service.app.state.writer, "clock", broken)
        assert send().status_code == 500
    assert outside.state() == before
    assert send().status_code == 201


def test_a_server_that_only_reads_for_a_while_is_503(
    on_postgresql: Databases,
) -> None:
    with on_postgresql.loaded() as url, practising(url) as service, looking(url) as outside:
        send = request_of("createReport", service)
        before = outside.state()
        only_read(outside, "on")
        assert_unknown(send())
        assert outside.state() == before
        only_read(outside, "off")
        assert send().status_code == 201


READ_ONLY_DISK = """
    DO $$ BEGIN
        RAISE insufficient_privilege
        USING MESSAGE = 'could not write to log file "01" at offset 8192, length 8192: Read-only file system';
    END $$
"""


def test_a_postgresql_whose_own_disk_became_read_only_is_503(on_postgresql: Databases) -> None:
    with on_postgresql.loaded() as url, practising(url) as service, looking(url) as outside:
        send = request_of("createReport", service)
        before = outside.state()
        commit = WritingConnection.commit

        def failing_commit(connection: WritingConnection) -> None:
            connection.execute(READ_ONLY_DISK)
            commit(connection)

        with patch.object(WritingConnection, "commit", failing_commit):
            assert_unknown(send())
        assert outside.state() == before
        assert send().status_code == 201


def test_a_read_of_a_file_that_postgresql_may_not_open_is_a_failure_of_the_database(
    on_postgresql: Databases,
) -> None:
    async def read(url: str) -> None:
        database = open_reading(url, pool_size=1)
        try:
            async with database.reading() as reader:
                await reader.execute(text(READ_ONLY_DISK))
        finally:
            await database.close()

    with (
        on_postgresql.empty() as url,
        pytest.raises(OperationalError, match="Read-only file system"),
    ):
        asyncio.run(read(url))


def only_read(outside: Outside, value: str) -> None:
    """What a standby does after a failover, until connections lead to the new primary."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    connection = outside.connection.execution_options(isolation_level="AUTOCOMMIT")
    name = connection.scalar(select(func.current_database()))
    connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = {value}"))
    connection.execute(text(f"{others} AND datname = :name"), {"name": name})
    connection.commit()
