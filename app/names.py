"""What the values of filters mean: ids, and names in either script.

One statement for all filters of a request.  A value that means nothing is 422 with near names,
a name that several share is 422 with the candidates: a mistake never looks like an empty list.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import AmbiguousNameError, FieldError, InvalidParametersError, Words
from app.parameters import near_names
from app.reading import list_path
from app.scripts import search_key
from app.tables import Agency, KnownName, Platform, Region, Task

MOST_SUGGESTED_FROM = 500


@dataclass(frozen=True)
class Filter:
    """A parameter whose values must stand in a column, or be names of what stands there."""

    parameter: str
    column: Any
    values: Sequence[str]
    may_mean_several: bool = False

    @property
    def table(self) -> Any:
        return self.column.class_

    @property
    def has_names(self) -> bool:
        return self.table in (Agency, Region, Platform)


async def resolve(session: AsyncSession, filters: Iterable[Filter]) -> dict[str, list[str]]:
    """Parameter → ids, for the filters that were given; one statement.

    Raises InvalidParametersError for values that mean nothing, AmbiguousNameError for names that
    several bodies share.
    """
    given = [filter_ for filter_ in filters if filter_.values]
    if not given:
        return {}
    statement = union_all(*(part for filter_ in given for part in _look_ups(filter_)))
    found: dict[tuple[str, str], list[str]] = {}
    for parameter, key, id_ in await session.execute(statement):
        ids = found.setdefault((parameter, key), [])
        if id_ not in ids:
            ids.append(id_)
    unknown: list[FieldError] = []
    ambiguous: list[FieldError] = []
    resolved: dict[str, list[str]] = {}
    for filter_ in given:
        for value in filter_.values:
            exact = found.get((filter_.parameter, f"id:{value}"), [])
            ids = exact or found.get((filter_.parameter, f"name:{search_key(value)}"), [])
            if not ids:
                unknown.append(await _nothing_known(session, filter_, value))
            elif len(ids) > 1 and not filter_.may_mean_several:
                ambiguous.append(_several(filter_, sorted(ids)))
            else:
                resolved.setdefault(filter_.parameter, []).extend(ids)
    if unknown:
        raise InvalidParametersError(errors=[*unknown, *ambiguous])
    if ambiguous:
        raise AmbiguousNameError(errors=ambiguous)
    return resolved


def _look_ups(filter_: Filter) -> Iterable[Select[str, str, str]]:
    column = filter_.column
    yield (
        select(
            literal(filter_.parameter), (literal("id:") + column).label("key"), column.label("id")
        )
        .where(column.in_(filter_.values))
        .distinct()
    )
    if filter_.has_names:
        yield select(
            literal(filter_.parameter), (literal("name:") + KnownName.key), KnownName.id
        ).where(_is_name(filter_, filter_.values))


def _is_name(filter_: Filter, values: Sequence[str]) -> ColumnElement[bool]:
    return and_(
        KnownName.resource == filter_.table.__tablename__,
        KnownName.key.in_([search_key(value) for value in values]),
    )


def _several(filter_: Filter, ids: Sequence[str]) -> FieldError:
    return FieldError(
        "query",
        filter_.parameter,
        Words(
            f"此名称可指 {'、'.join(ids)}，请用编号指明。",
            f"This name may mean {', '.join(ids)}; use the id that is meant.",
        ),
        ids,
    )


async def _nothing_known(session: AsyncSession, filter_: Filter, value: str) -> FieldError:
    near = near_names(search_key(value), await _known(session, filter_))
    place = list_path(filter_.table)
    if near:
        words = Words(
            f"没有这个编号或名称。相近的有：{'、'.join(near)}。",
            f"No such id or name is known. Near ones: {', '.join(near)}.",
        )
    elif filter_.table is Region:
        words = Words(
            "没有这个地方；请用 GB/T 2260 代码或地名，如 440300 或深圳市。",
            "No such place is known; use a GB/T 2260 code or a name, such as 440300 or 深圳市.",
        )
    else:
        words = Words(
            f"没有这个编号或名称；全部列在 {place}。",
            f"No such id or name is known; {place} lists all.",
        )
    return FieldError("query", filter_.parameter, words, near)


async def _known(session: AsyncSession, filter_: Filter) -> list[str]:
    """Names, or ids, that a wrong value may have been meant for."""
    if filter_.has_names:
        table, name = filter_.table, filter_.table.__tablename__
        names = await session.scalars(select(KnownName.key).where(KnownName.resource == name))
        ids = await session.scalars(select(filter_.column).select_from(table))
        return [*names, *ids]
    if filter_.table is Task:
        return []  # there may be a million
    column = filter_.column
    known = select(column).where(column.is_not(None)).distinct().order_by(column)
    return list(await session.scalars(known.limit(MOST_SUGGESTED_FROM)))
