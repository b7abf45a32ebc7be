"""How many tasks and targets of a plan have the same roles, kinds of agencies, or modes.

They are also counted by what they are themselves, and leaves and groups of tasks apart.

Totals and facets of common filters are summed from these, since reading all assignments takes seconds
at a million tasks.  Those of all plans of a period stand together, too, so that a year, or everything,
is as few rows however many plans there are.  Only a load changes what they count.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.db.models import Agency, Assignment, Mention, PeriodTally, Plan, Tally, Target, Task

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
NOTHING = "-"  # in place of null
OF_TARGETS: tuple[Any, ...] = (
    Target.strength,
    Target.kind,
    Target.comparator,
    Target.recurrence,
)
PLAN_ID: BindParameter[str] = bindparam("plan_id")
PERIOD = select(Plan.period_start_on, Plan.period_end_on).where(Plan.id == PLAN_ID)
TALLIES = tuple(Tally.__table__.columns)
KEY = ("period", "resource", "link", "held")


def linked(table: Any, task_id: Any, link: str) -> Select[Any]:
    """Rows with what is held of each of their links, or with null if they have none."""
    found = select(table.id, *HELD[link])
    if link == ITSELF:
        return found
    if link == MENTIONED:
        return found.outerjoin(Mention, Mention.task_id == task_id)
    assigned = found.outerjoin(Assignment, Assignment.task_id == task_id)
    return assigned.outerjoin(Agency, Agency.id == Assignment.agency_id)


OF_TARGET: Select[Any] = select(Target.id, *OF_TARGETS).where(
    Target.plan_id == PLAN_ID, Target.withdrawn_at.is_(None)
)


def _of_plan(table: Any, task_id: Any, link: str) -> Select[Any]:
    of_plan = table.plan_id == PLAN_ID, table.withdrawn_at.is_(None)
    return linked(table, task_id, link).where(*of_plan)


LINKED: Mapping[tuple[str, str], Select[Any]] = {
    (Task.__tablename__, ASSIGNED): _of_plan(Task, Task.id, ASSIGNED),
    (Task.__tablename__, MENTIONED): _of_plan(Task, Task.id, MENTIONED),
    (Task.__tablename__, ITSELF): _of_plan(Task, Task.id, ITSELF),
    **{
        (part, link): _of_plan(Task, Task.id, link).where(Task.is_leaf.is_(is_leaf))
        for is_leaf, part in PARTS.items()
        for link in (ASSIGNED, MENTIONED)
    },
    (Target.__tablename__, ASSIGNED): _of_plan(Target, Target.task_id, ASSIGNED),
    (Target.__tablename__, ITSELF): OF_TARGET,
}


def store_tallies(session: Session, plan_id: str) -> None:
    """Count a plan anew, and add what differs to the tallies of its period."""
    of_plan = Tally.plan_id == plan_id
    stored = [dict(row) for row in session.execute(select(*TALLIES).where(of_plan)).mappings()]
    counted = [*tally_rows(session, plan_id)]
    before, after = (
        {tuple(row[name] for name in KEY): row["rows"] for row in rows}
        for rows in (stored, counted)
    )
    if before == after:
        return
    session.execute(delete(Tally).where(of_plan))
    if counted:
        session.connection().execute(insert(Tally), counted)
    _add(session, {key: after.get(key, 0) - before.get(key, 0) for key in {**before, **after}})


def _add(session: Session, differences: Mapping[tuple[str, ...], int]) -> None:
    """Add to the tallies of periods; four statements."""
    rows: Any = PeriodTally.__table__
    key = [rows.c[name] for name in KEY]
    of_periods = rows.c.period.in_({period for period, *_ in differences})
    stored = {tuple(row) for row in session.execute(select(*key).where(of_periods))}
    changed: list[dict[str, Any]] = []
    added: list[dict[str, Any]] = []
    for one, more in differences.items():
        row = {**{f"of_{name}": value for name, value in zip(KEY, one, strict=True)}, "more": more}
        if more:
            (changed if one in stored else added).append(row)
    connection = session.connection()
    if changed:
        same = (column == bindparam(f"of_{column.name}") for column in key)
        more_rows = update(rows).where(*same).values(rows=rows.c.rows + bindparam("more"))
        connection.execute(more_rows, changed)
    if added:
        new: dict[str, Any] = {column.name: bindparam(f"of_{column.name}") for column in key}
        connection.execute(insert(rows).values(**new, rows=bindparam("more")), added)
    connection.execute(delete(rows).where(of_periods, rows.c.rows == 0))


def store_period_tallies(session: Session) -> None:
    """Sum the tallies of all periods anew from those of plans."""
    key = [Tally.__table__.c[name] for name in KEY]
    summed = select(*key, func.sum(Tally.rows)).group_by(*key)
    session.execute(delete(PeriodTally))
    session.execute(insert(PeriodTally).from_select([*KEY, "rows"], summed))


def tally_rows(session: Session, plan_id: str) -> Iterator[dict[str, Any]]:
    """The rows of a plan's tallies, as its tasks and targets are stored; a statement for each link."""
    start, end = session.execute(PERIOD, {"plan_id": plan_id}).one()
    period = f"{start:%Y}-{end:%Y}" if start else ""
    for (resource, link), statement in LINKED.items():
        held: defaultdict[str, set[str]] = defaultdict(set)
        for id_, *values in session.execute(statement, {"plan_id": plan_id}):
            held[id_].update([] if values[0] is None else [" ".join(map(as_held, values))])
        counted = Counter(",".join(sorted(members)) for members in held.values())
        for members, rows in counted.items():
            row = {"plan_id": plan_id, "resource": resource, "link": link, "period": period}
            yield {**row, "held": members, "rows": rows}


def as_held(value: Any) -> str:
    """A value of a column, or of a filter, as it is held."""
    if value is None:
        return NOTHING
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
