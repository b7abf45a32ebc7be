"""The one definition of overdue, for tasks, targets and milestones.

Overdue: open after a date that the notice, or a schedule, states.  Open after the end of the plan's
period, without a stated date, is `period_ended` and not overdue.
"""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import ColumnElement, and_, not_

from app.db.models import Milestone, Target, Task
from app.enums import PRINTED, AttainmentStatus, DueBasis, MilestoneStatus, ProgressStatus
from app.http.parameters import Boolean, IsoDate
from app.reading.filters import Filter, filter_value, holds
from app.reading.list_params import Filters
from app.reading.tallied import distinct

DAY = filter_value("overdue_on", Target.due_on.type)

OverdueParam = Annotated[
    Boolean | None,
    Field(
        description="true: only rows that are neither completed nor met, and whose date stated in "
        "the notice is before `overdue_on` (default: today in China, UTC+8); false: only the others."
    ),
]
PeriodEndedParam = Annotated[
    Boolean | None,
    Field(
        description="true: only rows that are neither completed nor met, and that have no stated date "
        "(`due_basis` is `plan_end`) while the plan's period ended before `overdue_on` (default: "
        "today in China, UTC+8); false: only the others."
    ),
]


class OverdueFilters(Filters):
    """The filters by due date; tasks and targets declare their conditions."""

    overdue: OverdueParam = None
    period_ended: PeriodEndedParam = None
    overdue_on: Annotated[IsoDate | None, Filter(None)] = Field(
        default=None,
        description="Reference date for `overdue` and `period_ended`; without either, it implies "
        "`overdue=true`.",
    )

    def resolve_defaults(self, today: Callable[[], date]) -> None:
        if self.overdue is None and self.period_ended is None:
            self.overdue = None if self.overdue_on is None else True
        elif self.overdue_on is None:
            self.overdue_on = today()

    @property
    def resolved_defaults(self) -> str:
        return str(self.overdue_on or "")


HAS_PRINTED_DATE = Target.due_basis.in_(PRINTED)


def _other_than(column: Any, value: StrEnum) -> ColumnElement[bool]:
    """The condition that a column has any other value, in words for which an index is searched."""
    others: ColumnElement[bool] = column.in_([one for one in type(value) if one is not value])
    return others


def _has_passed(day: Any) -> ColumnElement[bool]:
    """False, never null, without a date, since the filter may be negated."""
    return and_(day.is_not(None), day < DAY)


def _by_index(table: Any) -> ColumnElement[bool]:
    """True; for few rows among many, it names the first column of an index."""
    any_period: ColumnElement[bool] = table.period.in_(distinct(table.period))
    return any_period


def _target_is_past(basis: ColumnElement[bool]) -> ColumnElement[bool]:
    not_met = _other_than(Target.attainment, AttainmentStatus.MET)
    return and_(not_met, Target.due_basis.is_not(None), basis, _has_passed(Target.due_on))


IS_OPEN = _other_than(Task.status, ProgressStatus.COMPLETED)
TASK_IS_OVERDUE = holds(and_(_by_index(Task), IS_OPEN, _has_passed(Task.stated_due_on)))
TASK_PERIOD_HAS_ENDED = holds(
    and_(IS_OPEN, _has_passed(Task.due_on), not_(_has_passed(Task.stated_due_on)))
)
TARGET_IS_OVERDUE = holds(and_(_by_index(Target), _target_is_past(HAS_PRINTED_DATE)))
TARGET_PERIOD_HAS_ENDED = holds(_target_is_past(Target.due_basis == DueBasis.PLAN_END))
MILESTONE_IS_OVERDUE = holds(
    and_(Milestone.due_on < DAY, Milestone.status == MilestoneStatus.PLANNED)
)
