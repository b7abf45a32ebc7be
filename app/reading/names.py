"""Resolving the values of filters: ids, and names in either script.

One statement for all filters of a request.  An unknown value returns 422 with similar names, and an
ambiguous name 422 with the candidates, so that a mistake never looks like an empty list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Select,
    bindparam,
    literal,
    select,
    union_all,
)

from app.chinese.folding import as_seen, search_key
from app.db.engine import Reader
from app.db.models import Agency, KnownName, Platform, Region, Task
from app.http.parameters import MOST_ERRORS, with_hint
from app.http.paths import list_path
from app.http.problems import AmbiguousNameError, FieldError, InvalidParametersError, Message
from app.http.suggestions import LONGEST_COMPARED, MOST_SUGGESTIONS, near_names, parts_of
from app.projections.known_names import NAMES, names_in

MOST_SUGGESTED_FROM = 250  # values and names before and after an unknown one
MOST_SHAPES = 128  # cached statements, each of at most 60 KB, as it has each filter once


@dataclass(frozen=True)
class Lookup:
    """Where the values of a parameter are looked up: a column of ids, and names of these ids."""

    column: Any
    may_mean_several: bool = False
    takes_ids: bool = True

    @property
    def table(self) -> Any:
        return self.column.class_

    @property
    def has_names(self) -> bool:
        return self.table in (Agency, Region, Platform) or not self.takes_ids


Lookups = Mapping[str, Lookup]  # by parameter
Unknown = tuple[str, Lookup, str]  # a parameter, and a value of it that is not found


async def resolve(
    reader: Reader, lookups: Lookups, values: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Parameter → ids; one statement, at most five if a value is unknown.

    Raises InvalidParametersError for unknown values, AmbiguousNameError for names that several
    resources share.
    """
    if not lookups:
        return {}
    # Each value is folded once as an id and once as a name.
    seen = {
        name: {
            value: (as_seen(value), search_key(value) if lookup.has_names else "")
            for value in values[name]
        }
        for name, lookup in lookups.items()
    }
    params = {name: [id_ for id_, _ in folded.values()] for name, folded in seen.items()}
    params |= {f"{name}_keys": [key for _, key in folded.values()] for name, folded in seen.items()}
    found: dict[tuple[str, str], list[str]] = {}
    statement = _lookup_statement(tuple(sorted(lookups.items(), key=itemgetter(0))))
    for parameter, key, id_ in await reader.execute(statement, params):
        ids = found.setdefault((parameter, key), [])
        if id_ not in ids:
            ids.append(id_)
    unknown: list[Unknown] = []
    ambiguous: list[FieldError] = []
    resolved: dict[str, list[str]] = {}
    for name, lookup in lookups.items():
        for value, (as_id, as_name) in seen[name].items():
            exact = found.get((name, f"id:{as_id}"), [])
            ids = exact or found.get((name, f"name:{as_name}"), [])
            if not ids:
                unknown.append((name, lookup, value))
            elif len(ids) > 1 and not lookup.may_mean_several:
                ambiguous.append(_ambiguous_error(name, sorted(ids)))
            else:
                resolved.setdefault(name, []).extend(ids)
    if unknown:
        near = await _suggestions(reader, unknown[:MOST_SUGGESTIONS])
        errors = [_unknown_error(one, near.get(one, [])) for one in unknown[:MOST_ERRORS]]
        raise InvalidParametersError(errors=[*errors, *ambiguous][:MOST_ERRORS])
    if ambiguous:
        raise AmbiguousNameError(errors=ambiguous[:MOST_ERRORS])
    return resolved


@lru_cache(MOST_SHAPES)
def _lookup_statement(lookups: tuple[tuple[str, Lookup], ...]) -> CompoundSelect[str, str, str]:
    """Built once for each set of parameters; the values are bound at each execution."""
    return union_all(*(part for name, lookup in lookups for part in _parts(name, lookup)))


def _parts(name: str, lookup: Lookup) -> Iterable[Select[str, str, str]]:
    column, parameter = lookup.column, literal(name)
    if lookup.takes_ids:
        yield (
            select(parameter, (literal("id:") + column).label("key"), column.label("id"))
            .where(column.in_(bindparam(name, expanding=True)))
            .distinct()
        )
    if lookup.has_names:
        keys: BindParameter[Any] = bindparam(f"{name}_keys", expanding=True)
        yield select(parameter, literal("name:") + KnownName.key, KnownName.id).where(
            KnownName.resource == lookup.table.__tablename__, KnownName.key.in_(keys)
        )


def _ambiguous_error(name: str, ids: Sequence[str]) -> FieldError:
    return FieldError(
        "query",
        name,
        Message(
            f"此名称可指 {'、'.join(ids)}，请用编号指明。",
            f"Ambiguous name: it may mean {', '.join(ids)}; use the id.",
        ),
        ids,
    )


def _unknown_error(unknown: Unknown, near: Sequence[str]) -> FieldError:
    name, lookup, value = unknown
    if near:
        message = Message(
            f"没有这个编号或名称。相近的有：{'、'.join(near)}。",
            f"No such id or name. Did you mean {', '.join(near)}?",
        )
    elif lookup.table is Region:
        message = Message(
            "没有这个地方；请用 GB/T 2260 代码或地名，如 440300 或深圳市。",
            "No such place is known; use a GB/T 2260 code or a name, such as 440300 or 深圳市.",
        )
    else:
        place = list_path(lookup.table)
        message = Message(
            f"没有这个编号或名称；全部列在 {place}。",
            f"No such id or name; {place} lists all.",
        )
    return FieldError("query", name, with_hint(message, name, value), list(near))


async def _suggestions(reader: Reader, unknown: Sequence[Unknown]) -> dict[Unknown, list[str]]:
    """Similar ids and names for each unknown value; one statement, and one for each table.

    A value may be several in one, such as `a,b`: there are suggestions for each part.
    """
    terms = [
        (one, part[:LONGEST_COMPARED])
        for one in unknown
        if one[1].table is not Task  # ids of tasks are not guessed
        for part in parts_of(one[2])
    ][:MOST_SUGGESTIONS]
    if not terms:
        return {}
    known: dict[int, list[str]] = {}
    neighbours = [
        _around(place, lookup, part) for place, ((_, lookup, _), part) in enumerate(terms)
    ]
    for place, name in await reader.execute(
        union_all(*(part for parts in neighbours for part in parts))
    ):
        known.setdefault(place, []).append(name)
    near: dict[Unknown, list[str]] = {}
    for place, (one, part) in enumerate(terms):
        near.setdefault(one, []).extend(near_names(search_key(part), known.get(place, [])))
    return await _as_written(reader, near)


def _around(place: int, lookup: Lookup, value: str) -> Iterable[Select[Any]]:
    """The values of a column, and the names, that sort just before and after a value."""
    column = lookup.column
    searched = []
    if lookup.takes_ids:
        searched.append((select(literal(place), column).where(column.is_not(None)), column, value))
    if lookup.has_names:
        names = select(literal(place), KnownName.key)
        names = names.where(KnownName.resource == lookup.table.__tablename__)
        searched.append((names, KnownName.key, search_key(value)))
    for known, ordered, term in searched:
        for part in (
            known.where(ordered >= term).order_by(ordered),
            known.where(ordered < term).order_by(ordered.desc()),
        ):
            yield select(*part.distinct().limit(MOST_SUGGESTED_FROM).subquery().c)


async def _as_written(
    reader: Reader, near: Mapping[Unknown, Sequence[str]]
) -> dict[Unknown, list[str]]:
    """Registered spellings of folded names; ids stay unchanged."""
    written: dict[tuple[Any, str], str] = {}
    for column in {lookup.column: None for _, lookup, _ in near if lookup.has_names}:
        table = column.class_
        keys = [key for (_, lookup, _), names in near.items() for key in names
                if lookup.table is table]  # fmt: skip
        named = (
            select(KnownName.key, *NAMES[table])
            .join(table, column == KnownName.id)
            .where(KnownName.resource == table.__tablename__, KnownName.key.in_(keys))
        )
        for key, *names in (await reader.execute(named)).all():
            for one in names_in(names):
                if search_key(one) == key:
                    written.setdefault((table, key), one)
    return {
        unknown: list(dict.fromkeys(written.get((unknown[1].table, one), one) for one in names))
        for unknown, names in near.items()
    }
