"""Reading measurements."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.db.models import Measurement, Plan, Target, Task
from app.http.parameters import IsoDate, ShortText, many
from app.reading.fact_lists import FactFilters, FactSort
from app.reading.filters import among, at_least, at_most
from app.reading.list_params import AGENCY, AGENCY_BY_NAME, PLAN, TASK, ListQuery
from app.reading.listing import Listing, Sorts
from app.reading.names import Lookup


class TargetMeasurementQuery(FactFilters, ListQuery):
    """The parameters of the list of a target's measurements."""

    agency: Annotated[list[ShortText], among(Measurement.agency_id, lookup=AGENCY)] = AGENCY_BY_NAME
    as_of_from: Annotated[IsoDate | None, at_least(Measurement.as_of)] = Field(
        default=None, description="Reference date on or after this date."
    )
    as_of_to: Annotated[IsoDate | None, at_most(Measurement.as_of)] = Field(
        default=None, description="Reference date on or before this date."
    )
    sort: FactSort = Field(
        default=FactSort.RECORDED_AT, description="Sort order; a leading - reverses it."
    )


class MeasurementListQuery(TargetMeasurementQuery):
    """The parameters of the list of measurements."""

    plan: Annotated[list[ShortText], among(Measurement.plan_id, lookup=Lookup(Plan.id))] = PLAN
    task: Annotated[list[ShortText], among(Measurement.task_id, lookup=Lookup(Task.id))] = TASK
    target: Annotated[list[ShortText], among(Measurement.target_id, lookup=Lookup(Target.id))] = (
        many("Id of a target.", examples=[["gd-dg-2022-t17.2-k1"]])
    )


SORTS: Sorts = {
    FactSort.RECORDED_AT: [(Measurement.recorded_at, datetime)],
    FactSort.AS_OF: [(Measurement.as_of, date)],
    FactSort.CHANGED_AT: [(Measurement.changed_at, datetime)],
}
MEASUREMENTS = Listing.of(Measurement, MeasurementListQuery, SORTS)
TARGET_MEASUREMENTS = Listing.of(
    Measurement, TargetMeasurementQuery, SORTS, below=Measurement.target_id
)
