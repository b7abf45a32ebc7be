"""Facets: row counts of a filtered list by the values of a field."""

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
    """A value of a field, with its count."""

    value: str | None = Field(
        description="Value to use in the list filter of the same name; null for rows without a value.",
        examples=["lead"],
    )
    label: str | None = Field(description="Display label of the value.", examples=["牵头"])
    count: int = Field(
        ge=1, description="Number of rows in the filtered list with this value.", examples=[21]
    )


@dataclass(frozen=True)
class Facet:
    """The columns of a field's values and labels.

    The label is the column `name`, else the label of an enum member, else the value itself.
    `joins` lead from a row to its values; `several` is true if a row may have more than one value.
    Where rows of `through` are joined, a value counts only if its row also meets the other filters
    through them.
    """

    value: Any
    name: Any = None
    joins: Sequence[tuple[Any, ColumnElement[bool]]] = ()
    several: bool = False
    through: Through | None = None


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
    """Count the filtered rows by value; at most five statements.

    Values without rows are omitted; the most frequent come first, those of the same
    number by value, null after these.
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
        counted = counted.join(joined, condition, isouter=not facet.several)
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
