"""JSON shapes of tasks."""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

from app.facets import FacetBucket
from app.listings import ListQuery, PageInfo, SearchableFilters
from app.parameters import Boolean, ShortText, many
from app.schemas import Assignment, PlaceRef, PlanId, PlatformRef, SectionRef, Span, Target, TaskRef
from app.vocabulary import AgencyKind, ProgressStatus, Role, TaskLevel


class Progress(BaseModel):
    """How far a task is, by the latest report of its agencies."""

    status: ProgressStatus
    status_label: str = Field(examples=["未报告"])
    reported_on: date | None


class Task(BaseModel):
    """An item （一） of a plan, or a sub-item 1. of one."""

    id: str = Field(examples=["gd-dg-2022-t17.2"])
    plan: PlanId
    section: SectionRef
    parent: TaskRef | None = Field(description="the item of a sub-item")
    code: str = Field(description="item, or item.sub-item", examples=["17.2"])
    ordinal: int = Field(description="number in its level", examples=[2])
    label: str = Field(description="its number as printed", examples=["（十七）2"])
    level: TaskLevel
    is_leaf: bool = Field(description="somebody answers for it; an item with sub-items is none")
    title: str = Field(examples=["提高“粤商通”平台涉企服务水平"])
    body: str | None = Field(description="null for an item with sub-items")
    assignments: list[Assignment] = Field(description="of this task alone, in clause order")
    assignment_clause: str | None = Field(
        description="the clause as printed, without its brackets",
        examples=["省政务服务数据管理局牵头"],
    )
    targets: list[Target]
    platforms: list[PlatformRef] = Field(description="platforms that it names, each once")
    places: list[PlaceRef] = Field(description="cities that its title or body names")
    span: Span = Field(description="from its number to its end, sub-items included")
    citation: str = Field(
        examples=["《广东省数字政府改革建设2022年工作要点》（粤办函〔2022〕24号）第（十七）项第2点"]
    )
    progress: Progress


class TaskPage(BaseModel):
    """A page of tasks."""

    data: list[Task]
    page: PageInfo


TaskSort = Literal[
    "notice", "-notice", "code", "-code", "title", "-title",
    "due_on", "-due_on", "changed_at", "-changed_at", "relevance", "-relevance",
]  # fmt: skip


class TaskFilters(SearchableFilters):
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
    role: list[Role] = many("role of the agency; without `agency`: of any agency")
    agency_kind: list[AgencyKind] = many("kind of an agency that is assigned")
    platform: list[ShortText] = many("id or name of a platform that the task names")
    place: list[ShortText] = many("GB/T 2260 code or name of a city that the task names")
    status: list[ProgressStatus] = many("how far the task is, as its agencies report it")
    has_targets: Boolean | None = Field(default=None, description="with, or without, targets")


class TaskListQuery(TaskFilters, ListQuery):
    """The parameters of the list of tasks."""

    sort: TaskSort = Field(default="notice", description="order; a leading - reverses it")


class TaskFacetField(StrEnum):
    """By what tasks are counted: filters of the list."""

    PLAN = "plan"
    SECTION = "section"
    LEVEL = "level"
    LEAF = "leaf"
    AGENCY = "agency"
    ROLE = "role"
    AGENCY_KIND = "agency_kind"
    PLATFORM = "platform"
    PLACE = "place"
    STATUS = "status"
    HAS_TARGETS = "has_targets"


class TaskFacets(BaseModel):
    """How many tasks have each value of a field, under the filters of the list."""

    resource: Literal["tasks"]
    field: TaskFacetField
    total: int = Field(description="tasks that the filters leave, exact", examples=[66])
    data: list[FacetBucket] = Field(description="most frequent first, then by value, null last")
