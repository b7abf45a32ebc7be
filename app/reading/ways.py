"""From which side a page of rows of plans is read, so that it costs the same however many are stored.

Filters by year, government or series leave few plans or many.  Of few, all rows are read and sorted; of
many, rows are read in the order of the list until the page is full.  Roles, kinds of agencies and modes
that hardly any row has leave few plans, too, as tallies know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from app.db.engine import Reader
from app.db.models import Plan, Tally
from app.projections.tallies import matching_rows
from app.reading.filters import Active, Filter, conditions, conditions_of, declared
from app.reading.governments import GovernmentFilters
from app.reading.names import MOST_SHAPES
from app.reading.tallied import Tallied

FEW = 100  # plans all of whose rows are read and sorted
RARE = 400  # plans of rows of which hardly any is in the list; in the others there is none
STARTING = ("id", "changed_since")  # filters that leave few rows, like those that take ids or names


class Shape(NamedTuple):
    """What the statement of a page depends on."""

    is_of_few: bool = False
    periods: int = 0
    looks_at_plans: bool = False


@dataclass(frozen=True)
class Way:
    """How a page is read: from few plans, from periods, or looking at the plan of each row."""

    plans: Sequence[str] | None = None
    periods: Sequence[str] = ()
    looks_at_plans: bool = False

    @property
    def shape(self) -> Shape:
        return Shape(self.plans is not None, len(self.periods), self.looks_at_plans)

    @property
    def values(self) -> dict[str, Any]:
        """The values of its parameters."""
        periods = {period_parameter(place): one for place, one in enumerate(self.periods)}
        return {"few_plans": self.plans, **periods} if self.plans is not None else periods


ANY = Way()  # as the planner decides


def period_parameter(place: int) -> str:
    """The parameter of one of the periods that a page is read from."""
    return f"period_{place}"


def conditions_in(
    table: Any, filters: Mapping[str, Filter], active: Active, shape: Shape
) -> list[ColumnElement[bool]]:
    """The conditions of the active filters, but for the period."""
    if shape == ANY.shape:
        return conditions(table, filters, active)
    of_plans = {name: filters[name] for name, _ in active if name in _of_plans()}
    found = conditions(table, filters, frozenset(one for one in active if one[0] not in of_plans))
    if shape.is_of_few:
        few: Any = bindparam("few_plans", expanding=True, type_=table.plan_id.type)
        return [*found, table.plan_id.in_(few)]
    if shape.periods:
        of_plans.pop("year")
    if of_plans:
        plan = select(Plan.id).where(Plan.id == table.plan_id, *conditions_of(Plan, of_plans))
        found.append(plan.correlate(table).exists())
    return found


async def way_of(
    reader: Reader,
    table: Any,
    filters: Mapping[str, Filter],
    tallied: Tallied,
    values: Mapping[str, Any],
) -> Way:
    """How to read a page with these values; at most four statements, none where a filter leaves few rows."""
    active = [name for name in filters if name in values]
    if not hasattr(table, "period") or any(_is_start(name, filters[name]) for name in active):
        return ANY
    of_plans = tuple(name for name in active if name in _of_plans())
    resource = table.__tablename__
    held: dict[str, Any] = {}
    for link, names in tallied.items():
        given = [values.get(name) for name in names]
        if any(given):
            found = await reader.execute(_held(resource, link))
            held[link] = [one for one in found.scalars() if matching_rows([(one, 1)], given)]
    if not all(held.values()):
        return Way(plans=())
    if held:
        rare = await _plans(
            reader, _with_held(resource, tuple(held), of_plans), RARE, {**values, **held}
        )
        if rare is not None:
            return Way(plans=rare)
    if not of_plans:
        return ANY
    if of_plans != ("year",):
        few = await _plans(reader, _of_filters(of_plans), FEW, values)
        if few is not None:
            return Way(plans=few)
    if "year" not in of_plans:
        return Way(looks_at_plans=True)
    periods = [
        period
        for period in (await reader.execute(_distinct(table.period))).scalars()
        if _covers(period, values["year"])
    ]
    is_of_more = of_plans != ("year",)
    return Way(periods=periods, looks_at_plans=is_of_more) if periods else Way(plans=())


def _covers(period: str, years: Sequence[int]) -> bool:
    first, _, last = period.partition("-")
    return bool(period) and any(int(first) <= year <= int(last) for year in years)


@cache
def _of_plans() -> frozenset[str]:
    return frozenset(declared(GovernmentFilters))


def _is_start(name: str, one: Filter) -> bool:
    """Whether a filter leaves few rows, from which a page is read."""
    if name in _of_plans() or one.lookup is None:
        return name in STARTING
    (column,) = one.lookup.column.property.columns
    return bool(column.primary_key)


async def _plans(
    reader: Reader, statement: Select[Any], most: int, values: Mapping[str, Any]
) -> list[str] | None:
    """The plans, or None if there are more; no more than these are read."""
    found = await reader.execute(statement, {**values, "most_plans": most + 1})
    plans = list(found.scalars())
    return plans if len(plans) <= most else None


@lru_cache(MOST_SHAPES)
def _of_filters(names: Sequence[str]) -> Select[Any]:
    filters = {name: declared(GovernmentFilters)[name] for name in names}
    return select(Plan.id).where(*conditions_of(Plan, filters)).limit(bindparam("most_plans"))


@lru_cache(MOST_SHAPES)
def _with_held(resource: str, links: Sequence[str], names: Sequence[str]) -> Select[Any]:
    """The plans with rows that hold one of the values by each link."""
    filters = {name: declared(GovernmentFilters)[name] for name in names}
    first, *others = (
        select(Tally.plan_id).where(
            Tally.resource == resource,
            Tally.link == link,
            Tally.held.in_(bindparam(link, expanding=True)),
        )
        for link in links
    )
    found = first.where(*conditions_of(Tally, filters))
    for other in others:
        found = found.where(Tally.plan_id.in_(other))
    return found.distinct().limit(bindparam("most_plans"))


@lru_cache(MOST_SHAPES)
def _held(resource: str, link: str) -> Select[Any]:
    return _distinct(Tally.held, Tally.resource == resource, Tally.link == link)


@lru_cache(MOST_SHAPES)
def _distinct(column: Any, *within: ColumnElement[bool]) -> Select[Any]:
    """The different values of a column: one step of its index for each, as no planner does it alone."""
    least = select(func.min(column)).where(*within)
    found = select(least.scalar_subquery().label("value")).cte("different", recursive=True)
    following = least.where(column > found.c.value).scalar_subquery()
    found = found.union_all(select(following).where(found.c.value.is_not(None)))
    return select(found.c.value).where(found.c.value.is_not(None))
