"""JSON shapes of tasks."""

from typing import Literal

from pydantic import BaseModel

from app.enums import Labelled
from app.reading.facets import Counted
from app.reading.list_params import PageInfo
from app.schemas.notice import Task
from app.schemas.references import Label


class TaskPage(BaseModel):
    """A page of tasks."""

    data: list[Task]
    page: PageInfo


class TaskFacetField(Labelled):
    """Filters of the list of tasks that have facets."""

    JURISDICTION = "jurisdiction", "政府"
    YEAR = "year", "年度"
    SERIES = "series", "系列"
    PLAN = "plan", "工作要点"
    SECTION = "section", "部分"
    LEVEL = "level", "层级"
    LEAF = "leaf", "末级任务"
    AGENCY = "agency", "机构"
    ROLE = "role", "职责"
    AGENCY_KIND = "agency_kind", "机构类型"
    PLATFORM = "platform", "平台"
    MODE = "mode", "平台用途"
    PLACE = "place", "地市"
    STATUS = "status", "进展"
    HAS_TARGETS = "has_targets", "有无目标"


class TaskFacets(Counted):
    """Task counts by the values of a field, under the filters of the list."""

    resource: Literal["tasks"]
    field: TaskFacetField
    field_label: Label
