"""The filters of targets: of their list, its facets and the calendar of deadlines."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import literal_column, select

from app.db.models import LAST_WITHOUT_DATE, Assignment, Plan, Section, Target, Task
from app.enums import AttainmentStatus, Comparator, Recurrence, Role, Strength, TargetKind
from app.http.parameters import IsoDate, ShortText, many
from app.reading.filters import Through, all_of, among, at_least, at_most
from app.reading.list_params import AGENCY, CollectivesToo, SearchableFilters, SuccessionToo
from app.reading.names import Lookup
from app.reading.overdue import (
    TARGET_IS_OVERDUE,
    TARGET_PERIOD_HAS_ENDED,
    OverdueFilters,
    OverdueParam,
    PeriodEndedParam,
)

ASSIGNED = Through(Target.task_id, select(Assignment.task_id))
# As the index of the order by due date has it, too, so that a page begins at the date.
BY_DUE_DATE = literal_column(LAST_WITHOUT_DATE, Target.due_on.type)
DUE_FROM = all_of(at_least(Target.due_on), at_least(BY_DUE_DATE))
DUE_TO = all_of(at_most(Target.due_on), at_most(BY_DUE_DATE))


class PlaceFilters(SearchableFilters):
    """Filters by plan, section and task."""

    plan: Annotated[list[ShortText], among(Target.plan_id, lookup=Lookup(Plan.id))] = many(
        "Plan ID.", examples=[["gd-dg-2022"]]
    )
    section: Annotated[list[ShortText], among(Target.section_id, lookup=Lookup(Section.id))] = many(
        "Section ID.", examples=[["gd-dg-2022-s4"]]
    )
    task: Annotated[list[ShortText], among(Target.task_id, lookup=Lookup(Task.id))] = many(
        "Task ID.", examples=[["gd-dg-2022-t17.2"]]
    )


class AgencyFilter(PlaceFilters):
    """Filters by agency; apart, since a list below one agency does not have them."""

    agency: Annotated[
        list[ShortText], among(Assignment.agency_id, lookup=AGENCY, through=ASSIGNED)
    ] = many(
        "ID of an agency of the target's task, or any registered name of the agency in Simplified "
        "or Traditional Chinese.",
        examples=[["省公安厅"]],
    )
    collectives: CollectivesToo = None
    succession: SuccessionToo = None


class CommitmentFilters(OverdueFilters, PlaceFilters):
    """Filters by content, attainment and due date."""

    overdue: Annotated[OverdueParam, TARGET_IS_OVERDUE] = None
    period_ended: Annotated[PeriodEndedParam, TARGET_PERIOD_HAS_ENDED] = None
    role: Annotated[list[Role], among(Assignment.role, through=ASSIGNED, is_selective=False)] = (
        many("Role of `agency` in the task; without `agency`, of any agency.")
    )
    kind: Annotated[list[TargetKind], among(Target.kind)] = many("Kind of target.")
    unit: Annotated[list[ShortText], among(Target.unit, lookup=Lookup(Target.unit))] = many(
        "Unit as printed in the notice.", examples=[["项"]]
    )
    comparator: Annotated[list[Comparator], among(Target.comparator)] = many(
        "Comparison operator of the target value."
    )
    strength: Annotated[list[Strength], among(Target.strength)] = many(
        "How firmly the notice commits to the target."
    )
    recurrence: Annotated[list[Recurrence], among(Target.recurrence)] = many(
        "How often the target recurs."
    )
    attainment: Annotated[list[AttainmentStatus], among(Target.attainment)] = many(
        "Attainment by the latest measurement."
    )
    due_from: Annotated[IsoDate | None, DUE_FROM] = Field(
        default=None, description="Due on this date or later."
    )
    due_to: Annotated[IsoDate | None, DUE_TO] = Field(
        default=None, description="Due on this date or earlier."
    )


class TargetFilters(CommitmentFilters, AgencyFilter):
    """Filters of targets: repeating one means OR, different ones mean AND."""
