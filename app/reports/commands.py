"""Writing reports."""

from sqlalchemy import desc, func, select

from app.errors import (
    ConflictError,
    FieldError,
    ForbiddenError,
    GoneError,
    InvalidParametersError,
    NotFoundError,
    Words,
)
from app.facts import NewWithdrawal, not_later_than_today, replaced_row, role_for, store, withdraw
from app.reports.progress import set_progress
from app.reports.schemas import NewReport
from app.tables import Report, Task
from app.vocabulary import FactState, ReportedStatus
from app.writing import Stored, Write

NOT_ASSIGNED = Words(
    "贵机构未被指派此项任务；只能就本机构（或经授权代表的集体）承担的任务提交。",
    "Your agency is not assigned to this task; report on those that it, or a collective that it "
    "may speak for, is assigned to.",
)
REOPENED = Words(
    "该任务此前已报告完成；改为未完成须说明理由（reason）。",
    "The task was reported completed before; say the reason why it is not.",
)


def add_report(write: Write, task_id: str, new: NewReport) -> Stored:
    """Add what an agency says, and compute the task's progress again."""
    session, agency_id = write.session, write.caller.agency_id
    task = session.get(Task, task_id) if task_id.isascii() and task_id.isprintable() else None
    if task is None:
        raise NotFoundError
    if task.withdrawn_at:
        raise GoneError
    role = role_for(session, agency_id, task_id)
    if role is None or agency_id is None:
        raise ForbiddenError(NOT_ASSIGNED)
    not_later_than_today(write, new.as_of)
    replaced = None
    if new.replaces is not None:
        replaced = replaced_row(write, Report, new.replaces, task_id=task_id, agency_id=agency_id)
    _refuse_the_same_day(write, task_id, new)
    _demand_a_reason(write, task_id, new)
    last = session.scalar(select(func.max(Report.ordinal)).where(Report.task_id == task_id)) or 0
    report = Report(
        id=f"{task_id}-r{last + 1}",
        document="",
        version=0,
        changed_at=write.now,
        withdrawn_at=None,
        state=FactState.IN_FORCE,
        replaces_id=replaced and replaced.id,
        evidence=[one.model_dump() for one in new.evidence],
        recorded_at=write.now,
        plan_id=task.plan_id,
        task_id=task_id,
        ordinal=last + 1,
        agency_id=agency_id,
        role=role,
        as_of=new.as_of,
        status=new.status,
        summary=new.summary,
        reason=new.reason,
    )
    done = store(write, Report, report)
    set_progress(session, task_id, write.now)
    return done


def withdraw_report(write: Write, id_: str, new: NewWithdrawal) -> Stored:
    """Withdraw a wrong report, and compute the task's progress again."""
    done = withdraw(write, Report, id_, new.reason)
    report = write.session.get_one(Report, id_)
    set_progress(write.session, report.task_id, write.now)
    return done


def _refuse_the_same_day(write: Write, task_id: str, new: NewReport) -> None:
    same_day = write.session.scalar(
        select(Report.id).where(
            Report.task_id == task_id,
            Report.agency_id == write.caller.agency_id,
            Report.as_of == new.as_of,
            Report.state == FactState.IN_FORCE,
            Report.id != (new.replaces or ""),
        )
    )
    if same_day:
        raise ConflictError(
            Words(
                f"本机构就此任务已有 {new.as_of} 的报告 {same_day}；如需更正，请以 replaces 指明。",
                f"Your agency has reported on this task as of {new.as_of} already, in {same_day}; "
                "to correct it, name it in replaces.",
            )
        )


def _demand_a_reason(write: Write, task_id: str, new: NewReport) -> None:
    """Whatever the agency last said about the time up to this day."""
    if new.status is ReportedStatus.COMPLETED or new.reason is not None:
        return
    before = write.session.scalar(
        select(Report.status)
        .where(
            Report.task_id == task_id,
            Report.agency_id == write.caller.agency_id,
            Report.as_of <= new.as_of,
            Report.state == FactState.IN_FORCE,
        )
        .order_by(desc(Report.as_of), desc(Report.ordinal))
        .limit(1)
    )
    if before is ReportedStatus.COMPLETED:
        raise InvalidParametersError(errors=[FieldError("body", "reason", REOPENED)])
