"""Keys are looked up by one statement each, as they are stored now, beside the pool of reads."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.exc import DatabaseError, OperationalError

from app.db.engine import ReadingDatabase, open_reading
from app.db.lookup import Lookup, open_lookup
from app.db.models import ApiKey
from tests.support.databases import Databases
from tests.support.practice import Service, practising

END_LOOKUPS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
    "AND datname = current_database() AND query LIKE '%api_key.id = ANY%'"
)
Work = Callable[[ReadingDatabase, Any], Coroutine[Any, Any, Any]]


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        alive.key("coordinator")
        yield alive


def looking_up(url: str, work: Work) -> Any:
    async def run() -> Any:
        database = open_reading(url, pool_size=1)
        keys = open_lookup(database, ApiKey.__table__)
        try:
            return await work(database, keys)
        finally:
            await keys.close()
            await database.close()

    return asyncio.run(run())


def stored(service: Service) -> list[dict[str, Any]]:
    with service.session() as session:
        rows = session.connection().execute(select(*ApiKey.__table__.columns))
        return [row._asdict() for row in rows]


def test_a_row_has_the_values_that_a_statement_of_a_session_returns(service: Service) -> None:
    async def rows(_: ReadingDatabase, keys: Lookup) -> Any:
        return [await keys.row(one["id"]) for one in stored(service)], await keys.row("")

    found, none = looking_up(service.url, rows)
    assert [one._asdict() for one in found] == stored(service) != []
    assert none is None


def test_a_lookup_waits_for_no_connection_of_the_pool(service: Service) -> None:
    async def row(database: ReadingDatabase, keys: Lookup) -> Any:
        async with database.reading(), asyncio.timeout(2):  # which is all that the pool has
            return await keys.row(stored(service)[0]["id"])

    assert looking_up(service.url, row)._asdict() == stored(service)[0]


def test_lookups_that_wait_share_a_statement(on_postgresql: Databases) -> None:
    async def rows(_: ReadingDatabase, keys: Any) -> tuple[list[Any], list[Any]]:
        read, statements = keys.connection.rows, []

        async def counted(statement: str, values: Any) -> Any:
            statements.append(values)
            return await read(statement, values)

        keys.connection.rows = counted
        first = asyncio.create_task(keys.row(ids[0]))
        while not statements:
            await asyncio.sleep(0)
        rest = await asyncio.gather(*(keys.row(id_) for id_ in [*ids, *ids, "unknown"]))
        return [await first, *rest], statements

    with on_postgresql.loaded() as url, practising(url) as service:
        service.key("coordinator")
        service.key("assessor")
        ids = [one["id"] for one in stored(service)]
        found, statements = looking_up(url, rows)
    assert [one and one.id for one in found] == [ids[0], *ids, *ids, None]
    assert len(ids) > 1
    assert len(statements) == 2  # none of them was served by a statement that had begun before


def test_a_lookup_after_a_restart_of_the_server_opens_another_connection(
    on_postgresql: Databases,
) -> None:
    async def rows(_: ReadingDatabase, keys: Lookup) -> Any:
        await keys.row(id_)
        with service.session() as session:
            assert session.execute(text(END_LOOKUPS)).all() == [(True,)]
        return await keys.row(id_)

    with on_postgresql.loaded() as url, practising(url) as service:
        service.key("coordinator")
        id_ = stored(service)[0]["id"]
        assert looking_up(url, rows).id == id_


@pytest.mark.parametrize("content", [None, b"no database" * 1000])
def test_a_file_that_is_gone_or_damaged_is_an_error_of_the_database(
    on_sqlite: Databases, content: bytes | None
) -> None:
    async def row(_: ReadingDatabase, keys: Lookup) -> Any:
        assert await keys.row("unknown") is None
        path = Path(str(make_url(url).database))
        path.unlink()
        if content:
            path.write_bytes(content)
        with pytest.raises(OperationalError if content is None else DatabaseError):
            await keys.row("unknown")

    with on_sqlite.loaded() as url:
        looking_up(url, row)
