"""Writing reports."""

from typing import Any

from sqlalchemy import Select, bindparam, desc, select

from app.db.models import Report, Task, row_of
from app.enums import FactState, ReportedStatus
from app.http.problems import FieldError, InvalidParametersError, Message
from app.projections.documents import document_row
from app.resources.reports.progress import COUNTS, set_progress
from app.resources.reports.schemas import ReportSubmission
from app.writing.facts import (
    TASK_AND_ROLES,
    WithdrawalSubmission,
    assigned_task,
    earlier,
    earlier_facts,
    fact_columns,
    is_printed,
    not_later_than_today,
    replaced_row,
    store,
    values_of_earlier,
    withdraw,
)
from app.writing.keys import Caller
from app.writing.statements import Ahead, reading_ahead
from app.writing.unit_of_work import Write, WriteResult

REOPENED = Message(
    "该任务此前已报告完成；改为未完成须说明理由（reason）。",
    "The task was reported as completed before; a reason is required if it no longer is.",
)


def _before(found: Any) -> Select[Any]:
    """The status that the agency reported last, up to this date."""
    of_agency = select(found.status).where(
        found.agency_id == bindparam("agency"),
        found.as_of <= bindparam("as_of"),
        found.state == FactState.IN_FORCE,
    )
    return of_agency.order_by(desc(found.as_of), desc(found.ordinal)).limit(1)


EARLIER = earlier_facts(Report, "task_id", before=_before)


def _ahead(caller: Caller, task_id: str, new: ReportSubmission) -> Ahead:
    """What `add_report` reads, unless it corrects an earlier report."""
    if new.replaces is not None or not is_printed(task_id):
        return Ahead()
    reads = [
        (TASK_AND_ROLES, {"task": task_id, "agency": caller.agency_id}),
        (EARLIER, values_of_earlier(task_id, caller.agency_id, new)),
        (COUNTS, {"task": task_id}),
    ]
    return Ahead(reads, task_id)


@reading_ahead(_ahead)
def add_report(write: Write, task_id: str, new: ReportSubmission) -> WriteResult:
    """Add a report and recompute the task's progress."""
    task, agency, role = assigned_task(write, task_id)
    not_later_than_today(write, new.as_of)
    same = {"task_id": task_id, "agency_id": agency.id}
    replaced = None
    if new.replaces is not None:
        replaced = replaced_row(write, Report, new.replaces, **same)
    found = earlier(write, EARLIER, task_id, agency.id, new)
    _require_reason(found.before, new)
    ordinal = found.last + 1
    report = row_of(
        Report,
        id=f"{task_id}-r{ordinal}",
        **fact_columns(write, new.evidence, replaced),
        plan_id=task.plan_id,
        task_id=task_id,
        ordinal=ordinal,
        agency_id=agency.id,
        role=role,
        as_of=new.as_of,
        status=new.status,
        summary=new.summary,
        reason=new.reason,
    )
    done = store(write, report, task, agency)
    set_progress(write, task, report)
    return done


def withdraw_report(write: Write, id_: str, new: WithdrawalSubmission) -> WriteResult:
    """Withdraw a report and recompute the task's progress."""
    done = withdraw(write, Report, id_, new.reason)
    report = write.session.get_one(Report, id_)
    set_progress(write, document_row(write.session, Task, report.task_id))
    return done


def _require_reason(before: ReportedStatus | None, new: ReportSubmission) -> None:
    """Require a reason if the agency's last report up to this date was `completed`."""
    if new.status is ReportedStatus.COMPLETED or new.reason is not None:
        return
    if before is ReportedStatus.COMPLETED:
        raise InvalidParametersError(errors=[FieldError("body", "reason", REOPENED)])
