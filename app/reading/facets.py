"""Facets: row counts of a filtered list by the values of a field.

They are summed from tallies where these have the field and the filters: so as few rows are read however
many tasks and targets there are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Select, func, select

from app.db.engine import Reader
from app.db.models import Plan, Tally
from app.enums import Labelled
from app.projections.tallies import ITSELF, NOTHING, as_held, matching_rows
from app.reading.filters import Through, conditions_of, declared, filter_value
from app.reading.governments import GovernmentFilters
from app.reading.list_params import SearchableFilters
from app.reading.listing import Listing, Values
from app.reading.names import MOST_SHAPES
from app.reading.search import having_words
from app.reading.tallied import (
    REPORTED,
    counted_as,
    read_tallies,
    reported_rows,
    tallied_total,
    years_of,
)
from app.reading.ways import ANY, by_index, period_parameter

MOST_BUCKETS = 1000
YEAR = "year"
YES_OR_NO = {True: "是", False: "否"}


class FacetBucket(BaseModel):
    """A value of a field, with its count."""

    value: str | None = Field(
        description="Value to use in the list filter of the same name; null for rows without a value.",
        examples=["lead"],
    )
    label: str | None = Field(description="Display label of the value.", examples=["牵头"])
    count: int = Field(
        ge=1, description="Number of rows in the filtered list with this value.", examples=[21]
    )


@dataclass(frozen=True, eq=False)
class Facet:
    """The columns of a field's values and labels.

    The label is the column `name`, else the label of an enum member, else the value itself.
    `joins` lead from a row to its values; `several` is true if a row may have more than one value.
    Where rows of `through` are joined, a value counts only if its row also meets the other filters
    through them.  `is_of_plan`: the value is that of the plan, which is the first of the joins.
    """

    value: Any
    name: Any = None
    joins: Sequence[tuple[Any, ColumnElement[bool]]] = ()
    several: bool = False
    through: Through | None = None
    is_of_plan: bool = False


Found = Sequence[Any]  # rows, and the columns of a facet


class Counted(BaseModel):
    """Row count of a filtered list, in total and by value."""

    total: int = Field(description="Exact number of rows in the filtered list.")
    complete: bool = Field(
        description="False if there are more values than the "
        f"{MOST_BUCKETS} most frequent ones returned."
    )
    data: list[FacetBucket] = Field(
        description="Buckets: most frequent first; those of the same number by value, null after these."
    )


async def count_buckets(
    reader: Reader, listing: Listing, facet: Facet, field: str, params: SearchableFilters
) -> Counted:
    """Count the filtered rows by value; at most five statements, and those of `way_of`.

    Values without rows are omitted; the most frequent come first, those of the same
    number by value, null after these.
    """
    values = await listing.values(reader, params)
    table = listing.table
    if not params.q and (tallied := await _tallied(reader, listing, facet, field, values)):
        return tallied
    message = await having_words(reader, table, params.q)
    way = ANY if message else await listing.way(reader, values)
    if len(way.periods) > 1:  # an aggregate is over one of them, or over all rows
        way = ANY
    values |= way.values
    conditions = listing.conditions_in(listing.active(values), way.shape) + message
    if way.periods:
        conditions.append(table.period == filter_value(period_parameter(0), table.period.type))
    rows = func.count(table.id.distinct()) if facet.several else func.count()
    keys = [facet.value] if facet.name is None else [facet.value, facet.name]
    order = rows.desc(), facet.value.is_(None), facet.value
    counted = select(rows, *keys).select_from(table).where(*conditions).group_by(*keys)
    counted = counted.order_by(*order).limit(MOST_BUCKETS + 1)
    for joined, condition in facet.joins:
        counted = counted.join(joined, condition, isouter=not facet.several)
    if facet.through:
        others = {
            name: one
            for name, one in listing.filters.items()
            if one.through is facet.through and name in values and name != field
        }
        counted = counted.where(*conditions_of(table, others))
    whole = select(func.count()).select_from(table).where(*conditions)
    if way.is_by_index:
        counted, whole = by_index(counted, table), by_index(whole, table)
    found = (await reader.execute(counted, values)).all()
    return _counted((await reader.execute(whole, values)).scalar_one(), found)


async def _tallied(
    reader: Reader, listing: Listing, facet: Facet, field: str, values: Values
) -> Counted | None:
    """The same from tallies, or None if they do not have it; at most six statements."""
    if (found := await _read_tallied(reader, listing, facet, field, values)) is None:
        return None
    total = await tallied_total(reader, listing.table, listing.tallied, values)
    return None if total is None else _counted(total, found)


async def _read_tallied(
    reader: Reader, listing: Listing, facet: Facet, field: str, values: Values
) -> Sequence[Found] | None:
    table, tallied = listing.table, listing.tallied
    of_plans = frozenset(values.keys() & declared(GovernmentFilters).keys())
    if table in REPORTED and field == REPORTED[table].name:
        reported = await reported_rows(reader, table, tallied, values)
        return None if reported is None else _ordered(reported)
    if facet.is_of_plan:
        if not values.keys() <= of_plans:
            return None
        return (await reader.execute(_by_plan(table, facet, of_plans), values)).all()
    for link, names in tallied.items():
        resource, others = counted_as(table, link, values)
        if (field == YEAR or field in names) and values.keys() <= {*of_plans, *others, *names}:
            given = {name: values.get(name) for name in names}
            rows: Counter[Any] = Counter()
            for one in await read_tallies(reader, resource, link, values):
                if matching := matching_rows([(one.held, one.rows)], given.values()):
                    has = years_of(one.period) if field == YEAR else _held(one.held, field, given)
                    rows.update(dict.fromkeys(has, matching))
            return _ordered(rows if field == YEAR else _as_read(facet.value, rows))
    return None


def _held(held: str, field: str, given: Mapping[str, Any]) -> set[str]:
    """The values of a field in those members that meet the other filters."""
    place = [*given].index(field)
    others = [None if name == field else value for name, value in given.items()]
    return {
        member.split()[place]
        for member in held.split(",")
        if member and matching_rows([(member, 1)], others)
    }


def _as_read(column: Any, rows: Mapping[str, int]) -> dict[Any, int]:
    """With values as a column has them."""
    kind = column.type.python_type
    known = {as_held(one): one for one in ((True, False) if kind is bool else kind)}
    return {None if value == NOTHING else known[value]: number for value, number in rows.items()}


def _ordered(rows: Mapping[Any, int]) -> list[Found]:
    """Most frequent first, those of the same number by value, null after these."""
    present = [(number, value) for value, number in rows.items() if number]
    return sorted(present, key=lambda one: (-one[0], one[1] is None, one[1] or 0))


@lru_cache(MOST_SHAPES)
def _by_plan(table: Any, facet: Facet, of_plans: frozenset[str]) -> Select[Any]:
    """Rows by a value of their plan."""
    filters = {name: declared(GovernmentFilters)[name] for name in sorted(of_plans)}
    counted = select(Tally.plan_id, func.sum(Tally.rows).label("rows")).where(
        Tally.resource == table.__tablename__, Tally.link == ITSELF, *conditions_of(Tally, filters)
    )
    of_each = counted.group_by(Tally.plan_id).subquery()
    rows = func.sum(of_each.c.rows)
    keys = [facet.value] if facet.name is None else [facet.value, facet.name]
    found = select(rows, *keys).select_from(of_each).join(Plan, Plan.id == of_each.c.plan_id)
    for joined, condition in facet.joins[1:]:
        found = found.join(joined, condition, isouter=True)
    order = rows.desc(), facet.value.is_(None), facet.value
    return found.group_by(*keys).order_by(*order).limit(MOST_BUCKETS + 1)


def _counted(total: int, found: Sequence[Found]) -> Counted:
    buckets = [_bucket(count, *value) for count, *value in found[:MOST_BUCKETS]]
    return Counted(total=total, complete=len(found) <= MOST_BUCKETS, data=buckets)


def _bucket(count: int, value: Any, name: str | None = None) -> FacetBucket:
    if value is None:
        return FacetBucket(value=None, label=None, count=count)
    if isinstance(value, bool):
        return FacetBucket(value=str(value).lower(), label=YES_OR_NO[value], count=count)
    label = value.label if isinstance(value, Labelled) else name or str(value)
    return FacetBucket(value=str(value), label=label, count=count)
