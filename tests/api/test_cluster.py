"""A URL that names the machines of a cluster, of which one is the primary; `make chaos` has a real one."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url, select, text

from app.db import postgresql
from app.db.compiled import Read, each_of, in_one_trip
from app.db.engine import OnPostgreSQL, open_writing
from app.db.models import Revision
from app.db.postgresql import WritingConnection
from tests.support.databases import Databases
from tests.support.practice import REPORTS, a_report, practising
from tests.support.relay import two_hosts
from tests.support.serving import until


@contextmanager
def another_machine(url: str, *, silent: bool) -> Iterator[str]:
    """The URL with another machine before it, which is away, or lets everyone wait."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if silent:
            listener.listen()
        host = make_url(url).query["host"]
        port = listener.getsockname()[1]
        query = {
            "host": f"127.0.0.1,{host}",
            "port": f"{port},5432",
            "target_session_attrs": "read-write",
        }
        yield make_url(url).set(query=query).render_as_string(hide_password=False)


@pytest.mark.parametrize("silent", [False, True], ids=["away", "silent"])
def test_a_machine_of_the_cluster_that_is_away_or_silent_costs_no_read(
    on_postgresql: Databases, silent: bool
) -> None:
    with (
        on_postgresql.loaded() as url,
        another_machine(url, silent=silent) as both,
        practising(both) as service,
    ):
        for path in ("/readyz", "/v1/tasks?limit=1", "/v1/tasks?limit=2"):
            response = service.client.get(path)
            assert response.status_code == 200, response.text


@pytest.mark.parametrize("silent", [False, True], ids=["away", "silent"])
def test_the_machine_that_can_be_written_is_written(
    on_postgresql: Databases, silent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without waiting for the one before it, which would take a minute."""
    monkeypatch.setitem(postgresql.CONNECT, "connect_timeout", 60)
    with (
        on_postgresql.loaded() as url,
        another_machine(url, silent=silent) as both,
        practising(both) as service,
    ):
        assert service.post(REPORTS, a_report()).status_code == 201


def test_a_host_that_falls_silent_ends_no_request_if_another_responds(
    on_postgresql: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections that are open lead to it: they are replaced before a request gives up."""
    monkeypatch.setattr(postgresql, "LONGEST_WRITE", 1)
    with (
        on_postgresql.loaded() as url,
        two_hosts(url) as (both, first),
        practising(both) as service,
    ):
        assert service.client.get("/v1/tasks?limit=1").status_code == 200
        assert service.post(REPORTS, a_report()).status_code == 201
        first.silent = True
        assert service.client.get("/v1/tasks?limit=2").status_code == 200
        assert service.post(REPORTS, a_report(as_of="2022-06-29")).status_code == 201


def test_what_was_connected_before_a_silence_is_not_used_after_it(on_postgresql: Databases) -> None:
    """It may lead to a machine that is still silent, whose place another one has taken."""

    async def replaced() -> list[bool]:
        database = OnPostgreSQL(make_url(url).set(drivername="postgresql+psycopg"), 1, None)
        own = postgresql.OwnConnection(database.heartbeat, 5)
        seen = []
        for _ in range(2):
            async with database.reading() as reader:
                pooled = (await reader.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            seen.append((pooled, (await own.rows("SELECT pg_backend_pid()"))[0][0]))
            database.heartbeat.silences += 1
        await own.close()
        await database.close()
        return [before != after for before, after in zip(*seen, strict=True)]

    with on_postgresql.with_tables() as url:
        assert asyncio.run(replaced()) == [True, True]


def test_a_writer_that_is_cut_off_does_not_hold_its_lock_for_long(on_postgresql: Databases) -> None:
    with on_postgresql.with_tables() as url:
        engine = open_writing(url)
        with engine.connect() as connection:
            limit = connection.scalar(text("SHOW idle_in_transaction_session_timeout"))
        engine.dispose()
        assert limit == "3s"


@pytest.mark.parametrize("sends", ["statements", "reads"])
def test_the_server_ends_a_writer_that_falls_silent_after_several_statements_at_once(
    on_postgresql: Databases, sends: str
) -> None:
    """As it does one that falls silent after a single one; what follows a Sync keeps it from that."""
    with on_postgresql.with_tables() as url, psycopg.connect(url, autocommit=True) as other:
        engine = open_writing(url)
        connection = engine.connect()
        connection.execute(text("SET idle_in_transaction_session_timeout = 100"))
        driver: Any = connection.connection.driver_connection
        if sends == "statements":
            with in_one_trip(connection):
                driver.execute("SELECT 1")
        else:
            columns = (Revision.number, Revision.epoch)
            each_of(connection, {Read(select(column)): [{}] for column in columns})
        lives = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
        pid = [driver.info.backend_pid]
        until(lambda: other.execute(lives, pid).fetchone() == (0,), 30, "ended by the server")
        connection.invalidate()
        connection.close()
        engine.dispose()


def test_a_commit_that_did_not_reach_the_standby_raises(on_postgresql: Databases) -> None:
    """As when somebody cancels its wait: the server then warns, and says that it is committed."""
    with on_postgresql.with_tables() as url, WritingConnection.connect(url) as connection:
        connection.execute(
            "CREATE FUNCTION pg_temp.warn() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE WARNING 'canceling wait'; RETURN NULL; END $$"
        )
        connection.execute("CREATE TEMP TABLE one (id int)")
        connection.execute(
            "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON one INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION pg_temp.warn()"
        )
        connection.commit()
        connection.execute("INSERT INTO one VALUES (1)")
        with pytest.raises(psycopg.OperationalError, match="canceling wait"):
            connection.commit()
        connection.execute("SELECT 1")
        connection.commit()
