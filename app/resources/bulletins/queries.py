"""Reading bulletins."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.db.models import Bulletin, Plan
from app.http.parameters import IsoDate, ShortText
from app.reading.fact_lists import FactFilters
from app.reading.filters import among, at_least, at_most
from app.reading.list_params import PLAN, ListQuery
from app.reading.listing import Listing, Sorts
from app.reading.names import Lookup


class BulletinSort(StrEnum):
    """Sort order of bulletins; a leading - reverses it."""

    RECORDED_AT = "recorded_at"
    RECORDED_AT_REVERSED = "-recorded_at"
    PUBLISHED_ON = "published_on"
    PUBLISHED_ON_REVERSED = "-published_on"
    CHANGED_AT = "changed_at"
    CHANGED_AT_REVERSED = "-changed_at"


class BulletinListQuery(FactFilters, ListQuery):
    """The parameters of the list of bulletins."""

    plan: Annotated[list[ShortText], among(Bulletin.plan_id, lookup=Lookup(Plan.id))] = PLAN
    published_from: Annotated[IsoDate | None, at_least(Bulletin.published_on)] = Field(
        default=None, description="Published on this date or later."
    )
    published_to: Annotated[IsoDate | None, at_most(Bulletin.published_on)] = Field(
        default=None, description="Published on this date or earlier."
    )
    sort: BulletinSort = Field(
        default=BulletinSort.RECORDED_AT, description="Sort order; a leading - reverses it."
    )


SORTS: Sorts = {
    BulletinSort.RECORDED_AT: [(Bulletin.recorded_at, datetime)],
    BulletinSort.PUBLISHED_ON: [(Bulletin.published_on, date)],
    BulletinSort.CHANGED_AT: [(Bulletin.changed_at, datetime)],
}
BULLETINS = Listing.of(Bulletin, BulletinListQuery, SORTS)
