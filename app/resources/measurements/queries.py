"""Reading measurements."""

from datetime import date, datetime

from sqlalchemy import ColumnElement

from app.db.models import Agency, Measurement, Plan, Target, Task
from app.reading.listing import Given, Listing, Sorts, one_of, value_of
from app.reading.names import Filter

SORTS: Sorts = {
    "recorded_at": [(Measurement.recorded_at, datetime)],
    "as_of": [(Measurement.as_of, date)],
    "changed_at": [(Measurement.changed_at, datetime)],
}
PLAIN = {
    "plan": Measurement.plan_id,
    "task": Measurement.task_id,
    "target": Measurement.target_id,
    "agency": Measurement.agency_id,
    "state": Measurement.state,
}


def matching(given: Given) -> list[ColumnElement[bool]]:
    """One condition a filter."""
    conditions = [one_of(column, name) for name, column in PLAIN.items() if name in given]
    if "as_of_from" in given:
        conditions.append(Measurement.as_of >= value_of("as_of_from", Measurement.as_of.type))
    if "as_of_to" in given:
        conditions.append(Measurement.as_of <= value_of("as_of_to", Measurement.as_of.type))
    return conditions


MEASUREMENTS = Listing(
    Measurement,
    matching,
    SORTS,
    (
        Filter("plan", Plan.id),
        Filter("task", Task.id),
        Filter("target", Target.id),
        Filter("agency", Agency.id),
    ),
)
