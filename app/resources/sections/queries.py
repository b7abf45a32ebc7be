"""The queries of sections."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.db.models import Plan, Section
from app.http.parameters import ShortText
from app.reading.filters import among
from app.reading.list_params import PLAN, ListQuery, ListSort
from app.reading.listing import Listing, Sorts
from app.reading.names import Lookup


class SectionListQuery(ListQuery):
    """The parameters of the list of sections."""

    plan: Annotated[list[ShortText], among(Section.plan_id, lookup=Lookup(Plan.id))] = PLAN
    sort: ListSort = Field(default=ListSort.NOTICE, description="Order; a leading - reverses it.")


SORTS: Sorts = {
    ListSort.NOTICE: [(Section.plan_id, str), (Section.ordinal, int)],
    ListSort.TITLE: [(Section.title, str)],
    ListSort.CHANGED_AT: [(Section.changed_at, datetime)],
}
SECTIONS = Listing.of(Section, SectionListQuery, SORTS)
