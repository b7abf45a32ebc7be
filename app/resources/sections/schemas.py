"""JSON shapes of sections."""

from pydantic import BaseModel, Field

from app.http.parameters import ShortText, many
from app.reading.listing import ListQuery, ListSort, PageInfo
from app.schemas.notice import Section


class SectionPage(BaseModel):
    """A page of sections."""

    data: list[Section]
    page: PageInfo


class SectionListQuery(ListQuery):
    """Filters of the list of sections."""

    plan: list[ShortText] = many("id of a plan", examples=[["gd-dg-2022"]])
    sort: ListSort = Field(default=ListSort.NOTICE, description="order; a leading - reverses it")
