"""200 provinces that do not exist, whose bodies, cities and platforms have the names of the first."""

from typing import Any

from sqlalchemy import Connection, func, insert, literal, select
from sqlalchemy.orm import aliased

from app.db.engine import open_engine
from app.db.models import Agency, Assignment, KnownName, Platform, Region, Task

PROVINCES = 200
FIRST = "440000"
EXAMPLE = "example-province-2026"
OTHER = aliased(Region)  # each of these provinces


def add_namesakes(url: str) -> None:
    """Add these provinces to a database with the notice and the examples."""
    engine = open_engine(url)
    with engine.begin() as connection:
        _insert(connection)
    engine.dispose()


def _insert(connection: Connection) -> None:
    code = OTHER.code
    first = (
        connection.execute(select(Region.__table__).where(Region.code == FIRST)).mappings().one()
    )
    codes = [f"98{number:04}" for number in range(PROVINCES)]
    provinces = [{**first, "code": one, "name": one, "path": f"100000/{one}"} for one in codes]
    connection.execute(insert(Region), provinces)
    city = {
        "code": code + "-" + Region.code,
        "parent_code": code,
        "path": OTHER.path + "/" + code + "-" + Region.code,
    }
    _copies(connection, Region, city, Region.parent_code == FIRST)
    agency = {"id": code + "-" + Agency.id, "jurisdiction_code": code}
    _copies(connection, Agency, agency, Agency.jurisdiction_code == FIRST)
    platform = {"id": code + "-" + Platform.id, "scope_code": code}
    _copies(connection, Platform, platform, Platform.scope_code == FIRST)
    of_agencies = KnownName.resource == "agency", KnownName.jurisdiction_code == FIRST
    name = {"id": code + "-" + KnownName.id, "jurisdiction_code": code}
    _copies(connection, KnownName, name, *of_agencies)
    _copies(
        connection,
        KnownName,
        name,
        KnownName.resource == "platform",
        KnownName.jurisdiction_code == FIRST,
    )
    place = {"id": code + "-" + KnownName.id, "jurisdiction_code": code + "-" + KnownName.id}
    cities = select(Region.code).where(Region.parent_code == FIRST)
    _copies(connection, KnownName, place, KnownName.resource == "region", KnownName.id.in_(cities))
    # One of each name has a task, so that a name that means it shows.
    mine = select(
        select(func.min(Task.id)).where(Task.plan_id == EXAMPLE).scalar_subquery(),
        1000 + func.row_number().over(order_by=Agency.id),
        Agency.id,
        literal("support"),
        Agency.name,
    )
    mine = mine.where(Agency.jurisdiction_code == "980000")
    columns = ["task_id", "position", "agency_id", "role", "as_written"]
    connection.execute(insert(Assignment).from_select(columns, mine))


def _copies(connection: Connection, table: Any, changed: dict[str, Any], *of: Any) -> None:
    """Rows of the table once more for each province."""
    columns = [c.name for c in table.__table__.columns]
    copied = select(*(changed.get(name, table.__table__.c[name]) for name in columns))
    copied = (
        copied.select_from(table)
        .join(OTHER, OTHER.code.startswith("98") & (OTHER.parent_code == "100000"))
        .where(*of)
    )
    connection.execute(insert(table).from_select(columns, copied))
