"""JSON shapes of targets; `Target` itself is in `app/schemas/notice.py`, as tasks contain it, too."""

from typing import Literal

from pydantic import BaseModel

from app.enums import Labelled
from app.reading.facets import Counted
from app.reading.list_params import PageInfo
from app.schemas.notice import Target
from app.schemas.references import Label


class TargetPage(BaseModel):
    """A page of targets."""

    data: list[Target]
    page: PageInfo


class TargetFacetField(Labelled):
    """Filters of the list of targets that have facets."""

    JURISDICTION = "jurisdiction", "政府"
    YEAR = "year", "年度"
    SERIES = "series", "系列"
    PLAN = "plan", "工作要点"
    SECTION = "section", "部分"
    AGENCY = "agency", "机构"
    ROLE = "role", "职责"
    KIND = "kind", "目标类型"
    UNIT = "unit", "单位"
    COMPARATOR = "comparator", "比较方式"
    STRENGTH = "strength", "力度"
    RECURRENCE = "recurrence", "周期"
    ATTAINMENT = "attainment", "完成情况"


class TargetFacets(Counted):
    """Target counts by the values of a field, under the filters of the list."""

    resource: Literal["targets"]
    field: TargetFacetField
    field_label: Label
