"""Progress of a task, recomputed from its reports at each write."""

from sqlalchemy import bindparam, select, update

from app.db.models import Report, Task
from app.enums import FactState, labelled
from app.projections.documents import amend
from app.projections.progress import latest, status_of
from app.writing.unit_of_work import Write

IN_FORCE = select(Report.role, Report.as_of, Report.ordinal, Report.status).where(
    Report.task_id == bindparam("task"), Report.state == FactState.IN_FORCE
)
OF_TASK = update(Task).where(Task.id == bindparam("task"))  # sets what is passed


def set_progress(write: Write, task_id: str) -> None:
    """Recompute it in the column for queries and in the task's document."""
    connection = write.session.connection()
    reports = connection.execute(IN_FORCE, {"task": task_id}).all()
    status, counts = status_of(reports), latest(reports)
    reported_on = counts and counts.as_of
    connection.execute(OF_TASK, {"task": task_id, "status": status, "reported_on": reported_on})
    progress = {**labelled("status", status), "reported_on": reported_on}
    _, stored = amend(write.session, Task, task_id, {"progress": progress}, write.now)
    write.stored.append(stored)
