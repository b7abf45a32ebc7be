"""Statements past SQLAlchemy store what SQLAlchemy would."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, insert, text, update
from sqlalchemy.exc import IntegrityError

from app.db.compiled import store
from app.db.engine import open_engine
from app.db.models import Webhook
from app.enums import WebhookFormat

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
    found = connection.exec_driver_sql("SELECT * FROM webhook ORDER BY ordinal").mappings()
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

        change = update(Webhook).where(Webhook.id == bindparam("row_id"))
        values = {"filters": {"plan": []}, "changed_at": AT, "enabled": False}
        connection.execute(change, [{"row_id": f"webhook-{at}", **values} for at in (1, 2)])
        store(connection, change, [{"row_id": f"webhook-{at}", **values} for at in (3, 4)])
        one, two, three, four, five = rows(connection)
        assert (three, four) == (one, two) != (five, two)
    engine.dispose()


def test_one_row_that_is_refused_leaves_none(tables_url: str) -> None:
    engine = open_engine(tables_url)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        store(connection, ADD, [row(1), row(2), row(2)])
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM webhook")) == 0
    engine.dispose()
