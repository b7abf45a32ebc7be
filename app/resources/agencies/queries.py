"""The queries of agencies."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import ColumnElement, select

from app.db.models import Agency, Assignment, Plan, Task
from app.enums import AgencyKind, Role
from app.http.parameters import ShortText, Year, many
from app.projections.held import BY_ITSELF
from app.reading.filters import Filter, Through, among, conditions_of
from app.reading.governments import IN_SERIES, IN_YEAR, OF_JURISDICTION
from app.reading.list_params import ListQuery, ListSort
from app.reading.listing import Listing, Sorts
from app.reading.names import Lookup


class OfTask(Through):
    """Agencies by an assignment, and by its task if a filter is about that."""

    def condition(
        self, table: Any, filters: Mapping[str, Filter], *, counting: bool = False
    ) -> ColumnElement[bool]:
        if filters.keys() == {"role"}:
            assigned = select(Assignment.agency_id).where(Assignment.agency_id == self.key)
            return assigned.where(*conditions_of(table, filters)).correlate(Agency).exists()
        return super().condition(table, filters, counting=counting)


ASSIGNED = OfTask(
    Agency.id,
    # Withdrawn tasks have no assignments; to see it, each task would be read.
    select(Assignment.agency_id).join(Task, Task.id == Assignment.task_id),
    counted_from=True,
)


# Of the same task as `plan` and `role`.  Nearly all agencies have one in a year of plans.
OF_A_YEAR = Filter(IN_YEAR.on(Task), through=ASSIGNED, is_selective=False)
OF_A_SERIES = Filter(IN_SERIES.on(Task), lookup=IN_SERIES.lookup, through=ASSIGNED)


class AgencyListQuery(ListQuery):
    """The parameters of the list of agencies."""

    name: Annotated[
        list[ShortText], among(Agency.id, lookup=Lookup(Agency.id, may_mean_several=True))
    ] = many(
        "Any name, short form or alias, in Simplified or Traditional Chinese; finds all agencies "
        "that share it.",
        examples=[["公安厅"]],
    )
    kind: Annotated[list[AgencyKind], among(Agency.kind)] = many("Kind of agency.")
    jurisdiction: Annotated[list[ShortText], OF_JURISDICTION] = many(
        "GB/T 2260 code or name of the agency's government.", examples=[["440000"]]
    )
    year: Annotated[list[Year], OF_A_YEAR] = many(
        "Calendar year of a plan in which the agency has tasks.", examples=[[2022]]
    )
    series: Annotated[list[ShortText], OF_A_SERIES] = many(
        "Series of a plan in which the agency has tasks.", examples=[["gd-digital-government"]]
    )
    plan: Annotated[
        list[ShortText], among(Task.plan_id, lookup=Lookup(Plan.id), through=ASSIGNED)
    ] = many("ID of a plan in which the agency has tasks.")
    role: Annotated[list[Role], among(Assignment.role, through=ASSIGNED, is_selective=False)] = (
        many("Role that the agency has in at least one task.")
    )
    sort: ListSort = Field(
        default=ListSort.NOTICE,
        description="Order; `notice` is the order of the registry; a leading - reverses it.",
    )


SORTS: Sorts = {
    ListSort.NOTICE: [(Agency.position, int)],
    ListSort.TITLE: [(Agency.name, str)],
    ListSort.CHANGED_AT: [(Agency.changed_at, datetime)],
}
TALLIED = {BY_ITSELF: ("year", "role")}
AGENCIES = Listing.of(Agency, AgencyListQuery, SORTS, tallied=TALLIED)
