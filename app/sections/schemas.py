"""JSON shapes of sections."""

from pydantic import BaseModel, Field

from app.listings import ListQuery, PageInfo, SortBasic
from app.parameters import ShortText, many
from app.schemas import PlanId, Span


class Section(BaseModel):
    """A section 一、 of a plan."""

    id: str = Field(examples=["gd-dg-2022-s4"])
    plan: PlanId
    ordinal: int = Field(examples=[4])
    label: str = Field(description="its number as printed", examples=["四"])
    heading: str = Field(examples=["彰显数字政府服务新成效"])
    intro: str | None = Field(description="the paragraph below the heading")
    items: int = Field(description="numbered items in it", examples=[4])
    tasks: int = Field(description="leaf tasks in it", examples=[21])
    span: Span = Field(description="from its number to the end of its last item")


class SectionPage(BaseModel):
    """A page of sections."""

    data: list[Section]
    page: PageInfo


class SectionListQuery(ListQuery):
    """Filters of the list of sections."""

    plan: list[ShortText] = many("id of a plan", examples=[["gd-dg-2022"]])
    sort: SortBasic = "notice"
