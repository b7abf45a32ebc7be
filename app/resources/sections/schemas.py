"""JSON shapes of sections."""

from pydantic import BaseModel

from app.reading.list_params import PageInfo
from app.schemas.notice import Section


class SectionPage(BaseModel):
    """A page of sections."""

    data: list[Section]
    page: PageInfo
