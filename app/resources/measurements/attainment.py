"""Attainment of a target, recomputed from its measurements at each write."""

import json

from sqlalchemy import bindparam, select

from app.db.models import Measurement, Target, Task
from app.enums import FactState, labelled
from app.projections.documents import amend, document_row
from app.projections.progress import attainment_of, latest, latest_first
from app.writing.unit_of_work import Write

COUNTS = (
    select(Measurement.role, Measurement.as_of, Measurement.ordinal, Measurement.value)
    .where(Measurement.target_id == bindparam("target"), Measurement.state == FactState.IN_FORCE)
    .order_by(*latest_first(Measurement))
    .limit(1)
)


def set_attainment(write: Write, target_id: str) -> None:
    """Recompute it in the columns for queries and in the documents of the target and its task."""
    session = write.session
    measurements = session.connection().execute(COUNTS, {"target": target_id}).all()
    target = session.get_one(Target, target_id)
    status, counts = attainment_of(target, measurements), latest(measurements)
    value, measured_on = (counts.value, counts.as_of) if counts else (None, None)
    attainment = {
        **labelled("status", status),
        "latest_value": value,
        "measured_on": measured_on,
    }
    columns = {"attainment": status, "latest_value": value, "measured_on": measured_on}
    whole, of_target = amend(
        write.statements, Target, target, {"attainment": attainment}, write.now, **columns
    )
    task = document_row(session, Task, str(target.task_id))
    targets = json.loads(task.document)["targets"]
    targets = [whole if one["id"] == target_id else one for one in targets]
    _, of_task = amend(write.statements, Task, task, {"targets": targets}, write.now)
    write.stored.extend((of_target, of_task))
