"""How many tasks and targets of a plan have the same roles, kinds of agencies, or modes.

Tasks are also counted by what they are themselves, and leaves and groups of them apart.

Totals of common filters are summed from these, since reading all assignments takes seconds at a
million tasks.  Only a load changes what they count.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.orm import Session

from app.db.models import Agency, Assignment, Mention, Target, Task

ASSIGNED, MENTIONED, ITSELF = Assignment.__tablename__, Mention.__tablename__, "itself"
PARTS = {True: "leaf", False: "group"}  # of tasks, by `is_leaf`; in place of a table
HAS_TARGETS = (
    select(Target.id).where(Target.task_id == Task.id, Target.withdrawn_at.is_(None)).exists()
)
# What is held of a row's links, in the order of a member.
HELD: Mapping[str, tuple[Any, ...]] = {
    ASSIGNED: (Assignment.role, Agency.kind),
    MENTIONED: (Mention.mode,),
    ITSELF: (Task.level, Task.is_leaf, HAS_TARGETS),
}
PLAN_ID: BindParameter[str] = bindparam("plan_id")


def _linked(table: Any, task_id: Any, link: str) -> Select[Any]:
    found = select(table.id, *HELD[link]).where(
        table.plan_id == PLAN_ID, table.withdrawn_at.is_(None)
    )
    if link == ITSELF:
        return found
    if link == MENTIONED:
        return found.outerjoin(Mention, Mention.task_id == task_id)
    assigned = found.outerjoin(Assignment, Assignment.task_id == task_id)
    return assigned.outerjoin(Agency, Agency.id == Assignment.agency_id)


LINKED: Mapping[tuple[str, str], Select[Any]] = {
    (Task.__tablename__, ASSIGNED): _linked(Task, Task.id, ASSIGNED),
    (Task.__tablename__, MENTIONED): _linked(Task, Task.id, MENTIONED),
    (Task.__tablename__, ITSELF): _linked(Task, Task.id, ITSELF),
    **{
        (part, link): _linked(Task, Task.id, link).where(Task.is_leaf.is_(is_leaf))
        for is_leaf, part in PARTS.items()
        for link in (ASSIGNED, MENTIONED)
    },
    (Target.__tablename__, ASSIGNED): _linked(Target, Target.task_id, ASSIGNED),
}


def tally_rows(session: Session, plan_id: str) -> Iterator[dict[str, Any]]:
    """The rows of a plan's tallies, as its tasks and targets are stored; a statement for each link."""
    for (resource, link), statement in LINKED.items():
        held: defaultdict[str, set[str]] = defaultdict(set)
        for id_, *values in session.execute(statement, {"plan_id": plan_id}):
            held[id_].update([] if values[0] is None else [" ".join(map(as_held, values))])
        counted = Counter(",".join(sorted(members)) for members in held.values())
        for members, rows in counted.items():
            row = {"plan_id": plan_id, "resource": resource, "link": link}
            yield {**row, "held": members, "rows": rows}


def as_held(value: Any) -> str:
    """A value of a column, or of a filter, as it is held."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def matching_rows(tallies: Iterable[tuple[str, int]], given: Iterable[Any]) -> int:
    """The rows that have a link with one of the given values at each place; None is any value."""
    places = [[as_held(value)] if isinstance(value, bool) else value for value in given]
    if not any(places):
        return sum(rows for _, rows in tallies)
    return sum(
        rows
        for held, rows in tallies
        if any(
            all(not values or value in values for values, value in zip(places, member, strict=True))
            for member in map(str.split, held.split(","))
            if member
        )
    )
