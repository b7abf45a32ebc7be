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
        "(`due_basis` is `plan_year`) while the plan's period ended before `overdue_on` (default: "
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


def _target_is_past(basis: DueBasis) -> ColumnElement[bool]:
    return and_(
        Target.attainment != AttainmentStatus.MET, Target.due_basis == basis, Target.due_on < DAY
    )


def _stated_date_has_passed() -> ColumnElement[bool]:
    """The condition that a target of the task has a stated date, and that it has passed."""
    stated = select(Target.task_id).where(
        Target.task_id.is_not(None),
        Target.due_basis == DueBasis.STATED,
        Target.due_on < DAY,
        Target.withdrawn_at.is_(None),
    )
    return Task.id.in_(stated)


IS_OPEN = Task.status != ProgressStatus.COMPLETED
TASK_IS_OVERDUE = holds(and_(IS_OPEN, _stated_date_has_passed()))
TASK_PERIOD_HAS_ENDED = holds(
    and_(IS_OPEN, func.coalesce(Task.due_on < DAY, false()), not_(_stated_date_has_passed()))
)
TARGET_IS_OVERDUE = holds(_target_is_past(DueBasis.STATED))
TARGET_PERIOD_HAS_ENDED = holds(_target_is_past(DueBasis.PLAN_YEAR))
MILESTONE_IS_OVERDUE = holds(
    and_(Milestone.due_on < DAY, Milestone.status == MilestoneStatus.PLANNED)
)
