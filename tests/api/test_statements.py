"""A list costs a fixed number of SQL statements, however long it is."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from app.db.engine import open_reading
from tests.support.statements import selects


@pytest.mark.parametrize(
    ("query", "most"),
    [
        ("", 1),  # a list that ends on its first page needs no counting
        ("limit=10", 2),
        ("id=x&id=gd-dg-2022-t1", 2),
        ("agency=公安厅", 2),
        ("agency=公安厅&limit=1", 3),
        (
            "agency=公安厅&plan=gd-dg-2022&section=gd-dg-2022-s3&place=广州&platform=粤盾&id=x"
            + "&parent=gd-dg-2022-t10&role=lead&leaf=true&id=gd-dg-2022-t1",
            3,
        ),
    ],
)
def test_a_list_of_tasks(
    uncached: TestClient, statements: list[str], query: str, most: int
) -> None:
    statements.clear()
    assert uncached.get(f"/v1/tasks?{query}").status_code == 200
    assert selects(statements) == most, statements


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("tasks/section", 2),
        ("tasks/agency", 2),
        ("tasks/agency?agency=公安厅&role=lead&place=广州&platform=粤盾&id=x", 3),
        ("targets/agency?agency=公安厅&unit=项", 3),
    ],
)
def test_a_facet(uncached: TestClient, statements: list[str], path: str, number: int) -> None:
    statements.clear()
    assert uncached.get(f"/v1/facets/{path}").status_code == 200
    assert selects(statements) == number, statements


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("deadlines.ics", 2),
        ("deadlines.ics?plan=gd-dg-2022&agency=公安厅&role=lead&section=gd-dg-2022-s2", 3),
        ("deadlines.ics?plan=gd-dg-2022&agency=公安厅&q=数据&kind=coverage", 3),
        ("agencies/gd-energy/deadlines.ics?section=gd-dg-2022-s2", 4),
    ],
)
def test_a_calendar(uncached: TestClient, statements: list[str], path: str, number: int) -> None:
    statements.clear()
    assert uncached.get(f"/v1/{path}").status_code == 200
    assert selects(statements) == number, statements


@pytest.mark.parametrize("query", ["", "limit=1", "limit=1000", "before=50&lang=zh-Hant"])
def test_the_feed_for_readers(uncached: TestClient, statements: list[str], query: str) -> None:
    statements.clear()
    assert uncached.get(f"/v1/changes.atom?{query}").status_code == 200
    assert selects(statements) == 3, statements


def test_one_task_is_one_statement(uncached: TestClient, statements: list[str]) -> None:
    statements.clear()
    assert uncached.get("/v1/tasks/gd-dg-2022-t1").status_code == 200
    assert selects(statements) == 1


def test_what_is_kept_costs_one_look_at_the_version(
    client: TestClient, statements: list[str]
) -> None:
    client.get("/v1/tasks?limit=3")
    statements.clear()
    assert client.get("/v1/tasks?limit=3").status_code == 200
    assert selects(statements) == 0


def test_a_connection_of_the_service_cannot_write(database_url: str) -> None:
    async def write() -> None:
        database = open_reading(database_url, pool_size=1)
        try:
            async with database.reading() as reader:
                await reader.execute(text("UPDATE task SET title = ''"))
        finally:
            await database.close()

    with pytest.raises(DBAPIError, match=r"read-?only"):
        asyncio.run(write())
