"""JSON shapes of targets; a target itself is in `app/schemas/notice.py`, since tasks hold it whole."""

from typing import Literal

from pydantic import BaseModel

from app.enums import Labelled
from app.reading.facets import Counted
from app.reading.list_params import PageInfo
from app.schemas.notice import Label, Target


class TargetPage(BaseModel):
    """A page of targets."""

    data: list[Target]
    page: PageInfo


class TargetFacetField(Labelled):
    """By what targets are counted: filters of the list."""

    PLAN = "plan", "工作要点"
    SECTION = "section", "部分"
    AGENCY = "agency", "机构"
    ROLE = "role", "职责"
    KIND = "kind", "目标类型"
    UNIT = "unit", "单位"
    COMPARATOR = "comparator", "比较方式"
    ATTAINMENT = "attainment", "完成情况"


class TargetFacets(Counted):
    """How many targets have each value of a field, under the filters of the list."""

    resource: Literal["targets"]
    field: TargetFacetField
    field_label: Label
