"""How targets are found: the filters of their list, its facets and the calendar of deadlines."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import select

from app.db.models import Assignment, Plan, Section, Target, Task
from app.enums import AttainmentStatus, Comparator, Role, TargetKind
from app.http.parameters import IsoDate, ShortText, many
from app.reading.filters import Through, among, at_least, at_most
from app.reading.list_params import AGENCY, CollectivesToo, SearchableFilters
from app.reading.names import Lookup
from app.reading.overdue import (
    TARGET_IS_OVERDUE,
    TARGET_PERIOD_HAS_ENDED,
    OverdueFilters,
    OverdueParam,
    PeriodEndedParam,
)

ASSIGNED = Through(Target.task_id, select(Assignment.task_id))


class PlaceFilters(SearchableFilters):
    """Where in which notice."""

    plan: Annotated[list[ShortText], among(Target.plan_id, lookup=Lookup(Plan.id))] = many(
        "id of a plan", examples=[["gd-dg-2022"]]
    )
    section: Annotated[list[ShortText], among(Target.section_id, lookup=Lookup(Section.id))] = many(
        "id of a section", examples=[["gd-dg-2022-s4"]]
    )
    task: Annotated[list[ShortText], among(Target.task_id, lookup=Lookup(Task.id))] = many(
        "id of a task", examples=[["gd-dg-2022-t17.2"]]
    )


class AgencyFilter(PlaceFilters):
    """Whose: in a class of its own, since what is below one agency does not ask for it."""

    agency: Annotated[
        list[ShortText], among(Assignment.agency_id, lookup=AGENCY, through=ASSIGNED)
    ] = many(
        "id of an agency of its task, or any known name of it in either script",
        examples=[["省公安厅"]],
    )
    collectives: CollectivesToo = None


class CommitmentFilters(OverdueFilters, PlaceFilters):
    """What, how far, and by when."""

    overdue: Annotated[OverdueParam, TARGET_IS_OVERDUE] = None
    period_ended: Annotated[PeriodEndedParam, TARGET_PERIOD_HAS_ENDED] = None
    role: Annotated[list[Role], among(Assignment.role, through=ASSIGNED, is_selective=False)] = (
        many("role of the agency; without `agency`: of any agency")
    )
    kind: Annotated[list[TargetKind], among(Target.kind)] = many("what it commits to")
    unit: Annotated[list[ShortText], among(Target.unit, lookup=Lookup(Target.unit))] = many(
        "unit as printed", examples=[["项"]]
    )
    comparator: Annotated[list[Comparator], among(Target.comparator)] = many(
        "how a value is compared"
    )
    attainment: Annotated[list[AttainmentStatus], among(Target.attainment)] = many(
        "whether it is met, by the latest measurement"
    )
    due_from: Annotated[IsoDate | None, at_least(Target.due_on)] = Field(
        default=None, description="due on this day or later"
    )
    due_to: Annotated[IsoDate | None, at_most(Target.due_on)] = Field(
        default=None, description="due on this day or earlier"
    )


class TargetFilters(CommitmentFilters, AgencyFilter):
    """Filters of targets: repeating one means OR, different ones mean AND."""
