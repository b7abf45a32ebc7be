"""What the values of filters mean: ids, and names in either script.

One statement for all filters of a request.  A value that means nothing is 422 with near names,
a name that several share is 422 with the candidates: a mistake never looks like an empty list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, CompoundSelect, Select, bindparam, literal, select, union_all

from app.database import Reader
from app.errors import AmbiguousNameError, FieldError, InvalidParametersError, Words
from app.folding import as_seen, search_key
from app.known_names import NAMES, names_in
from app.parameters import near_names
from app.reading import list_path
from app.tables import Agency, KnownName, Platform, Region, Task

MOST_SUGGESTED_FROM = 500
MOST_SHAPES = 128  # statements cached, each of at most 60 KB, as it has each filter once


@dataclass(frozen=True)
class Filter:
    """A parameter whose values must stand in a column, or be names of what stands there."""

    parameter: str
    column: Any
    may_mean_several: bool = False
    takes_ids: bool = True

    @property
    def table(self) -> Any:
        return self.column.class_

    @property
    def has_names(self) -> bool:
        return self.table in (Agency, Region, Platform) or not self.takes_ids


async def resolve(
    reader: Reader, filters: Iterable[Filter], given: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Parameter → ids, for the filters that are given; one statement.

    Raises InvalidParametersError for values that mean nothing, AmbiguousNameError for names that
    several bodies share.
    """
    asked = tuple(filter_ for filter_ in filters if filter_.parameter in given)
    if not asked:
        return {}
    keys = {
        f"{filter_.parameter}_keys": [search_key(value) for value in given[filter_.parameter]]
        for filter_ in asked
        if filter_.has_names
    }
    seen = {filter_.parameter: list(map(as_seen, given[filter_.parameter])) for filter_ in asked}
    found: dict[tuple[str, str], list[str]] = {}
    for parameter, key, id_ in await reader.execute(_look_up(asked), {**seen, **keys}):
        ids = found.setdefault((parameter, key), [])
        if id_ not in ids:
            ids.append(id_)
    unknown: list[FieldError] = []
    ambiguous: list[FieldError] = []
    resolved: dict[str, list[str]] = {}
    for filter_ in asked:
        for value in given[filter_.parameter]:
            exact = found.get((filter_.parameter, f"id:{as_seen(value)}"), [])
            ids = exact or found.get((filter_.parameter, f"name:{search_key(value)}"), [])
            if not ids:
                unknown.append(await _nothing_known(reader, filter_, value))
            elif len(ids) > 1 and not filter_.may_mean_several:
                ambiguous.append(_several(filter_, sorted(ids)))
            else:
                resolved.setdefault(filter_.parameter, []).extend(ids)
    if unknown:
        raise InvalidParametersError(errors=[*unknown, *ambiguous])
    if ambiguous:
        raise AmbiguousNameError(errors=ambiguous)
    return resolved


@lru_cache(MOST_SHAPES)
def _look_up(filters: tuple[Filter, ...]) -> CompoundSelect[str, str, str]:
    """Made once for each set of filters; their values come with each execution."""
    return union_all(*(part for filter_ in filters for part in _parts(filter_)))


def _parts(filter_: Filter) -> Iterable[Select[str, str, str]]:
    column, parameter = filter_.column, literal(filter_.parameter)
    if filter_.takes_ids:
        yield (
            select(parameter, (literal("id:") + column).label("key"), column.label("id"))
            .where(column.in_(bindparam(filter_.parameter, expanding=True)))
            .distinct()
        )
    if filter_.has_names:
        keys: BindParameter[Any] = bindparam(f"{filter_.parameter}_keys", expanding=True)
        yield select(parameter, literal("name:") + KnownName.key, KnownName.id).where(
            KnownName.resource == filter_.table.__tablename__, KnownName.key.in_(keys)
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


async def _nothing_known(reader: Reader, filter_: Filter, value: str) -> FieldError:
    near = near_names(search_key(value), await _known(reader, filter_, value))
    if filter_.has_names and near:
        near = await _as_written(reader, filter_, near)
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


async def _known(reader: Reader, filter_: Filter, value: str) -> list[str]:
    """Names, or ids, that a wrong value may have been meant for."""
    column = filter_.column
    if filter_.table is Task:
        return []  # ids of tasks are not guessed
    known: list[str] = []
    if filter_.has_names:
        names = select(KnownName.key).where(KnownName.resource == filter_.table.__tablename__)
        known += await _around(reader, names, KnownName.key, search_key(value))
    if filter_.takes_ids:
        ids = select(column).where(column.is_not(None))
        known += await _around(reader, ids, column, value)
    return known


async def _as_written(reader: Reader, filter_: Filter, near: Sequence[str]) -> list[str]:
    """Names as they are written, of names as they are searched for; ids stay what they are."""
    table = filter_.table
    named = (
        select(KnownName.key, *NAMES[table])
        .join(table, filter_.column == KnownName.id)
        .where(KnownName.resource == table.__tablename__, KnownName.key.in_(near))
    )
    written: dict[str, str] = {}
    for key, *names in (await reader.execute(named)).all():
        for one in names_in(names):
            if search_key(one) == key:
                written.setdefault(key, one)
    return list(dict.fromkeys(written.get(one, one) for one in near))


async def _around(reader: Reader, known: Select[Any], column: Any, value: str) -> list[str]:
    """All values of a column where they are few, else those beside the value in their order."""
    found: list[str] = []
    for part in (
        known.where(column >= value).order_by(column),
        known.where(column < value).order_by(column.desc()),
    ):
        rows = await reader.execute(part.distinct().limit(MOST_SUGGESTED_FROM))
        found += rows.scalars()
    return sorted(found)
