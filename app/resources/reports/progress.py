"""Progress of a task, recomputed from its reports at each write."""

from typing import Any

from sqlalchemy import bindparam, select

from app.db.compiled import Read
from app.db.models import Report, Task
from app.enums import FactState, labelled
from app.projections.documents import amend
from app.projections.progress import latest, latest_first, status_of
from app.writing.unit_of_work import Write

COUNTS = Read(
    select(Report.role, Report.as_of, Report.ordinal, Report.status)
    .where(Report.task_id == bindparam("task"), Report.state == FactState.IN_FORCE)
    .order_by(*latest_first(Report))
    .limit(1)
)


def set_progress(write: Write, task: Any, *new: Report) -> None:
    """Recompute it in the columns for queries and in the task's document, of which it has the row.

    A new report counts even if the others were read before it was stored.
    """
    reports = [*write.rows(COUNTS, {"task": task.id}), *new]
    status, counts = status_of(reports), latest(reports)
    columns = {"status": status, "reported_on": counts and counts.as_of}
    progress = {**labelled("status", status), "reported_on": columns["reported_on"]}
    _, stored = amend(write.statements, Task, task, {"progress": progress}, write.now, **columns)
    write.stored.append(stored)
