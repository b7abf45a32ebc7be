"""In plans of which years an agency has which roles, and a platform is mentioned in which modes.

It is stored in their rows as text, which many share, and an index has the rows of each.  Totals are
summed from it, since assignments and mentions are many times more.  Only a load changes it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.db.models import Agency, Assignment, Mention, PlanYear, Platform, Task

BY_ITSELF = "held"  # in place of a link of tallies
NO_YEAR = "-"
Values = Mapping[str, Collection[str]]  # year → roles or modes


def store_held(session: Session, table: Any, ids: Sequence[str]) -> None:
    """Store what these rows hold, where it has changed; rows of other tables hold nothing."""
    if table not in READ or not ids:
        return
    values = READ[table](session, ids)
    held = select(table.id, table.held).where(table.id.in_(ids))
    changed = [
        {"row_id": id_, "new": new}
        for id_, stored in session.execute(held).all()
        if (new := as_held(values.get(id_, {}))) != stored
    ]
    if changed:
        rows = table.__table__
        one = update(rows).where(rows.c.id == bindparam("row_id"))
        session.connection().execute(one.values(held=bindparam("new")), changed)


def as_held(values: Values) -> str:
    """The years that have the same values, and these values: `2022/2024 lead/support,2025 lead`."""
    years: defaultdict[str, list[str]] = defaultdict(list)
    for year in sorted(values):
        years["/".join(sorted(values[year]))].append(year)
    return ",".join(f"{'/'.join(years[same])} {same}" for same in sorted(years))


def is_held(held: str, given: Iterable[Collection[str]]) -> bool:
    """Whether one of the years and one of the values stand together; no years are any, as no values are."""
    groups = (group.split() for group in held.split(",") if group)
    return any(
        all(
            not those or any(one in place.split("/") for one in those)
            for those, place in zip(given, group, strict=True)
        )
        for group in groups
    )


def _of_agencies(session: Session, ids: Sequence[str]) -> Mapping[str, Values]:
    found = (
        select(Assignment.agency_id, PlanYear.year, Assignment.role)
        .join(Task, Task.id == Assignment.task_id)
        .outerjoin(PlanYear, PlanYear.plan_id == Task.plan_id)
        .where(Assignment.agency_id.in_(ids))
        .distinct()
    )
    roles: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for id_, year, role in session.execute(found):
        roles[id_][str(year or NO_YEAR)].add(str(role))
    return roles


def _of_platforms(session: Session, ids: Sequence[str]) -> Mapping[str, Values]:
    """Filters ask for a year in which a task mentions it, and for a mode anywhere."""
    in_years = (
        select(Mention.platform_id, PlanYear.year)
        .join(PlanYear, PlanYear.plan_id == Mention.plan_id)
        .where(Mention.platform_id.in_(ids), Mention.task_id.is_not(None))
        .distinct()
    )
    years: defaultdict[str, set[str]] = defaultdict(set)
    for id_, year in session.execute(in_years):
        years[id_].add(str(year))
    modes: defaultdict[str, set[str]] = defaultdict(set)
    in_modes = select(Mention.platform_id, Mention.mode).where(Mention.platform_id.in_(ids))
    for id_, mode in session.execute(in_modes.distinct()):
        modes[id_].add(str(mode))
    return {id_: dict.fromkeys(years.get(id_, {NO_YEAR}), found) for id_, found in modes.items()}


READ = {Agency: _of_agencies, Platform: _of_platforms}
