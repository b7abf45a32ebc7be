"""The queries of deadlines: targets with a stated due date, and milestones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Text, and_, cast, literal_column, or_, select

from app.db.engine import Reader
from app.db.models import LAST_WITHOUT_DATE, Assignment, Milestone, Plan, Region, Target, Task
from app.http.problems import FieldError, InvalidParametersError, Message
from app.reading.filters import Filter, Through, among, at_least, at_most, declared, one_of
from app.reading.list_params import Filters, SearchableFilters
from app.reading.listing import Listing, Values, page_statement
from app.reading.overdue import HAS_PRINTED_DATE, MILESTONE_IS_OVERDUE
from app.reading.search import having_words
from app.reading.ways import ANY, Way
from app.resources.deadlines.schemas import DeadlineQuery

MOST_EVENTS = 2_000  # in one calendar, which a phone downloads as a whole
TOO_MANY = Message(
    f"日历最多 {MOST_EVENTS} 项；请增加筛选条件，如 plan、agency、due_from、due_to。",
    f"A calendar holds at most {MOST_EVENTS} events; add filters, such as plan, agency, "
    "due_from, due_to.",
)


@dataclass(frozen=True)
class Deadlines:
    """Rows of both kinds in the order of their dates.

    Each has id, document, version, changed_at, is_example.
    """

    targets: Sequence[Row[Any]]
    milestones: Sequence[Row[Any]]


class OfTaskOrAgency(Through):
    """Milestones by an assignment of their task, or by the agency that set them.

    An agency may set a milestone by delegation of the assigned collective, and then has no role.
    """

    def condition(
        self, table: Any, filters: Mapping[str, Filter], *, counting: bool = False
    ) -> ColumnElement[bool]:
        of_task = super().condition(table, filters, counting=counting)
        if not all(one is BY_AGENCY for one in filters.values()):
            return of_task
        return or_(of_task, *(one_of(Milestone.agency_id, name) for name in filters))


ASSIGNED = OfTaskOrAgency(Milestone.task_id, select(Assignment.task_id))
BY_AGENCY = among(Assignment.agency_id, through=ASSIGNED)
IN_NOTICE = select(Task.id).where(Task.id == Milestone.task_id, Task.withdrawn_at.is_(None))
# The conditions of the filters for milestones; all others apply to targets only.
OF_MILESTONES = {
    **declared(Filters),
    "plan": among(Milestone.plan_id),
    "task": among(Milestone.task_id),
    "section": Filter(
        lambda _, name: IN_NOTICE.where(one_of(Task.section_id, name)).exists(),
    ),
    "agency": BY_AGENCY,
    "role": among(Assignment.role, through=ASSIGNED, is_selective=False),
    "due_from": at_least(Milestone.due_on),
    "due_to": at_most(Milestone.due_on),
    "overdue": MILESTONE_IS_OVERDUE,
    "overdue_on": Filter(None),
}
# Days of the year by which something is due each time, in a plan whose period says in which years.
RECURS_ON_DAYS = and_(cast(Target.recurs_on, Text) != "[]", Target.due_on.is_not(None))
# The end of a plan's period alone is not a deadline that was stated.
STATED = Listing.of(
    Target,
    DeadlineQuery,
    # Each has a date; this is what the index of the order has.
    {"due_on": [(literal_column(LAST_WITHOUT_DATE, Target.due_on.type), date)]},
    always=[or_(HAS_PRINTED_DATE, RECURS_ON_DAYS)],
)
SCHEDULED = Listing(
    Milestone, OF_MILESTONES, {"due_on": [(Milestone.due_on, date)]}, always=[IN_NOTICE.exists()]
)


async def read_deadlines(
    reader: Reader, params: SearchableFilters, agency: str | None = None
) -> Deadlines:
    """The filtered deadlines, optionally of one agency; at most four statements, and those of `way_of`.

    Raises InvalidParametersError if there are more than a calendar holds.
    """
    values = await STATED.values(reader, params)
    if agency:
        values["agency"] = [agency]
    message = await having_words(reader, Target, params.q)
    way = ANY if message else await STATED.way(reader, values)
    deadlines = Deadlines(await _by_day(reader, STATED, values, way, *message), ())
    if not params.q and values.keys() <= OF_MILESTONES.keys():
        scheduled = await _by_day(reader, SCHEDULED, values, await SCHEDULED.way(reader, values))
        deadlines = Deadlines(deadlines.targets, scheduled)
    if len(deadlines.targets) + len(deadlines.milestones) > MOST_EVENTS:
        raise InvalidParametersError(errors=[FieldError("query", "plan", TOO_MANY)])
    return deadlines


async def _by_day(
    reader: Reader, listing: Listing, values: Values, way: Way, *more: ColumnElement[bool]
) -> Sequence[Row[Any]]:
    statement = page_statement(
        listing, listing.active(values), "due_on", shape=way.shape, more=COLUMNS[listing.table]
    )
    rows = {"rows": MOST_EVENTS + 1, **way.values}
    return (await reader.execute(statement.where(*more), {**values, **rows})).all()


def _columns(table: Any) -> tuple[Any, ...]:
    return table.version, table.changed_at, *_of_plan(table)


def _of_plan(table: Any) -> list[Any]:
    """Whether the government of a row's plan does not exist, and the first day of its period."""
    plan = select(Region.is_example).join(Plan, Plan.jurisdiction_code == Region.code)
    plan = plan.where(Plan.id == table.plan_id)
    found = (plan, plan.with_only_columns(Plan.period_start_on, maintain_column_froms=True))
    is_example, start_on = (one.scalar_subquery() for one in found)
    return [is_example.label("is_example"), start_on.label("period_start_on")]


COLUMNS = {table: _columns(table) for table in (Target, Milestone)}
