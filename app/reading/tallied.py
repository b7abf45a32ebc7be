"""Totals from tallies, and from what rows themselves hold, for filters that most rows meet."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, func, select

from app.db.engine import Reader
from app.db.models import PeriodTally, Tally, Target, Task
from app.enums import AttainmentStatus, ProgressStatus
from app.projections.held import BY_ITSELF, is_held
from app.projections.tallies import ITSELF, PARTS, matching_rows
from app.reading.filters import conditions_of, declared, one_of
from app.reading.governments import GovernmentFilters
from app.reading.names import MOST_SHAPES

Tallied = Mapping[str, Sequence[str]]  # link → the filters by it, in the order of a member


class Reported(NamedTuple):
    """What agencies report, by its filter; nothing is reported of most rows, or of few."""

    name: str
    column: Any
    nothing: Any
    index_name: str


REPORTED: Mapping[Any, Reported] = {
    Task: Reported("status", Task.status, ProgressStatus.NOT_REPORTED, "ix_task_of_status"),
    Target: Reported(
        "attainment", Target.attainment, AttainmentStatus.NOT_REPORTED, "ix_target_of_attainment"
    ),
}


def counted_as(table: Any, link: str, values: Mapping[str, Any]) -> tuple[str, set[str]]:
    """What tallies have counted as, of rows with these values, and the filters that this is about."""
    if link != ITSELF and "leaf" in values and table is Task:
        return PARTS[values["leaf"]], {"leaf"}
    return table.__tablename__, set()


async def held_total(
    reader: Reader, table: Any, tallied: Tallied, values: Mapping[str, Any], *found: Any
) -> int | None:
    """The total by what rows hold, of those that meet more conditions, or None; one statement."""
    names = tallied.get(BY_ITSELF)
    if names is None or not values.keys() <= {*names}:
        return None
    given = [[*map(str, values.get(name, ()))] for name in names]
    held = await reader.execute(_held(table).where(*found))
    return sum(int(rows) for text, rows in held if is_held(text, given))


async def tallied_total(
    reader: Reader, table: Any, tallied: Tallied, values: Mapping[str, Any]
) -> int | None:
    """The total of a list, or None if tallies do not count by these filters; one statement."""
    if BY_ITSELF in tallied:
        return await held_total(reader, table, tallied, values)
    of_plans = values.keys() & declared(GovernmentFilters).keys()
    for link, names in tallied.items():
        resource, others = counted_as(table, link, values)
        if values.keys() <= {*of_plans, *others, *names}:
            counted = await read_tallies(reader, resource, link, values)
            asked: list[Any] = [values.get(name) for name in names]
            return matching_rows([(one.held, one.rows) for one in counted], asked)
    if table in REPORTED and REPORTED[table].name in values:
        reported = await reported_rows(reader, table, tallied, values)
        return None if reported is None else reported.total()
    return None


async def reported_rows(
    reader: Reader, table: Any, tallied: Tallied, values: Mapping[str, Any]
) -> Counter[Any] | None:
    """How many rows have which status or attainment, or None if they are filtered by more than the year.

    Three statements.  Those of which nothing is reported are the others, and need not be counted.
    """
    name, _, nothing, _ = REPORTED[table]
    others = {key: value for key, value in values.items() if key != name}
    if not others.keys() <= {"year"}:
        return None
    periods = await periods_of(reader, table, values.get("year"))
    counted = await reader.execute(_reported(table), {"periods": periods})
    rows: Counter[Any] = Counter({one.value: one.rows for one in counted})
    rows[nothing] = (await tallied_total(reader, table, tallied, others) or 0) - rows.total()
    return Counter({one: rows[one] for one in values.get(name, type(nothing))})


async def periods_of(reader: Reader, table: Any, years: Sequence[int] | None) -> list[str]:
    """The periods of rows that have one of the years, or all of them; one statement."""
    found = (await reader.execute(distinct(table.period))).scalars()
    return [one for one in found if years is None or is_in(one, years)]


@lru_cache(MOST_SHAPES)
def distinct(column: Any, *within: ColumnElement[bool]) -> Select[Any]:
    """The different values of a column: one step of its index for each, as no planner does it alone."""
    least = select(func.min(column)).where(*within)
    found = select(least.scalar_subquery().label("value")).cte("different", recursive=True)
    following = least.where(column > found.c.value).scalar_subquery()
    found = found.union_all(select(following).where(found.c.value.is_not(None)))
    return select(found.c.value).where(found.c.value.is_not(None))


@lru_cache(MOST_SHAPES)
def _reported(table: Any) -> Select[Any]:
    _, column, nothing, _ = REPORTED[table]
    reported = column.in_([one for one in type(nothing) if one is not nothing])
    found = select(column.label("value"), func.count().label("rows")).where(
        one_of(table.period, "periods"), reported
    )
    return found.where(table.withdrawn_at.is_(None)).group_by(column)


async def read_tallies(
    reader: Reader, resource: str, link: str, values: Mapping[str, Any]
) -> Sequence[Row[Any]]:
    """What is held and by how many rows, by period, of the plans that these values ask for; one statement."""
    of_plans = values.keys() & declared(GovernmentFilters).keys()
    counted = (await reader.execute(_tallies(resource, link, frozenset(of_plans)), values)).all()
    if of_plans != {"year"}:
        return counted
    return [one for one in counted if is_in(one.period, values["year"])]


def is_in(period: str, years: Sequence[int]) -> bool:
    """Whether a period has one of the years."""
    return bool(period) and any(year in years_of(period) for year in years)


def years_of(period: str) -> range:
    """The calendar years of a period: 2022-2025."""
    first, _, last = period.partition("-")
    return range(int(first), int(last) + 1) if period else range(0)


@lru_cache(MOST_SHAPES)
def _held(table: Any) -> Select[Any]:
    """What rows hold, and how many hold the same."""
    found = select(table.held, func.count()).where(table.withdrawn_at.is_(None))
    return found.group_by(table.held)


@lru_cache(MOST_SHAPES)
def _tallies(resource: str, link: str, of_plans: frozenset[str]) -> Select[Any]:
    """Of all plans by period, in which years are found afterwards, or of those that meet the filters."""
    if of_plans <= {"year"}:
        table: Any = PeriodTally
        return select(table.period, table.held, table.rows).where(
            table.resource == resource, table.link == link
        )
    filters = {name: declared(GovernmentFilters)[name] for name in sorted(of_plans)}
    of_list = Tally.resource == resource, Tally.link == link
    columns: tuple[Any, ...] = Tally.period, Tally.held, func.sum(Tally.rows).label("rows")
    counted = select(*columns).where(*of_list, *conditions_of(Tally, filters))
    return counted.group_by(Tally.period, Tally.held)
