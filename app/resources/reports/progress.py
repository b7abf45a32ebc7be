"""Progress of a task, recomputed from its reports at each write."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db.models import Report, Task
from app.enums import FactState, labelled
from app.projections.documents import amend
from app.projections.progress import latest, status_of


def set_progress(session: Session, task_id: str, now: datetime) -> None:
    """Recompute it in the column for queries and in the task's document."""
    reports = session.execute(
        select(Report.role, Report.as_of, Report.ordinal, Report.status).where(
            Report.task_id == task_id, Report.state == FactState.IN_FORCE
        )
    ).all()
    status, counts = status_of(reports), latest(reports)
    reported_on = counts and counts.as_of
    session.execute(
        update(Task).where(Task.id == task_id).values(status=status, reported_on=reported_on)
    )
    progress = {**labelled("status", status), "reported_on": reported_on}
    amend(session, Task, task_id, {"progress": progress}, now)
