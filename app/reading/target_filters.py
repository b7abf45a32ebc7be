"""How targets are found: the filters of their list, its facets and the calendar of deadlines."""

from pydantic import Field
from sqlalchemy import ColumnElement, and_, not_, select

from app.db.models import Agency, Assignment, Plan, Section, Target, Task
from app.enums import AttainmentStatus, Comparator, DueBasis, Role, TargetKind
from app.http.parameters import IsoDate, ShortText, many
from app.reading.listing import (
    CollectivesToo,
    Given,
    OverdueFilters,
    SearchableFilters,
    assigned_to,
    one_of,
    value_of,
)
from app.reading.names import Filter

PLAIN = {
    "plan": Target.plan_id,
    "section": Target.section_id,
    "task": Target.task_id,
    "kind": Target.kind,
    "unit": Target.unit,
    "comparator": Target.comparator,
    "attainment": Target.attainment,
}
LOOK_UPS = (
    Filter("plan", Plan.id),
    Filter("section", Section.id),
    Filter("task", Task.id),
    Filter("agency", Agency.id),
    Filter("unit", Target.unit),
)


class PlaceFilters(SearchableFilters):
    """Where in which notice."""

    plan: list[ShortText] = many("id of a plan", examples=[["gd-dg-2022"]])
    section: list[ShortText] = many("id of a section", examples=[["gd-dg-2022-s4"]])
    task: list[ShortText] = many("id of a task", examples=[["gd-dg-2022-t17.2"]])


class AgencyFilter(PlaceFilters):
    """Whose: in a class of its own, since what is below one agency does not ask for it."""

    agency: list[ShortText] = many(
        "id of an agency of its task, or any known name of it in either script",
        examples=[["省公安厅"]],
    )
    collectives: CollectivesToo = None


class CommitmentFilters(OverdueFilters, PlaceFilters):
    """What, how far, and by when."""

    role: list[Role] = many("role of the agency; without `agency`: of any agency")
    kind: list[TargetKind] = many("what it commits to")
    unit: list[ShortText] = many("unit as printed", examples=[["项"]])
    comparator: list[Comparator] = many("how a value is compared")
    attainment: list[AttainmentStatus] = many("whether it is met, by the latest measurement")
    due_from: IsoDate | None = Field(default=None, description="due on this day or later")
    due_to: IsoDate | None = Field(default=None, description="due on this day or earlier")


class TargetFilters(CommitmentFilters, AgencyFilter):
    """Filters of targets: repeating one means OR, different ones mean AND."""


def matching(given: Given) -> list[ColumnElement[bool]]:
    """One condition a filter; those of assignments hold of one assignment together."""
    conditions = [one_of(column, name) for name, column in PLAIN.items() if name in given]
    if of_one := fitting(given):
        assigned = select(Assignment.task_id).where(*of_one)
        conditions.append(assigned_to(Target.task_id, assigned, given))
    if "due_from" in given:
        conditions.append(Target.due_on >= value_of("due_from", Target.due_on.type))
    if "due_to" in given:
        conditions.append(Target.due_on <= value_of("due_to", Target.due_on.type))
    if "overdue_on" in given:
        conditions.append(_is_past("overdue_on", DueBasis.STATED))
    if "in_time_on" in given:
        conditions.append(not_(_is_past("in_time_on", DueBasis.STATED)))
    if "period_ended_on" in given:
        conditions.append(_is_past("period_ended_on", DueBasis.PLAN_YEAR))
    if "period_open_on" in given:
        conditions.append(not_(_is_past("period_open_on", DueBasis.PLAN_YEAR)))
    return conditions


def _is_past(day: str, basis: DueBasis) -> ColumnElement[bool]:
    """Not met, and due before a day that rests on this."""
    return and_(
        Target.attainment != AttainmentStatus.MET,
        Target.due_basis == basis,
        Target.due_on < value_of(day, Target.due_on.type),
    )


def fitting(given: Given) -> list[ColumnElement[bool]]:
    """What one assignment must fit together: agency and role."""
    columns = {"agency": Assignment.agency_id, "role": Assignment.role}
    return [one_of(column, name) for name, column in columns.items() if name in given]
