"""JSON shapes of targets; a target itself is in `app/schemas.py`, since tasks hold it whole."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

from app.facets import Counted
from app.listings import (
    CommitmentSort,
    ListQuery,
    OverdueFilters,
    PageInfo,
    SearchableFilters,
)
from app.parameters import IsoDate, ShortText, many
from app.schemas import Target
from app.vocabulary import AttainmentStatus, Comparator, Role, TargetKind


class TargetPage(BaseModel):
    """A page of targets."""

    data: list[Target]
    page: PageInfo


class TargetFilters(OverdueFilters, SearchableFilters):
    """Filters of targets: repeating one means OR, different ones mean AND."""

    plan: list[ShortText] = many("id of a plan", examples=[["gd-dg-2022"]])
    section: list[ShortText] = many("id of a section", examples=[["gd-dg-2022-s4"]])
    task: list[ShortText] = many("id of a task", examples=[["gd-dg-2022-t17.2"]])
    agency: list[ShortText] = many(
        "id of an agency of its task, or any known name of it in either script",
        examples=[["省公安厅"]],
    )
    role: list[Role] = many("role of the agency; without `agency`: of any agency")
    kind: list[TargetKind] = many("what it commits to")
    unit: list[ShortText] = many("unit as printed", examples=[["项"]])
    comparator: list[Comparator] = many("how a value is compared")
    attainment: list[AttainmentStatus] = many("whether it is met, by the latest measurement")
    due_from: IsoDate | None = Field(default=None, description="due on this day or later")
    due_to: IsoDate | None = Field(default=None, description="due on this day or earlier")


class TargetListQuery(TargetFilters, ListQuery):
    """The parameters of the list of targets."""

    sort: CommitmentSort = Field(
        default=CommitmentSort.NOTICE,
        description="order (`title` is the metric); a leading - reverses it",
    )


class TargetFacetField(StrEnum):
    """By what targets are counted: filters of the list."""

    PLAN = "plan"
    SECTION = "section"
    AGENCY = "agency"
    ROLE = "role"
    KIND = "kind"
    UNIT = "unit"
    COMPARATOR = "comparator"
    ATTAINMENT = "attainment"


class TargetFacets(Counted):
    """How many targets have each value of a field, under the filters of the list."""

    resource: Literal["targets"]
    field: TargetFacetField
