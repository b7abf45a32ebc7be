"""Writing milestones."""

from dataclasses import replace
from datetime import date

from app.db.models import Milestone, MilestoneChange
from app.enums import MilestoneChangeKind, MilestoneStatus
from app.http.problems import (
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidParametersError,
    Message,
)
from app.resources.milestones.schemas import MilestoneChangeSubmission, MilestoneSubmission
from app.writing.facts import (
    assigned_task,
    common_columns,
    existing,
    next_ordinal,
    not_later_than_today,
    refreshed,
    store,
)
from app.writing.unit_of_work import Write, WriteResult

NEEDS_A_DAY = Message("改期须写明新日期 day。", "Moving requires the new date in day.")
NOT_YOURS = Message(
    "该节点由另一机构设定；只有设定者可以更改。",
    "This milestone was set by another agency; only that agency can change it.",
)
NEEDS_A_REASON = Message("改期或取消须说明理由。", "Moving and dropping require a reason.")
NO_DAY = Message("取消不带日期。", "day is not allowed for dropped.")


def add_milestone(write: Write, task_id: str, new: MilestoneSubmission) -> WriteResult:
    """Add a milestone for the caller's agency."""
    task, agency, _ = assigned_task(write, task_id)
    ordinal = next_ordinal(write.session, Milestone, task_id=task_id)
    milestone = Milestone(
        id=f"{task_id}-m{ordinal}",
        **common_columns(write),
        plan_id=task.plan_id,
        task_id=task_id,
        ordinal=ordinal,
        agency_id=agency.id,
        title=new.title,
        first_due_on=new.due_on,
        due_on=new.due_on,
        done_on=None,
        status=MilestoneStatus.PLANNED,
    )
    return store(write, milestone, task, agency)


def change_milestone(write: Write, id_: str, new: MilestoneChangeSubmission) -> WriteResult:
    """Mark a milestone as done, moved or dropped; done and dropped are final."""
    session = write.session
    milestone = existing(write, Milestone, id_)
    if milestone.agency_id != write.caller.agency_id:
        raise ForbiddenError(NOT_YOURS)
    write.unless_changed(milestone.document)
    if milestone.status is not MilestoneStatus.PLANNED:
        raise ConflictError(
            Message(f"{id_} 已完成或取消。", f"{id_} is already done or dropped; create a new one.")
        )
    day = _day_of(write, new)
    change = MilestoneChange(
        milestone_id=id_,
        number=len(milestone.changes) + 1,
        kind=new.kind,
        day=day,
        reason=new.reason,
        recorded_at=write.now,
    )
    session.add(change)
    if new.kind is MilestoneChangeKind.MOVED and day:
        milestone.due_on = day
    else:
        milestone.done_on, milestone.status = day, MilestoneStatus(new.kind)
    session.flush()
    return replace(refreshed(write, Milestone, milestone, 200), row=change)


def _day_of(write: Write, new: MilestoneChangeSubmission) -> date | None:
    """The day of a change; raises InvalidParametersError if day or reason is invalid for its kind."""
    if new.kind is not MilestoneChangeKind.DONE and new.reason is None:
        raise InvalidParametersError(errors=[FieldError("body", "reason", NEEDS_A_REASON)])
    if new.kind is MilestoneChangeKind.DONE:
        day = new.day or write.today
        not_later_than_today(write, day, "day")
        return day
    if new.kind is MilestoneChangeKind.MOVED and new.day is None:
        raise InvalidParametersError(errors=[FieldError("body", "day", NEEDS_A_DAY)])
    if new.kind is MilestoneChangeKind.DROPPED and new.day is not None:
        raise InvalidParametersError(errors=[FieldError("body", "day", NO_DAY)])
    return new.day
