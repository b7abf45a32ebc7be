"""A list: its table, filters and orders, and the SQL statements built from them.

A statement is built once for each shape of request (its active filters and its order) and gets the
values at each execution, since building it costs several times what executing it does.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select, tuple_, union_all

from app.db.engine import Reader
from app.db.revision import READ_REVISION
from app.http.parameters import Query
from app.http.problems import InvalidParametersError
from app.reading.asked_marks import AskedMarks, marks_for
from app.reading.bounded import BoundedMap, digest
from app.reading.filters import (
    Active,
    Filter,
    Widening,
    conditions,
    declared,
    filter_value,
    one_of,
    widenings,
)
from app.reading.names import MOST_SHAPES, resolve
from app.reading.tallied import Tallied
from app.reading.ways import ANY, Shape, Way, by_index, conditions_in, period_parameter, way_of

Values = Mapping[str, Any]  # parameter → its value, or the ids that its values resolve to
Sorts = Mapping[str, Sequence[tuple[Any, type]]]  # name → expressions and their types
MOST_BYTES_OF_TOTALS = 1 << 20
TOTAL = 100  # bytes of a total and its key


@dataclass(frozen=True, eq=False)
class Listing:
    """A resource's list.

    `filters` are those of its parameters; `always` are conditions of every row.  A list below one
    parent resource has the column of the parent's id in `below`.  `tallied`: see `tallied_total`.
    """

    table: Any
    filters: Mapping[str, Filter]
    sorts: Sorts
    widenings: Mapping[str, Widening] = field(default_factory=dict)
    always: Sequence[ColumnElement[bool]] = ()
    below: Any = None
    tallied: Tallied = field(default_factory=dict)

    @classmethod
    def of(cls, table: Any, params: type[Query], sorts: Sorts, **more: Any) -> "Listing":
        """The list with the filters that the parameters declare."""
        return cls(table, declared(params), sorts, widenings(params), **more)

    async def values(self, reader: Reader, params: Query) -> dict[str, Any]:
        """The values of a request's filters; see `read_values`."""
        return await read_values(reader, params, self.filters, self.widenings)

    def active(self, values: Values) -> Active:
        """The filters that have a value."""
        return frozenset(
            (name, value is not False) for name, value in values.items() if name in self.filters
        )

    def conditions(self, active: Active, *, counting: bool = False) -> list[ColumnElement[bool]]:
        """The conditions of all active filters, and of every row."""
        found = conditions(self.table, self.filters, active, counting=counting)
        return self._of_every_row() + found

    def conditions_in(self, active: Active, shape: Shape) -> list[ColumnElement[bool]]:
        """The same for a page that is read in a way."""
        return self._of_every_row() + conditions_in(
            self.table, self.filters, active, shape, self.tallied
        )

    def _of_every_row(self) -> list[ColumnElement[bool]]:
        """Withdrawn rows are in no list."""
        found = [self.table.withdrawn_at.is_(None), *self.always]
        if self.below is not None:
            found.append(self.below == filter_value("below", self.below.type))
        return found

    def marks(self, values: Values) -> AskedMarks:
        """The filters of these values that the text index knows."""
        return marks_for(self.table, self.filters, self.tallied, values)

    async def way(self, reader: Reader, values: Values) -> Way:
        """How to read a page; see `ways.py`."""
        return await way_of(reader, self.table, self.filters, self.tallied, values)

    def keys(self, sort: str) -> Sequence[tuple[Any, type]]:
        """The expressions of an order and their types; the id comes last and makes it total.

        An order may have expressions of its own for its reverse, as null is last in both.
        """
        keys = self.sorts.get(sort) or self.sorts[sort.removeprefix("-")]
        return [*keys, (self.table.id, str)]


async def read_values(
    reader: Reader,
    params: Query,
    filters: Mapping[str, Filter],
    widened_by: Mapping[str, Widening],
) -> dict[str, Any]:
    """The values of a request's filters, with ids and names resolved; at most three statements.

    One if there are ids or names, one more for each widening parameter that is true.  Raises
    InvalidParametersError, AmbiguousNameError.
    """
    values = {
        name: value
        for name in filters  # in the order of declaration, and so are errors
        if name in params.model_fields_set and (value := getattr(params, name)) not in (None, [])
    }
    lookups = {name: lookup for name in values if (lookup := filters[name].lookup)}
    values |= await resolve(reader, lookups, values)
    named = {name: values[name] for name in lookups}  # which all widenings start from
    for name, widening in widened_by.items():
        if name not in params.model_fields_set or not getattr(params, name):
            continue
        widened = [other for other, lookup in lookups.items() if lookup is widening.lookup]
        if not widened:
            raise InvalidParametersError(errors=[widening.alone])
        for other in widened:
            more = await reader.execute(widening.statement, {"ids": named[other]})
            values[other] = [*values[other], *more.scalars()]
    return values


@lru_cache(MOST_SHAPES)
def page_statement(
    listing: Listing,
    active: Active,
    sort: str,
    *,
    after: bool = False,
    shape: Shape = ANY.shape,
    more: Sequence[Any] = (),
) -> Select[Any]:
    """At most `rows` documents, their sort keys and more, with `after` those after `after_0`, …."""
    table = listing.table
    expressions = [expression for expression, _ in listing.keys(sort)]
    columns = table.document, *expressions, *more
    descending = sort.startswith("-")
    conditions = listing.conditions_in(active, shape)
    if after:
        key = tuple_(*expressions)
        last = tuple_(*(filter_value(f"after_{i}", e.type) for i, e in enumerate(expressions)))
        conditions.append(key < last if descending else key > last)

    def page(*selected: Any) -> Select[Any]:
        order = (e.desc() if descending else e.asc() for e in expressions)
        found = select(*selected).order_by(*order).limit(bindparam("rows"))
        return by_index(found, table) if shape.is_by_index else found

    if not shape.periods:
        return page(*columns).where(*conditions)
    # Of each period as many as the page has, in the order of its index.
    parts = []
    for place in range(shape.periods):
        of_period = table.period == filter_value(period_parameter(place), table.period.type)
        parts.append(page(table.id).where(of_period, *conditions).subquery())
    if len(parts) == 1:
        return page(*columns).where(of_period, *conditions)
    first = union_all(*(select(part.c.id) for part in parts))
    return page(*columns).where(table.id.in_(first))


@lru_cache(MOST_SHAPES)
def count_statement(listing: Listing, active: Active, shape: Shape = ANY.shape) -> Select[Any]:
    """The number of rows in the whole list."""
    if shape == ANY.shape:
        conditions = listing.conditions(active, counting=True)
    else:
        conditions = listing.conditions_in(active, shape)
    return select(func.count()).select_from(listing.table).where(*conditions)


async def count(reader: Reader, counted: Select[Any], values: Values) -> int:
    """The number that a statement selects."""
    return int((await reader.execute(counted, values)).scalar_one())


class Totals:
    """Cached row counts of lists, by data version, since counting takes time linear in the rows."""

    def __init__(self) -> None:
        self.counted: BoundedMap[bytes, int] = BoundedMap(MOST_BYTES_OF_TOTALS)

    async def of(self, reader: Reader, filters: bytes, count: Callable[[], Awaitable[int]]) -> int:
        """The row count with these filters in the reader's snapshot; at most two statements.

        The data version is read from the same snapshot, since others may write meanwhile.
        """
        version = (await reader.execute(READ_REVISION)).one()
        key = digest(*version, filters)
        total = self.counted.get(key)
        if total is None:
            total = await count()
            self.counted.put(key, total, TOTAL)
        return total


@lru_cache(MOST_SHAPES)
def existing_statement(listing: Listing) -> Select[Any]:
    """Those ids of the parameter `id` that exist."""
    table = listing.table
    return select(table.id).where(one_of(table.id, "id"), table.withdrawn_at.is_(None))
