"""How far a task is: computed from its reports, never written by hand."""

from datetime import datetime

from sqlalchemy import case, desc, select, update
from sqlalchemy.orm import Session

from app.documents import amend
from app.tables import Report, Task
from app.vocabulary import PROGRESS_LABELS, FactState, ProgressStatus, Role

ANSWERS = case((Report.role.in_((Role.LEAD, Role.RESPONSIBLE)), 1), else_=0)


def set_progress(session: Session, task_id: str, now: datetime) -> None:
    """The latest report in force of those who lead or are responsible; of others, where none did."""
    latest = session.execute(
        select(Report.status, Report.as_of)
        .where(Report.task_id == task_id, Report.state == FactState.IN_FORCE)
        .order_by(desc(ANSWERS), desc(Report.as_of), desc(Report.ordinal))
        .limit(1)
    ).one_or_none()
    status = ProgressStatus(latest.status) if latest else ProgressStatus.NOT_REPORTED
    reported_on = latest.as_of if latest else None
    session.execute(
        update(Task).where(Task.id == task_id).values(status=status, reported_on=reported_on)
    )
    progress = {
        "status": status,
        "status_label": PROGRESS_LABELS[status],
        "reported_on": reported_on,
    }
    amend(session, Task, task_id, {"progress": progress}, now)
