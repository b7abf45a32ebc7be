"""The queries of tasks."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import literal_column, select

from app.db.models import (
    LAST_WITHOUT_DATE,
    LAST_WITHOUT_DATE_REVERSED,
    Agency,
    Assignment,
    Mention,
    Place,
    Plan,
    Platform,
    Region,
    Section,
    Task,
)
from app.enums import AgencyKind, MentionMode, ProgressStatus, Role, TaskLevel
from app.http.parameters import Boolean, ShortText, many
from app.projections import tallies
from app.reading.filters import Filter, Through, among, holds, one_of
from app.reading.list_params import (
    AGENCY,
    AGENCY_BY_NAME,
    CollectivesToo,
    CommitmentSort,
    ListQuery,
    SearchableFilters,
    SuccessionToo,
)
from app.reading.listing import Listing, Sorts
from app.reading.names import Lookup
from app.reading.overdue import (
    TASK_IS_OVERDUE,
    TASK_PERIOD_HAS_ENDED,
    OverdueFilters,
    OverdueParam,
    PeriodEndedParam,
)

ASSIGNED = Through(Task.id, select(Assignment.task_id))
NAMING_A_PLATFORM = Through(Task.id, select(Mention.task_id))
NAMING_A_PLACE = Through(Task.id, select(Place.task_id))
OF_A_KIND = Filter(
    lambda _, name: (
        select(Agency.id)
        .where(Agency.id == Assignment.agency_id, one_of(Agency.kind, name))
        .correlate(Assignment)
        .exists()
    ),
    through=ASSIGNED,
    is_selective=False,
)


class TaskFilters(OverdueFilters, SearchableFilters):
    """Filters of tasks: repeating one means OR, different ones mean AND."""

    overdue: Annotated[OverdueParam, TASK_IS_OVERDUE] = None
    period_ended: Annotated[PeriodEndedParam, TASK_PERIOD_HAS_ENDED] = None
    plan: Annotated[list[ShortText], among(Task.plan_id, lookup=Lookup(Plan.id))] = many(
        "Plan ID.", examples=[["gd-dg-2022"]]
    )
    section: Annotated[list[ShortText], among(Task.section_id, lookup=Lookup(Section.id))] = many(
        "Section ID.", examples=[["gd-dg-2022-s4"]]
    )
    parent: Annotated[list[ShortText], among(Task.parent_id, lookup=Lookup(Task.id))] = many(
        "ID of the task whose direct sub-tasks to list."
    )
    level: Annotated[list[TaskLevel], among(Task.level)] = many("Depth below the section.")
    leaf: Annotated[Boolean | None, holds(Task.is_leaf)] = Field(
        default=None,
        description="true: only leaf tasks, which have no sub-tasks; false: only tasks that have some.",
    )
    agency: Annotated[
        list[ShortText], among(Assignment.agency_id, lookup=AGENCY, through=ASSIGNED)
    ] = AGENCY_BY_NAME
    collectives: CollectivesToo = None
    succession: SuccessionToo = None
    role: Annotated[list[Role], among(Assignment.role, through=ASSIGNED, is_selective=False)] = (
        many("Role of `agency` in the task; without `agency`, of any agency.")
    )
    agency_kind: Annotated[list[AgencyKind], OF_A_KIND] = many("Kind of an assigned agency.")
    platform: Annotated[
        list[ShortText],
        among(Mention.platform_id, lookup=Lookup(Platform.id), through=NAMING_A_PLATFORM),
    ] = many("ID or name of a platform that the task mentions.")
    mode: Annotated[
        list[MentionMode], among(Mention.mode, through=NAMING_A_PLATFORM, is_selective=False)
    ] = many("What the task does with `platform`; without `platform`, with any platform.")
    place: Annotated[
        list[ShortText],
        among(Place.region_code, lookup=Lookup(Region.code), through=NAMING_A_PLACE),
    ] = many("GB/T 2260 code or name of a city that the task mentions.")
    status: Annotated[list[ProgressStatus], among(Task.status)] = many(
        "Progress of the task as reported by its agencies."
    )
    has_targets: Annotated[Boolean | None, holds(tallies.HAS_TARGETS)] = Field(
        default=None, description="true: only tasks with targets; false: only tasks without."
    )


class TaskListQuery(TaskFilters, ListQuery):
    """The parameters of the list of tasks."""

    sort: CommitmentSort = Field(
        default=CommitmentSort.NOTICE, description="Order; a leading - reverses it."
    )


SORTS: Sorts = {
    CommitmentSort.NOTICE: [(Task.plan_id, str), (Task.span_start, int)],
    CommitmentSort.CODE: [(Task.code_key, str)],
    CommitmentSort.TITLE: [(Task.title, str)],
    CommitmentSort.DUE_ON: [(literal_column(LAST_WITHOUT_DATE, Task.due_on.type), date)],
    CommitmentSort.DUE_ON_REVERSED: [
        (literal_column(LAST_WITHOUT_DATE_REVERSED, Task.due_on.type), date)
    ],
    CommitmentSort.CHANGED_AT: [(Task.changed_at, datetime)],
}
TALLIED = {
    tallies.ITSELF: ("level", "leaf", "has_targets"),
    tallies.ASSIGNED: ("role", "agency_kind"),
    tallies.MENTIONED: ("mode",),
}
TASKS = Listing.of(Task, TaskFilters, SORTS, tallied=TALLIED)
