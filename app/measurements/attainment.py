"""Whether a target is met: computed from its measurements, never written by hand.

See docs/decisions/0011-when-a-target-is-met.md.
"""

import json
from datetime import datetime
from decimal import Decimal

from sqlalchemy import case, desc, select, update
from sqlalchemy.orm import Session

from app.documents import amend
from app.tables import Measurement, Target, Task
from app.vocabulary import AttainmentStatus, Comparator, FactState, Role, TargetKind

COVERED = Decimal(100)  # percent
ANSWERS = case((Measurement.role.in_((Role.LEAD, Role.RESPONSIBLE)), 1), else_=0)


def is_met(target: Target, value: Decimal) -> bool:
    """Whether a figure reaches what the target says; one that goes beyond it does."""
    if target.kind is TargetKind.COVERAGE:
        return value >= COVERED
    if target.value is None:
        raise ValueError(f"{target.id} has no figure")
    match target.comparator:
        case Comparator.GT:
            return value > target.value
        case Comparator.LT:
            return value < target.value
        case Comparator.LTE:
            return value <= target.value
        case _:  # eq, gte, between
            return value >= target.value


def set_attainment(session: Session, target_id: str, now: datetime) -> None:
    """By the latest measurement in force of those who answer for the task, as progress is.

    In the target's document, and in that of its task, which shows it.
    """
    latest = session.execute(
        select(Measurement.value, Measurement.as_of)
        .where(Measurement.target_id == target_id, Measurement.state == FactState.IN_FORCE)
        .order_by(desc(ANSWERS), desc(Measurement.as_of), desc(Measurement.ordinal))
        .limit(1)
    ).one_or_none()
    target = session.get_one(Target, target_id)
    status, value, measured_on = AttainmentStatus.NOT_REPORTED, None, None
    if latest:
        value, measured_on = latest
        status = AttainmentStatus.MET if is_met(target, value) else AttainmentStatus.BELOW
    session.execute(
        update(Target)
        .where(Target.id == target_id)
        .values(attainment=status, latest_value=value, measured_on=measured_on)
    )
    attainment = {"status": status, "latest_value": value, "measured_on": measured_on}
    amend(session, Target, target_id, {"attainment": attainment}, now)
    stored = session.scalar(select(Task.document).where(Task.id == target.task_id)) or "{}"
    targets = [
        {**one, "attainment": attainment} if one["id"] == target_id else one
        for one in json.loads(stored)["targets"]
    ]
    amend(session, Task, target.task_id or "", {"targets": targets}, now)
