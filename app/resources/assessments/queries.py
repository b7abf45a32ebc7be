"""Reading assessments."""

from datetime import date, datetime

from sqlalchemy import ColumnElement

from app.db.models import Agency, Assessment, Plan, Region
from app.reading.listing import Given, Listing, Sorts, one_of, value_of
from app.reading.names import Filter

SORTS: Sorts = {
    "recorded_at": [(Assessment.recorded_at, datetime)],
    "period": [(Assessment.period_to, date)],
    "changed_at": [(Assessment.changed_at, datetime)],
}
PLAIN = {
    "plan": Assessment.plan_id,
    "agency": Assessment.agency_id,
    "region": Assessment.region_code,
    "state": Assessment.state,
}


def matching(given: Given) -> list[ColumnElement[bool]]:
    """One condition a filter; both ends of a period find what overlaps it."""
    conditions = [one_of(column, name) for name, column in PLAIN.items() if name in given]
    if "period_from" in given:
        first = value_of("period_from", Assessment.period_to.type)
        conditions.append(Assessment.period_to >= first)
    if "period_to" in given:
        last = value_of("period_to", Assessment.period_from.type)
        conditions.append(Assessment.period_from <= last)
    return conditions


ASSESSMENTS = Listing(
    Assessment,
    matching,
    SORTS,
    (Filter("plan", Plan.id), Filter("agency", Agency.id), Filter("region", Region.code)),
)
