"""From which side a page of rows of plans is read, so that it costs the same however many are stored.

Filters by year, government or series leave few plans or many.  Of few, all rows are read and sorted; of
many, rows are read in the order of the list until the page is full.  What hardly any row has leaves few
plans, too, as tallies know, or few rows, as an index of the values knows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, select

from app.db.engine import Reader
from app.db.models import Plan, Tally
from app.projections.held import BY_ITSELF, is_held
from app.projections.tallies import matching_rows
from app.reading.filters import (
    Active,
    Filter,
    conditions,
    conditions_of,
    declared,
    filter_value,
    one_of,
)
from app.reading.governments import GovernmentFilters, in_plans
from app.reading.names import MOST_SHAPES
from app.reading.tallied import REPORTED, Tallied, counted_as, distinct, periods_of

FEW = 100  # plans all of whose rows are read and sorted
RARE = 400  # the same, if they alone have rows of the list, and hardly any
RARE_ROWS = 1_000  # of a list of which hardly any row is
MOST_HELD = 1_000  # different texts of agencies or platforms, which are compared in Python
MOST_PERIODS = 8  # of one statement; more are of nearly all plans
DATED = ("due_from", "due_to")
STARTING = ("id",)  # filters that leave few rows, like those that take ids or names


class Shape(NamedTuple):
    """What the statement of a page depends on."""

    is_of_few: bool = False
    is_of_ids: bool = False
    is_of_held: bool = False
    periods: int = 0
    looks_at_plans: bool = False
    is_by_index: bool = False


@dataclass(frozen=True)
class Way:
    """How a page is read: from few plans or rows, from periods, or looking at the plan of each row.

    Or, of agencies and platforms, by the texts of what they hold.
    """

    plans: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    held: Sequence[str] | None = None
    periods: Sequence[str] = ()
    looks_at_plans: bool = False
    is_by_index: bool = False  # of what is reported

    @property
    def shape(self) -> Shape:
        is_of_few, is_of_ids = self.plans is not None, self.ids is not None
        is_of_held, of_plans = self.held is not None, (len(self.periods), self.looks_at_plans)
        return Shape(is_of_few, is_of_ids, is_of_held, *of_plans, self.is_by_index)

    @property
    def values(self) -> dict[str, Any]:
        """The values of its parameters."""
        periods = {period_parameter(place): one for place, one in enumerate(self.periods)}
        few = {"few_plans": self.plans, "few_ids": self.ids, "held": self.held}
        return {**periods, **{name: ids for name, ids in few.items() if ids is not None}}


ANY = Way()  # as the planner decides


def period_parameter(place: int) -> str:
    """The parameter of one of the periods that a page is read from."""
    return f"period_{place}"


def conditions_in(
    table: Any, filters: Mapping[str, Filter], active: Active, shape: Shape, tallied: Tallied
) -> list[ColumnElement[bool]]:
    """The conditions of the active filters, but for the period."""
    if shape.is_of_held:
        others = frozenset(one for one in active if one[0] not in tallied[BY_ITSELF])
        own = [*conditions(table, filters, others), one_of(table.held, "held")]
        return [*own, one_of(table.id, "few_ids")] if shape.is_of_ids else own
    if not hasattr(table, "period"):
        own = conditions(table, filters, active)
        return [*own, one_of(table.id, "few_ids")] if shape.is_of_ids else own
    if shape == ANY.shape:
        return conditions(table, filters, active)
    of_plans = {name: filters[name] for name, _ in active if name in _of_plans()}
    found = conditions(table, filters, frozenset(one for one in active if one[0] not in of_plans))
    if shape.is_of_few:
        return [*found, one_of(table.plan_id, "few_plans")]
    if shape.is_of_ids:
        found.append(one_of(table.id, "few_ids"))
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
    """How to read a page with these values; at most seven statements, none where a filter leaves few rows."""
    active = [name for name in filters if name in values]
    if any(is_start(name, filters[name]) for name in active):
        return ANY
    if "changed_since" in active:
        changed = await _few(reader, _changed(table), values)
        return ANY if changed is None else Way(ids=changed, looks_at_plans=True)
    if BY_ITSELF in tallied:
        return await _way_of_others(reader, table, filters, tallied[BY_ITSELF], active, values)
    if not hasattr(table, "period"):
        return ANY
    of_plans = tuple(name for name in active if name in _of_plans())
    for link, names in tallied.items():
        given = [values.get(name) for name in names]
        if any(one is not None for one in given):
            resource, _ = counted_as(table, link, values)
            rare = await _rare(reader, resource, link, given, of_plans, values)
            if rare is not None:
                return Way(plans=rare)
    if table in REPORTED and REPORTED[table].name in active:
        reported = await _few(reader, _reported(table), values)
        if reported is not None:
            return Way(ids=reported, looks_at_plans=True)
    if values.get("overdue"):
        periods = await periods_of(reader, table, values.get("year"))
        within = {**values, "periods": periods}
        overdue = await _few(reader, _overdue(table, filters["overdue"]), within)
        if overdue is not None:
            return Way(ids=overdue, looks_at_plans=True)
        if not of_plans or of_plans == ("year",):
            return Way(looks_at_plans=True, is_by_index=True)
    dated = tuple((name, filters[name]) for name in DATED if name in active)
    if dated:
        due = await _few(reader, _due(table, dated), values)
        if due is not None:
            return Way(ids=due, looks_at_plans=True)
    if not of_plans:
        return ANY
    if of_plans != ("year",):
        few = list(
            (await reader.execute(_of_filters(of_plans), {**values, "most": FEW + 1})).scalars()
        )
        if len(few) <= FEW:
            return Way(plans=few)
    if "year" not in of_plans:
        return Way(looks_at_plans=True)
    periods = await periods_of(reader, table, values["year"])
    if not periods:
        return Way(plans=())
    if len(periods) > MOST_PERIODS:
        return Way(looks_at_plans=True)
    return Way(periods=periods, looks_at_plans=of_plans != ("year",))


async def _few(
    reader: Reader, statement: Select[Any], values: Mapping[str, Any]
) -> list[str] | None:
    """The ids that are selected, or None if there are many."""
    found = (await reader.execute(statement, {**values, "most": RARE_ROWS + 1})).scalars()
    return ids if len(ids := list(found)) <= RARE_ROWS else None


async def _way_of_others(
    reader: Reader,
    table: Any,
    filters: Mapping[str, Filter],
    names: Sequence[str],
    active: Sequence[str],
    values: Mapping[str, Any],
) -> Way:
    """How to read agencies or platforms: by what they hold, or few that hold it or are in plans of the year."""
    given = [[*map(str, values.get(name, ()))] for name in names]
    through = {filters[name].through for name in names}
    # These are about the same assignment or mention, of which a text does not tell.
    if not any(given) or any(filters[n].through in through for n in active if n not in names):
        return ANY
    most = {"most": RARE_ROWS + 1}
    different = await reader.execute(_different(table), {"most": MOST_HELD + 1})
    held = list(different.scalars())
    if len(held) <= MOST_HELD:
        matching = [one for one in held if is_held(one, given)]
        found = await reader.execute(_holding(table), {**most, "held": matching})
        ids = list(found.scalars())
        return Way(ids=ids if len(ids) <= RARE_ROWS else None, held=matching)
    if "year" in active and not (_of_plans() & {*active}) - {"year"}:
        of_year = {**values, "most": FEW + 1}
        plans = list((await reader.execute(_of_filters(("year",)), of_year)).scalars())
        if len(plans) > FEW:
            return ANY
        found = await reader.execute(_in_plans(table), {**most, "few_plans": plans})
        ids = list(found.scalars())
        return Way(ids=ids) if len(ids) <= RARE_ROWS else ANY
    return ANY


@cache
def _of_plans() -> frozenset[str]:
    return frozenset(declared(GovernmentFilters))


def is_start(name: str, one: Filter) -> bool:
    """Whether a filter leaves few rows, from which a page is read."""
    if name in _of_plans() or one.lookup is None:
        return name in STARTING
    (column,) = one.lookup.column.property.columns
    return bool(column.primary_key)


async def _rare(
    reader: Reader,
    resource: str,
    link: str,
    given: Sequence[Any],
    of_plans: Sequence[str],
    values: Mapping[str, Any],
) -> list[str] | None:
    """The plans with rows that hold one of the values, or None if there are more than hardly any."""
    held = (await reader.execute(_held(resource, link))).scalars()
    matching = [one for one in held if matching_rows([(one, 1)], given)]
    if not matching:
        return []
    counted = _with_held(resource, link, of_plans)
    found = await reader.execute(counted, {**values, "held": matching, "most": RARE + 1})
    tallies = found.all()
    if len(tallies) > RARE or sum(one.rows for one in tallies) > RARE_ROWS:
        return None
    return list(dict.fromkeys(one.plan_id for one in tallies))


@lru_cache(MOST_SHAPES)
def _of_filters(names: Sequence[str]) -> Select[Any]:
    filters = {name: declared(GovernmentFilters)[name] for name in names}
    return select(Plan.id).where(*conditions_of(Plan, filters)).limit(bindparam("most"))


@lru_cache(MOST_SHAPES)
def _changed(table: Any) -> Select[Any]:
    since = table.changed_at >= filter_value("changed_since", table.changed_at.type)
    return select(table.id).where(since).limit(bindparam("most"))


@lru_cache(MOST_SHAPES)
def _reported(table: Any) -> Select[Any]:
    """By the period, too, since it comes first in the index."""
    name, column, *_ = REPORTED[table]
    found = select(table.id).where(table.period.in_(distinct(table.period)), one_of(column, name))
    return by_index(found.limit(bindparam("most")), table)


def by_index(found: Select[Any], table: Any) -> Select[Any]:
    """By the index of what is reported: SQLite, which knows averages alone, would read all rows."""
    return found.with_hint(table, f"INDEXED BY {REPORTED[table].index_name}", "sqlite")


@lru_cache(MOST_SHAPES)
def _due(table: Any, dated: Sequence[tuple[str, Filter]]) -> Select[Any]:
    return select(table.id).where(*conditions_of(table, dict(dated))).limit(bindparam("most"))


@lru_cache(MOST_SHAPES)
def _overdue(table: Any, one: Filter) -> Select[Any]:
    conditions = one_of(table.period, "periods"), *conditions_of(table, {"overdue": one})
    return by_index(select(table.id).where(*conditions).limit(bindparam("most")), table)


@lru_cache(MOST_SHAPES)
def _different(table: Any) -> Select[Any]:
    return distinct(table.held).limit(bindparam("most"))


@lru_cache(MOST_SHAPES)
def _holding(table: Any) -> Select[Any]:
    return select(table.id).where(one_of(table.held, "held")).limit(bindparam("most"))


@lru_cache(MOST_SHAPES)
def _in_plans(table: Any) -> Select[Any]:
    plans = select(Plan.id).where(one_of(Plan.id, "few_plans"))
    return select(table.id).where(in_plans(table, plans)).limit(bindparam("most"))


@lru_cache(MOST_SHAPES)
def _with_held(resource: str, link: str, names: Sequence[str]) -> Select[str, int]:
    filters = {name: declared(GovernmentFilters)[name] for name in names}
    found = select(Tally.plan_id, Tally.rows).where(
        Tally.resource == resource, Tally.link == link, one_of(Tally.held, "held")
    )
    return found.where(*conditions_of(Tally, filters)).limit(bindparam("most"))


@lru_cache(MOST_SHAPES)
def _held(resource: str, link: str) -> Select[Any]:
    return distinct(Tally.held, Tally.resource == resource, Tally.link == link)
