"""Statements past SQLAlchemy store what SQLAlchemy would, and read for several values what each gives."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, insert, select, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from app.db.compiled import MOST_IN_ONE, Read, store
from app.db.engine import open_engine
from app.db.models import Assignment, Task, Webhook
from app.enums import WebhookFormat
from app.resources.measurements.commands import EARLIER as EARLIER_MEASUREMENTS
from app.resources.reports.commands import EARLIER
from app.resources.reports.progress import COUNTS
from app.writing.facts import TASK_AND_ROLES
from tests.support.databases import Databases

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
ADD = insert(Webhook)


def row(number: int, **changes: Any) -> dict[str, Any]:
    """A row with each type of column, null JSON, and text that needs escapes."""
    values: dict[str, Any] = {
        "ordinal": number,
        "url": "https://x.example/\"\\%s%(a)s\u2028é数据\U0001f600'",
        "events": ["report.created", 'a"b\\c%数'],
        "filters": None,
        "jurisdiction_code": None,
        "format": WebhookFormat.STANDARD,
        "secret": None,
        "enabled": True,
        "gone_at": None,
        "created_at": AT,
        "changed_at": AT,
    }
    return {"id": f"webhook-{number}", **values, **changes}


def rows(connection: Connection) -> list[Any]:
    """As the driver gives them, but for what tells the first from the others."""
    every = "SELECT *, filters IS NULL AS is_null FROM webhook ORDER BY ordinal"
    found = connection.exec_driver_sql(every).mappings()
    return [{**one, "id": "", "ordinal": 0} for one in found]


def test_rows_are_those_that_sqlalchemy_stores(tables_url: str) -> None:
    different = {"filters": {"task": ["x", None]}, "enabled": False, "secret": "", "gone_at": AT}
    engine = open_engine(tables_url)
    with engine.begin() as connection:
        connection.execute(ADD, [row(1), row(2, **different)])
        store(connection, ADD, [row(3), row(4, **different)])
        store(connection, ADD, [row(5)])
        one, two, three, four, five = rows(connection)
        assert (three, four, five) == (one, two, one)
        listed = [row(number) for number in range(6, 2 * MOST_IN_ONE + 9)]
        store(connection, ADD, listed)
        assert rows(connection)[5:] == [one] * len(listed)

        change = update(Webhook).where(Webhook.id == bindparam("row_id"))
        values = {"filters": {"plan": []}, "changed_at": AT, "enabled": False}
        connection.execute(change, [{"row_id": f"webhook-{at}", **values} for at in (1, 2)])
        store(connection, change, [{"row_id": f"webhook-{at}", **values} for at in (3, 4)])
        one, two, three, four, five, *_ = rows(connection)
        assert (three, four) == (one, two) != (five, two)
    engine.dispose()


def test_one_row_that_is_refused_leaves_none(tables_url: str) -> None:
    engine = open_engine(tables_url)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        store(connection, ADD, [row(1), row(2), row(2)])
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM webhook")) == 0
    engine.dispose()


def test_reads_for_several_values_give_what_each_gives(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        found = connection.execute(select(Assignment.task_id, Assignment.agency_id)).all()
        pairs: list[tuple[str, str | None]] = [(one[0], one[1]) for one in found[: MOST_IN_ONE + 3]]
        pairs += [("gd-dg-2022-t1", None), ("none'\"%s数", "none"), pairs[0]]
        day = {"as_of": date(2022, 7, 31), "replaces": ""}
        needed: dict[Read, list[dict[str, Any]]] = {
            TASK_AND_ROLES: [{"task": task, "agency": agency} for task, agency in pairs],
            EARLIER: [{"parent": task, "agency": agency, **day} for task, agency in pairs],
            COUNTS: [{"task": task} for task, _ in pairs],
            Read(  # in an order, of more than one row
                select(Task.id, Task.document)
                .where(Task.plan_id == bindparam("plan"), Task.code != "1")
                .order_by(Task.id.desc())
                .limit(3)
            ): [{"plan": plan} for plan in ("none", "gd-dg-2022", "gd-dg-2022")],
        }
        for read, values in needed.items():
            each = [read.each(connection, [one])[0] for one in values]
            assert any(each) or read is COUNTS  # no reports are loaded
            for number in (2, 3, len(values)):
                assert read.each(connection, values[-number:]) == each[-number:]
    engine.dispose()


@pytest.mark.parametrize(
    ("read", "index"), [(EARLIER, "task_id=?"), (EARLIER_MEASUREMENTS, "target_id=?")]
)
def test_earlier_facts_are_those_of_the_task_not_all_of_the_agency(
    on_sqlite: Databases, read: Read, index: str
) -> None:
    """An agency may have thousands, and each report would read them all."""
    with on_sqlite.with_tables() as url, closing(sqlite3.connect(url.partition(":///")[2])) as file:
        statement = read.on(sqlite.dialect()).sql
        plan = file.execute(f"EXPLAIN QUERY PLAN {statement}", [None] * statement.count("?"))
        steps = [detail for *_, detail in plan if "USING" in detail and "INDEX" in detail]
    assert len(steps) == 1
    assert index in steps[0]
