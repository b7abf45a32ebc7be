"""JSON shapes of targets; a target itself is in `app/schemas.py`, since tasks hold it whole."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

from app.facets import Counted
from app.listings import CommitmentSort, ListQuery, PageInfo
from app.schemas import Target
from app.target_filters import TargetFilters


class TargetPage(BaseModel):
    """A page of targets."""

    data: list[Target]
    page: PageInfo


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
