"""JSON shapes of tasks."""

from typing import Literal

from pydantic import BaseModel, Field

from app.enums import AgencyKind, Labelled, ProgressStatus, Role, TaskLevel
from app.http.parameters import Boolean, ShortText, many
from app.reading.facets import Counted
from app.reading.listing import (
    CollectivesToo,
    CommitmentSort,
    ListQuery,
    OverdueFilters,
    PageInfo,
    SearchableFilters,
)
from app.schemas.notice import Label, Task


class TaskPage(BaseModel):
    """A page of tasks."""

    data: list[Task]
    page: PageInfo


class TaskFilters(OverdueFilters, SearchableFilters):
    """Filters of tasks: repeating one means OR, different ones mean AND."""

    plan: list[ShortText] = many("id of a plan", examples=[["gd-dg-2022"]])
    section: list[ShortText] = many("id of a section", examples=[["gd-dg-2022-s4"]])
    parent: list[ShortText] = many("id of the item whose sub-items are wanted")
    level: list[TaskLevel] = many("items or sub-items")
    leaf: Boolean | None = Field(
        default=None,
        description="true: only tasks that somebody answers for; false: only the others",
    )
    agency: list[ShortText] = many(
        "id of an agency, or any known name of it in either script", examples=[["省公安厅"]]
    )
    collectives: CollectivesToo = None
    role: list[Role] = many("role of the agency; without `agency`: of any agency")
    agency_kind: list[AgencyKind] = many("kind of an agency that is assigned")
    platform: list[ShortText] = many("id or name of a platform that the task names")
    place: list[ShortText] = many("GB/T 2260 code or name of a city that the task names")
    status: list[ProgressStatus] = many("how far the task is, as its agencies report it")
    has_targets: Boolean | None = Field(default=None, description="with, or without, targets")


class TaskListQuery(TaskFilters, ListQuery):
    """The parameters of the list of tasks."""

    sort: CommitmentSort = Field(
        default=CommitmentSort.NOTICE, description="order; a leading - reverses it"
    )


class TaskFacetField(Labelled):
    """By what tasks are counted: filters of the list."""

    PLAN = "plan", "工作要点"
    SECTION = "section", "部分"
    LEVEL = "level", "层级"
    LEAF = "leaf", "末级任务"
    AGENCY = "agency", "机构"
    ROLE = "role", "职责"
    AGENCY_KIND = "agency_kind", "机构类型"
    PLATFORM = "platform", "平台"
    PLACE = "place", "地市"
    STATUS = "status", "进展"
    HAS_TARGETS = "has_targets", "有无目标"


class TaskFacets(Counted):
    """How many tasks have each value of a field, under the filters of the list."""

    resource: Literal["tasks"]
    field: TaskFacetField
    field_label: Label
