"""The queries of governments."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import or_, select

from app.db.models import Agency, Assignment, Jurisdiction, Plan, Region, Task
from app.enums import JurisdictionLevel
from app.http.parameters import ShortText, many
from app.reading.filters import Filter, one_of
from app.reading.list_params import ListQuery, ListSort
from app.reading.listing import Listing, Sorts
from app.reading.names import Lookup

OF_LEVEL = Filter(
    lambda _, name: Jurisdiction.id.in_(select(Region.code).where(one_of(Region.level, name)))
)

IN_TASKS = (
    select(Agency.jurisdiction_code)
    .join(Assignment, Assignment.agency_id == Agency.id)
    .join(Task, Task.id == Assignment.task_id)
    .where(Task.withdrawn_at.is_(None))
)
OF_PLAN = Filter(
    lambda _, name: or_(
        Jurisdiction.id.in_(select(Plan.jurisdiction_code).where(one_of(Plan.id, name))),
        Jurisdiction.id.in_(IN_TASKS.where(one_of(Task.plan_id, name))),
    ),
    lookup=Lookup(Plan.id),
)


class JurisdictionListQuery(ListQuery):
    """The parameters of the list of governments."""

    plan: Annotated[list[ShortText], OF_PLAN] = many(
        "Plan ID: the government of the plan, and those of its agencies.", examples=[["gd-dg-2022"]]
    )
    level: Annotated[list[JurisdictionLevel], OF_LEVEL] = many("Level of government.")
    sort: ListSort = Field(
        default=ListSort.NOTICE,
        description="Order; `notice` is the order of the codes; a leading - reverses it.",
    )


SORTS: Sorts = {
    ListSort.NOTICE: [],
    ListSort.TITLE: [(Jurisdiction.name, str)],
    ListSort.CHANGED_AT: [(Jurisdiction.changed_at, datetime)],
}
JURISDICTIONS = Listing.of(Jurisdiction, JurisdictionListQuery, SORTS)
