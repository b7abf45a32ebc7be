"""The queries of platforms."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import ColumnElement, and_, select

from app.db.models import Mention, Plan, PlanYear, Platform
from app.enums import MentionMode, PlatformKind
from app.http.parameters import ShortText, Year, many
from app.projections.held import BY_ITSELF
from app.reading.filters import Filter, Through, among, one_of
from app.reading.governments import IN_YEAR
from app.reading.list_params import ListQuery, SearchableFilters, SearchableSort
from app.reading.listing import Listing, Sorts
from app.reading.names import Lookup

MENTIONED = Through(Platform.id, select(Mention.platform_id))


class InATask(Through):
    """Platforms by a task that mentions them; counted from the mentions, of which a plan has few."""

    def condition(
        self, table: Any, filters: Mapping[str, Filter], *, counting: bool = False
    ) -> ColumnElement[bool]:
        if counting:
            return and_(*(IN_YEAR.on(Platform)(table, name) for name in filters))
        return super().condition(table, filters)


IN_A_TASK = InATask(Platform.id, select(Mention.platform_id).where(Mention.task_id.is_not(None)))
# Looked at for each platform, since nearly all are mentioned in a year of plans.
OF_A_YEAR = Filter(
    lambda _, name: (
        select(PlanYear.plan_id)
        .where(PlanYear.plan_id == Mention.plan_id, one_of(PlanYear.year, name))
        .correlate(Mention)
        .exists()
    ),
    through=IN_A_TASK,
    is_selective=False,
)


class PlatformListQuery(SearchableFilters, ListQuery):
    """The parameters of the list of platforms."""

    plan: Annotated[
        list[ShortText], among(Mention.plan_id, lookup=Lookup(Plan.id), through=MENTIONED)
    ] = many("ID of a plan that mentions the platform.")
    mode: Annotated[
        list[MentionMode], among(Mention.mode, through=MENTIONED, is_selective=False)
    ] = many("What at least one task, of `plan` if there is one, does with the platform.")
    year: Annotated[list[Year], OF_A_YEAR] = many(
        "Calendar year that the period of the plan covers or overlaps.", examples=[[2022]]
    )
    kind: Annotated[list[PlatformKind], among(Platform.kind)] = many("Kind of platform.")
    sort: SearchableSort = Field(
        default=SearchableSort.NOTICE,
        description="Order; `notice` is the order of the registry; a leading - reverses it.",
    )


SORTS: Sorts = {
    SearchableSort.NOTICE: [(Platform.position, int)],
    SearchableSort.TITLE: [(Platform.name, str)],
    SearchableSort.CHANGED_AT: [(Platform.changed_at, datetime)],
}
TALLIED = {BY_ITSELF: ("year", "mode")}
PLATFORMS = Listing.of(Platform, PlatformListQuery, SORTS, tallied=TALLIED)
