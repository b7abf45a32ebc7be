"""Attainment of a target, recomputed from its measurements at each write."""

import json

from sqlalchemy import select, update

from app.db.models import Measurement, Target, Task
from app.enums import FactState, labelled
from app.projections.documents import amend
from app.projections.progress import attainment_of, latest
from app.writing.unit_of_work import Write


def set_attainment(write: Write, target_id: str) -> None:
    """Recompute it in the column for queries and in the documents of the target and its task."""
    session = write.session
    measurements = session.execute(
        select(Measurement.role, Measurement.as_of, Measurement.ordinal, Measurement.value).where(
            Measurement.target_id == target_id, Measurement.state == FactState.IN_FORCE
        )
    ).all()
    target = session.get_one(Target, target_id)
    status, counts = attainment_of(target, measurements), latest(measurements)
    value, measured_on = (counts.value, counts.as_of) if counts else (None, None)
    session.execute(
        update(Target)
        .where(Target.id == target_id)
        .values(attainment=status, latest_value=value, measured_on=measured_on)
    )
    attainment = {
        **labelled("status", status),
        "latest_value": value,
        "measured_on": measured_on,
    }
    whole, of_target = amend(session, Target, target_id, {"attainment": attainment}, write.now)
    stored = session.scalar(select(Task.document).where(Task.id == target.task_id)) or "{}"
    targets = [whole if one["id"] == target_id else one for one in json.loads(stored)["targets"]]
    _, of_task = amend(session, Task, target.task_id or "", {"targets": targets}, write.now)
    write.stored.extend((of_target, of_task))
