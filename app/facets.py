"""Facets: how many rows of a list have each value of a field, under the filters of the list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

YES_OR_NO = {True: "是", False: "否"}


class FacetBucket(BaseModel):
    """One value of a field, and how many rows have it."""

    value: str | None = Field(
        description="as the filter of the list takes it; null: rows without a value",
        examples=["gd-public-security"],
    )
    label: str | None = Field(description="what a person reads", examples=["省公安厅"])
    count: int = Field(ge=1, description="rows of the list that have the value", examples=[2])


@dataclass(frozen=True)
class Facet:
    """Where the values of a field stand, and what a person reads for each.

    The label is what `name` says, else one of `labels`, else the value itself.
    `joins` lead from a row to the value and its name; `several` where a row may have many values.
    """

    value: Any
    name: Any = None
    labels: Mapping[Any, str] | None = None
    joins: Sequence[tuple[Any, ColumnElement[bool]]] = ()
    several: bool = False


async def count_buckets(
    session: AsyncSession,
    table: Any,
    facet: Facet,
    conditions: Sequence[ColumnElement[bool]],
    of_the_value: Sequence[ColumnElement[bool]] = (),
) -> tuple[int, list[FacetBucket]]:
    """The rows that meet the conditions, and how many have each value; two statements.

    Values count only where what they are joined by meets the conditions `of_the_value`.
    Values of no row are left out; the most frequent come first, then by the value, null last.
    """
    rows = func.count(table.id.distinct()) if facet.several else func.count()
    keys = [facet.value] if facet.name is None else [facet.value, facet.name]
    counted = select(rows, *keys).select_from(table)
    for joined, condition in facet.joins:
        counted = counted.join(joined, condition)
    counted = counted.where(*conditions, *of_the_value).group_by(*keys)
    found = (await session.execute(counted)).all()
    whole = select(func.count()).select_from(table).where(*conditions)
    buckets = [_bucket(facet, count, *values) for count, *values in found]
    buckets.sort(key=lambda b: (-b.count, b.value is None, b.value or ""))
    return (await session.execute(whole)).scalar_one(), buckets


def _bucket(facet: Facet, count: int, value: Any, name: str | None = None) -> FacetBucket:
    if value is None:
        return FacetBucket(value=None, label=None, count=count)
    written = str(value).lower() if isinstance(value, bool) else str(value)
    label = name or (facet.labels[value] if facet.labels else written)
    return FacetBucket(value=written, label=label, count=count)
