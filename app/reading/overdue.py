"""What is overdue: one definition for tasks, targets and milestones.

Overdue is what is open after a day that the notice, or a schedule, states.  What is open after the
end of the plan's period alone, as no day is stated, is past its period, and not overdue.
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
        description="true: due before today in China (UTC+8), or before `overdue_on`, by a date that "
        "the notice states, and not reported completed, or measured as met; false: only the others"
    ),
]
PeriodEndedParam = Annotated[
    Boolean | None,
    Field(
        description="true: not completed, or not met, and past only by the end of the plan's period "
        "(`due_basis` is `plan_year`), before today in China or `overdue_on`; false: only the others"
    ),
]


class OverdueFilters(Filters):
    """The filters of what has a date; tasks and targets say what they mean for them."""

    overdue: OverdueParam = None
    period_ended: PeriodEndedParam = None
    overdue_on: Annotated[IsoDate | None, Filter(None)] = Field(
        default=None,
        description="the day for `overdue` and `period_ended`; where neither is given, `overdue` is "
        "true",
    )

    def resolve_defaults(self, today: Callable[[], date]) -> None:
        if self.overdue is None and self.period_ended is None:
            self.overdue = None if self.overdue_on is None else True
        elif self.overdue_on is None:
            self.overdue_on = today()

    @property
    def beside_url(self) -> str:
        return str(self.overdue_on or "")


def _target_is_past(basis: DueBasis) -> ColumnElement[bool]:
    return and_(
        Target.attainment != AttainmentStatus.MET, Target.due_basis == basis, Target.due_on < DAY
    )


def _stated_date_has_passed() -> ColumnElement[bool]:
    """That the notice states a day for a target of the task, and that it has passed."""
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
