"""Resolving the values of filters: ids, and names in either script.

One statement for all filters of a request, which also finds the governments that the request is
about; `meanings.py` decides by them.  An unknown value returns 422 with similar names, and an
ambiguous name 422 with the candidates, so that a mistake never looks like an empty list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    CompoundSelect,
    Select,
    String,
    bindparam,
    cast,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from app.chinese.folding import as_seen, search_key
from app.db.engine import Reader
from app.db.models import Agency, KnownName, Plan, Platform, Region, Task
from app.http.parameters import MOST_ERRORS, with_hint
from app.http.paths import list_path
from app.http.problem_schemas import ProblemCandidate, ProblemJurisdiction
from app.http.problems import AmbiguousNameError, FieldError, InvalidParametersError, Message
from app.http.suggestions import LONGEST_COMPARED, MOST_SUGGESTIONS, near_names, parts_of
from app.projections.known_names import NAMES, names_in
from app.reading.meanings import Candidate, Context, meant

MOST_SUGGESTED_FROM = 250  # values and names before and after an unknown one
MOST_CANDIDATES = 20  # of an ambiguous name, in the error
PLACES = ("jurisdiction", "within")  # parameters whose governments a request is about
NOTICES = ("plan", "section", "parent", "task")  # the same, of the plans that they name
HOME = ""  # in place of a parameter
HOME_CODE = "home"
MOST_SHAPES = 74  # cached statements, each of at most 104 KB, as it has each filter once a period


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
    found: dict[tuple[str, str], dict[str, Candidate]] = {}
    statement = _lookup_statement(tuple(sorted(lookups.items(), key=itemgetter(0))))
    for parameter, key, id_, path, government, short in await reader.execute(
        statement, {**params, HOME_CODE: reader.home}
    ):
        one = Candidate(id_, path or "", government or "", bool(short))
        found.setdefault((parameter, key), {})[id_] = one
    unknown: list[Unknown] = []
    ambiguous: list[FieldError] = []
    resolved: dict[str, list[Candidate]] = {}
    home = next((one.path for one in found.get((HOME, HOME), {}).values()), None)
    # Governments first: what other names mean depends on them.
    for name in sorted(lookups, key=lambda one: one not in (*PLACES, *NOTICES)):
        lookup, context = lookups[name], _context(resolved, home, name)
        for value, (as_id, as_name) in seen[name].items():
            exact = found.get((name, f"id:{as_id}"))
            named = [*(exact or found.get((name, f"name:{as_name}"), {})).values()]
            if not named:
                unknown.append((name, lookup, value))
                continue
            one_or_more = named
            if not exact and not lookup.may_mean_several:
                one_or_more = [*meant(named, context, are_places=lookup.table is Region)]
                if len(one_or_more) != 1:
                    ambiguous.append(_ambiguous_error(name, one_or_more or named))
                    continue
            resolved.setdefault(name, []).extend(one_or_more)
    if unknown:
        near = await _suggestions(reader, unknown[:MOST_SUGGESTIONS])
        errors = [_unknown_error(one, near.get(one, [])) for one in unknown[:MOST_ERRORS]]
        raise InvalidParametersError(errors=[*errors, *ambiguous][:MOST_ERRORS])
    if ambiguous:
        raise AmbiguousNameError(errors=ambiguous[:MOST_ERRORS])
    return {name: [one.id for one in resolved[name]] for name in lookups}


def _context(resolved: Mapping[str, Sequence[Candidate]], home: str | None, name: str) -> Context:
    """The governments that a request is about, for the names of a parameter other than these."""
    if name in PLACES:
        return Context(home=home)
    about = {
        other: frozenset(one.path for one in resolved.get(other, ()))
        for other in (*PLACES, *NOTICES)
    }
    spanning = about.pop("within")
    return Context(frozenset().union(*about.values()), spanning, home)


@lru_cache(MOST_SHAPES)
def _lookup_statement(lookups: tuple[tuple[str, Lookup], ...]) -> CompoundSelect[Any]:
    """Built once for each set of parameters; the values are bound at each execution."""
    is_about = any(name in (*PLACES, *NOTICES) for name, _ in lookups)
    parts = [part for name, lookup in lookups for part in _parts(name, lookup, is_about=is_about)]
    if any(lookup.has_names for _, lookup in lookups):
        home = select(literal(HOME), literal(HOME), Region.code, *_government())
        parts.append(home.where(Region.code == bindparam(HOME_CODE)))
    return union_all(*parts)


def _government(is_short: Any = None) -> tuple[Any, ...]:
    """Columns of the government whose name or plan it is."""
    return Region.path, Region.name, cast(is_short, Boolean)


def _parts(name: str, lookup: Lookup, *, is_about: bool) -> Iterable[Select[Any]]:
    """The rows of ids and of names; of others' names only where the home has no body of that name."""
    column, parameter = lookup.column, literal(name)
    if lookup.takes_ids:
        found = select(parameter, (literal("id:") + column).label("key"), column.label("id"))
        found = found.where(column.in_(bindparam(name, expanding=True))).distinct()
        if name in (*PLACES, *NOTICES):
            found = _with_government(found, lookup.table)
        else:
            found = found.add_columns(*(cast(null(), kind) for kind in (String, String, Boolean)))
        yield found
    if lookup.has_names:
        keys: BindParameter[Any] = bindparam(f"{name}_keys", expanding=True)
        found = select(parameter, literal("name:") + KnownName.key, KnownName.id)
        found = found.add_columns(*_government(KnownName.is_short)).select_from(KnownName)
        found = found.outerjoin(Region, Region.code == KnownName.jurisdiction_code)
        found = found.where(
            KnownName.resource == lookup.table.__tablename__, KnownName.key.in_(keys)
        )
        if not (is_about or lookup.may_mean_several):
            own = aliased(KnownName)
            of_home = select(own.key).where(
                own.resource == lookup.table.__tablename__,
                own.key.in_(keys),
                own.jurisdiction_code == bindparam(HOME_CODE),
            )
            is_own = KnownName.jurisdiction_code == bindparam(HOME_CODE)
            found = found.where(or_(is_own, KnownName.key.not_in(of_home)))
        yield found


def _with_government(found: Select[Any], table: Any) -> Select[Any]:
    """Of a government itself, or of the plan."""
    found = found.add_columns(*_government())
    if table is Region:
        return found
    if table is not Plan:
        found = found.join(Plan, Plan.id == table.plan_id)
    return found.join(Region, Region.code == Plan.jurisdiction_code)


def _ambiguous_error(name: str, named: Sequence[Candidate]) -> FieldError:
    named = sorted(named, key=lambda one: (one.path, one.id))
    listed = named[:MOST_CANDIDATES]
    zh = "、".join(f"{one.id}（{one.government} {one.code}）" for one in listed)
    en = ", ".join(f"{one.id} ({one.government} {one.code})" for one in listed)
    more = len(named) - len(listed)
    zh, en = (f"{zh} 等", f"{en} and {more} more") if more else (zh, en)
    # Of bodies of the same government, only the id tells them apart.
    in_one = len({one.path for one in named}) < max(2, len(named)) and len(named) > 1
    return FieldError(
        "query",
        name,
        Message(
            f"此名称可指 {zh}，请用{'' if in_one else ' jurisdiction= 指明辖区，或用'}编号指明。",
            f"Ambiguous name: it may mean {en}; "
            f"{'' if in_one else 'jurisdiction= decides, or '}use the id.",
        ),
        [one.id for one in listed],
        [_candidate(one) for one in listed],
    )


def _candidate(one: Candidate) -> ProblemCandidate:
    government = None
    if one.path:
        government = ProblemJurisdiction(code=one.code, name=one.government)
    return ProblemCandidate(id=one.id, jurisdiction=government)


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
