"""Reading what has a day: targets whose day is stated, and milestones."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, select

from app.db.engine import Reader
from app.db.models import Assignment, Milestone, Target, Task
from app.enums import DueBasis, MilestoneStatus
from app.http.problems import FieldError, InvalidParametersError, Words
from app.reading.listing import (
    Given,
    Listing,
    SearchableFilters,
    assigned_to,
    one_of,
    value_of,
)
from app.reading.names import MOST_SHAPES
from app.reading.search import having_words
from app.reading.target_filters import LOOK_UPS, fitting, matching

MOST_EVENTS = 2_000  # of one calendar, which is one document and goes into somebody's telephone
OF_TARGETS_ALONE = {
    "kind",
    "unit",
    "comparator",
    "attainment",
    "period_ended_on",
}  # no milestone has any of these
TOO_MANY = Words(
    f"日历最多 {MOST_EVENTS} 项；请增加筛选条件，如 plan、agency、due_from、due_to。",
    f"A calendar holds {MOST_EVENTS} events at the most; add filters, such as plan, agency, "
    "due_from, due_to.",
)


@dataclass(frozen=True)
class Deadlines:
    """Rows of both kinds, each by day: id, document, version, changed_at."""

    targets: Sequence[Row[Any]]
    milestones: Sequence[Row[Any]]


def _stated(given: Given) -> list[ColumnElement[bool]]:
    """The last day of a plan's year is no deadline that anybody has set."""
    return [Target.due_basis == DueBasis.STATED, *matching(given)]


def _scheduled(given: Given) -> list[ColumnElement[bool]]:
    """What the filters of targets mean for milestones, whose task must still be in the notice."""
    task = select(Task.id).where(Task.id == Milestone.task_id, Task.withdrawn_at.is_(None))
    if "section" in given:
        task = task.where(one_of(Task.section_id, "section"))
    conditions: list[ColumnElement[bool]] = [task.exists()]
    plain = {"plan": Milestone.plan_id, "task": Milestone.task_id}
    conditions += [one_of(column, name) for name, column in plain.items() if name in given]
    if of_one := fitting(given):
        assigned = select(Assignment.task_id).where(*of_one)
        of_its_tasks = assigned_to(Milestone.task_id, assigned, given)
        if "agency" in given and "role" not in given:  # it may speak for a collective
            of_its_tasks = or_(of_its_tasks, one_of(Milestone.agency_id, "agency"))
        conditions.append(of_its_tasks)
    day = Milestone.due_on.type
    if "due_from" in given:
        conditions.append(Milestone.due_on >= value_of("due_from", day))
    if "due_to" in given:
        conditions.append(Milestone.due_on <= value_of("due_to", day))
    if "overdue_on" in given:
        conditions.append(Milestone.due_on < value_of("overdue_on", day))
        conditions.append(Milestone.status == MilestoneStatus.PLANNED)
    if "in_time_on" in given:
        in_time = Milestone.due_on >= value_of("in_time_on", day)
        conditions.append(or_(in_time, Milestone.status != MilestoneStatus.PLANNED))
    return conditions


STATED = Listing(Target, _stated, {}, LOOK_UPS)
SCHEDULED = Listing(Milestone, _scheduled, {})


async def read_deadlines(reader: Reader, wanted: SearchableFilters) -> Deadlines:
    """What the filters leave; four statements at the most.

    Raises InvalidParametersError where it is more than a calendar holds.
    """
    values = await STATED.values(reader, wanted)
    given = frozenset(values)
    words = await having_words(reader, Target, wanted.q)
    found = await reader.execute(_by_day(STATED, given).where(*words), values)
    deadlines = Deadlines(found.all(), ())
    if not wanted.q and given.isdisjoint(OF_TARGETS_ALONE):
        scheduled = await reader.execute(_by_day(SCHEDULED, given), values)
        deadlines = Deadlines(deadlines.targets, scheduled.all())
    if len(deadlines.targets) + len(deadlines.milestones) > MOST_EVENTS:
        raise InvalidParametersError(errors=[FieldError("query", "plan", TOO_MANY)])
    return deadlines


@lru_cache(MOST_SHAPES)
def _by_day(listing: Listing, given: Given) -> Select[Any]:
    table = listing.table
    columns = (table.id, table.document, table.version, table.changed_at)
    matching_rows = select(*columns).where(*listing.conditions(given))
    return matching_rows.order_by(table.due_on, table.id).limit(MOST_EVENTS + 1)
