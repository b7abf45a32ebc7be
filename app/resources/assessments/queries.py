"""Reading assessments."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.db.models import Assessment, Plan, Region
from app.http.parameters import IsoDate, ShortText, many
from app.reading.fact_lists import FactFilters
from app.reading.filters import among, at_least, at_most
from app.reading.list_params import AGENCY, AGENCY_BY_NAME, PLAN, ListQuery
from app.reading.listing import Listing, Sorts
from app.reading.names import Lookup


class AssessmentSort(StrEnum):
    """Sort order of assessments; `period` sorts by its last day. A leading - reverses it."""

    RECORDED_AT = "recorded_at"
    RECORDED_AT_REVERSED = "-recorded_at"
    PERIOD = "period"
    PERIOD_REVERSED = "-period"
    CHANGED_AT = "changed_at"
    CHANGED_AT_REVERSED = "-changed_at"


class AssessmentListQuery(FactFilters, ListQuery):
    """The parameters of the list of assessments; both ends of a period find what overlaps it."""

    plan: Annotated[list[ShortText], among(Assessment.plan_id, lookup=Lookup(Plan.id))] = PLAN
    agency: Annotated[list[ShortText], among(Assessment.agency_id, lookup=AGENCY)] = AGENCY_BY_NAME
    region: Annotated[
        list[ShortText], among(Assessment.region_code, lookup=Lookup(Region.code))
    ] = many("GB/T 2260 code or name of the assessed region.", examples=[["深圳市"]])
    period_from: Annotated[IsoDate | None, at_least(Assessment.period_to)] = Field(
        default=None, description="Only assessments whose period ends on this date or later."
    )
    period_to: Annotated[IsoDate | None, at_most(Assessment.period_from)] = Field(
        default=None, description="Only assessments whose period begins on this date or earlier."
    )
    sort: AssessmentSort = Field(
        default=AssessmentSort.RECORDED_AT, description="Sort order; a leading - reverses it."
    )


SORTS: Sorts = {
    AssessmentSort.RECORDED_AT: [(Assessment.recorded_at, datetime)],
    AssessmentSort.PERIOD: [(Assessment.period_to, date)],
    AssessmentSort.CHANGED_AT: [(Assessment.changed_at, datetime)],
}
ASSESSMENTS = Listing.of(Assessment, AssessmentListQuery, SORTS)
