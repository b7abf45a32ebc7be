"""Facets: how many rows of a list have each value of a field, under the filters of the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, func, select

from app.db.engine import Reader
from app.enums import Labelled
from app.reading.filters import Through, conditions_of
from app.reading.list_params import SearchableFilters
from app.reading.listing import Listing
from app.reading.search import having_words

MOST_BUCKETS = 1000
YES_OR_NO = {True: "是", False: "否"}


class FacetBucket(BaseModel):
    """One value of a field, and how many rows have it."""

    value: str | None = Field(
        description="as the filter of the list takes it; null: rows without a value",
        examples=["lead"],
    )
    label: str | None = Field(description="what a person reads", examples=["牵头"])
    count: int = Field(ge=1, description="rows of the list that have the value", examples=[21])


@dataclass(frozen=True)
class Facet:
    """Where the values of a field stand, and what a person reads for each.

    The label is what `name` says, else that of a closed set, else the value itself.
    `joins` lead from a row to the value and its name; `several` where a row may have many values.
    Where rows of `through` are joined, a value counts where the other filters through them hold of
    its row, too.
    """

    value: Any
    name: Any = None
    joins: Sequence[tuple[Any, ColumnElement[bool]]] = ()
    several: bool = False
    through: Through | None = None


class Counted(BaseModel):
    """How many rows the filters leave, and how many of them have each value."""

    total: int = Field(description="rows that the filters leave, exact")
    complete: bool = Field(
        description=f"false where there are more values than the {MOST_BUCKETS} most frequent"
    )
    data: list[FacetBucket] = Field(description="most frequent first, then by value, null last")


async def count_buckets(
    reader: Reader, listing: Listing, facet: Facet, field: str, params: SearchableFilters
) -> Counted:
    """The rows that the filters leave, and how many have each value; at most five statements.

    Values of no row are left out; the most frequent come first, then by the value, null last.
    """
    values = await listing.values(reader, params)
    table = listing.table
    conditions = listing.conditions(listing.active(values))
    conditions += await having_words(reader, table, params.q)
    rows = func.count(table.id.distinct()) if facet.several else func.count()
    keys = [facet.value] if facet.name is None else [facet.value, facet.name]
    order = rows.desc(), facet.value.is_(None), facet.value
    counted = select(rows, *keys).select_from(table).where(*conditions).group_by(*keys)
    counted = counted.order_by(*order).limit(MOST_BUCKETS + 1)
    for joined, condition in facet.joins:
        counted = counted.join(joined, condition)
    if facet.through:
        others = {
            name: one
            for name, one in listing.filters.items()
            if one.through is facet.through and name in values and name != field
        }
        counted = counted.where(*conditions_of(table, others))
    found = (await reader.execute(counted, values)).all()
    whole = select(func.count()).select_from(table).where(*conditions)
    buckets = [_bucket(count, *value) for count, *value in found[:MOST_BUCKETS]]
    total = (await reader.execute(whole, values)).scalar_one()
    return Counted(total=total, complete=len(found) <= MOST_BUCKETS, data=buckets)


def _bucket(count: int, value: Any, name: str | None = None) -> FacetBucket:
    if value is None:
        return FacetBucket(value=None, label=None, count=count)
    if isinstance(value, bool):
        return FacetBucket(value=str(value).lower(), label=YES_OR_NO[value], count=count)
    label = value.label if isinstance(value, Labelled) else name or str(value)
    return FacetBucket(value=str(value), label=label, count=count)
