"""What a list is: its table, its filters and its orders, and the statements made of them.

A statement is made once for each shape of request (which filters are active, which order) and gets
the values at each execution: making it costs several times what executing it does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select, tuple_

from app.db.engine import Reader
from app.db.revision import READ_REVISION
from app.http.parameters import Query
from app.http.problems import InvalidParametersError
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

Values = Mapping[str, Any]  # parameter → its value, or the ids that its values mean
Sorts = Mapping[str, Sequence[tuple[Any, type]]]  # name → expressions and their types
MOST_BYTES_OF_TOTALS = 1 << 20
TOTAL = 100  # bytes of a total and its key


@dataclass(frozen=True, eq=False)
class Listing:
    """A resource's list.

    `filters` are those of its parameters; `always` are conditions of every row.  The list of what is
    below something else has the column that names it in `below`.
    """

    table: Any
    filters: Mapping[str, Filter]
    sorts: Sorts
    widenings: Mapping[str, Widening] = field(default_factory=dict)
    always: Sequence[ColumnElement[bool]] = ()
    below: Any = None

    @classmethod
    def of(cls, table: Any, params: type[Query], sorts: Sorts, **more: Any) -> "Listing":
        """The list whose filters the parameters declare."""
        return cls(table, declared(params), sorts, widenings(params), **more)

    async def values(self, reader: Reader, params: Query) -> dict[str, Any]:
        """What the filters of a request mean; see `read_values`."""
        return await read_values(reader, params, self.filters, self.widenings)

    def active(self, values: Values) -> Active:
        """Which filters these values are of."""
        return frozenset(
            (name, value is not False) for name, value in values.items() if name in self.filters
        )

    def conditions(self, active: Active) -> list[ColumnElement[bool]]:
        """The conditions of all active filters; what is withdrawn is in no list."""
        of_all = [self.table.withdrawn_at.is_(None), *self.always]
        if self.below is not None:
            of_all.append(self.below == filter_value("below", self.below.type))
        return of_all + conditions(self.table, self.filters, active)

    def keys(self, sort: str) -> Sequence[tuple[Any, type]]:
        """The expressions of an order, which the id makes total, and their types."""
        return [*self.sorts[sort.removeprefix("-")], (self.table.id, str)]


async def read_values(
    reader: Reader,
    params: Query,
    filters: Mapping[str, Filter],
    widened_by: Mapping[str, Widening],
) -> dict[str, Any]:
    """What the filters of a request mean; one statement, where there are ids or names.

    One more where a widening parameter is true.  Raises InvalidParametersError, AmbiguousNameError.
    """
    values = {
        name: value
        for name in filters  # in the order of declaration, and so are errors
        if name in params.model_fields_set and (value := getattr(params, name)) not in (None, [])
    }
    lookups = {name: lookup for name in values if (lookup := filters[name].lookup)}
    values |= await resolve(reader, lookups, values)
    for name, widening in widened_by.items():
        if name not in params.model_fields_set or not getattr(params, name):
            continue
        widened = [other for other, lookup in lookups.items() if lookup is widening.lookup]
        if not widened:
            raise InvalidParametersError(errors=[widening.alone])
        for other in widened:
            more = await reader.execute(widening.statement, {"ids": values[other]})
            values[other] = [*values[other], *more.scalars()]
    return values


@lru_cache(MOST_SHAPES)
def page_statement(listing: Listing, active: Active, sort: str, *, after: bool) -> Select[Any]:
    """Documents and their sort keys, `rows` at the most, after `after_0`, `after_1`… if asked."""
    expressions = [expression for expression, _ in listing.keys(sort)]
    descending = sort.startswith("-")
    page = select(listing.table.document, *expressions).where(*listing.conditions(active))
    if after:
        here = tuple_(*expressions)
        last = tuple_(*(filter_value(f"after_{i}", e.type) for i, e in enumerate(expressions)))
        page = page.where(here < last if descending else here > last)
    page = page.order_by(*(e.desc() if descending else e.asc() for e in expressions))
    return page.limit(bindparam("rows"))


@lru_cache(MOST_SHAPES)
def count_statement(listing: Listing, active: Active) -> Select[Any]:
    """How many rows the whole list has."""
    counted = select(func.count()).select_from(listing.table)
    return counted.where(*listing.conditions(active))


class Totals:
    """Lengths of lists that were counted, by version of the data: counting costs by length."""

    def __init__(self) -> None:
        self.counted: BoundedMap[bytes, int] = BoundedMap(MOST_BYTES_OF_TOTALS)

    async def of(self, reader: Reader, filters: bytes, counted: Select[Any], values: Values) -> int:
        """The length of the list with these filters, as the reader sees it; two statements.

        The version is that of the reader's snapshot: others may count another one meanwhile.
        """
        version = (await reader.execute(READ_REVISION)).one()
        key = digest(*version, filters)
        total = self.counted.get(key)
        if total is None:
            total = int((await reader.execute(counted, values)).scalar_one())
            self.counted.put(key, total, TOTAL)
        return total


@lru_cache(MOST_SHAPES)
def existing_statement(listing: Listing) -> Select[Any]:
    """Which of the ids of `id` exist."""
    table = listing.table
    return select(table.id).where(one_of(table.id, "id"), table.withdrawn_at.is_(None))
