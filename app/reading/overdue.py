"""The one definition of overdue, for tasks, targets and milestones.

Overdue: open after a date that the notice, or a schedule, states.  Open after the end of the plan's
period, without a stated date, is `period_ended` and not overdue.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated

from pydantic import Field
from sqlalchemy import ColumnElement, and_, false, func, not_, select

from app.db.models import Milestone, Target, Task
from app.enums import AttainmentStatus, DueBasis, MilestoneStatus, ProgressStatus
from app.http.parameters import Boolean, IsoDate
from app.reading.filters import Filter, filter_value, holds
from app.reading.list_params import Filters

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


# Both are printed, the second earlier in the sentence.
PRINTED = (DueBasis.STATED, DueBasis.INHERITED)
HAS_PRINTED_DATE = Target.due_basis.in_(PRINTED)


def _target_is_past(basis: ColumnElement[bool]) -> ColumnElement[bool]:
    """False, never null, without a date, since the filter may be negated."""
    past = func.coalesce(and_(basis, Target.due_on < DAY), false())
    return and_(Target.attainment != AttainmentStatus.MET, past)


def _stated_date_has_passed() -> ColumnElement[bool]:
    """The condition that a target of the task has a stated date, and that it has passed."""
    stated = select(Target.task_id).where(
        Target.task_id.is_not(None),
        HAS_PRINTED_DATE,
        Target.due_on < DAY,
        Target.withdrawn_at.is_(None),
    )
    return Task.id.in_(stated)


IS_OPEN = Task.status != ProgressStatus.COMPLETED
TASK_IS_OVERDUE = holds(and_(IS_OPEN, _stated_date_has_passed()))
TASK_PERIOD_HAS_ENDED = holds(
    and_(IS_OPEN, func.coalesce(Task.due_on < DAY, false()), not_(_stated_date_has_passed()))
)
TARGET_IS_OVERDUE = holds(_target_is_past(HAS_PRINTED_DATE))
TARGET_PERIOD_HAS_ENDED = holds(_target_is_past(Target.due_basis == DueBasis.PLAN_END))
MILESTONE_IS_OVERDUE = holds(
    and_(Milestone.due_on < DAY, Milestone.status == MilestoneStatus.PLANNED)
)
