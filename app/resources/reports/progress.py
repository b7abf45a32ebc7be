"""Progress of a task, recomputed from its reports at each write."""

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.db.models import Report, Task
from app.enums import FactState, labelled
from app.projections.documents import amend
from app.projections.progress import latest, status_of

IN_FORCE = select(Report.role, Report.as_of, Report.ordinal, Report.status).where(
    Report.task_id == bindparam("task"), Report.state == FactState.IN_FORCE
)
OF_TASK = update(Task).where(Task.id == bindparam("task"))  # sets what is passed


def set_progress(session: Session, task_id: str, now: datetime) -> None:
    """Recompute it in the column for queries and in the task's document."""
    connection = session.connection()
    reports = connection.execute(IN_FORCE, {"task": task_id}).all()
    status, counts = status_of(reports), latest(reports)
    reported_on = counts and counts.as_of
    connection.execute(OF_TASK, {"task": task_id, "status": status, "reported_on": reported_on})
    progress = {**labelled("status", status), "reported_on": reported_on}
    amend(session, Task, task_id, {"progress": progress}, now)
