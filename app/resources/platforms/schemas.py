"""JSON shapes of platforms."""

from pydantic import BaseModel

from app.reading.list_params import PageInfo
from app.schemas.notice import Platform


class PlatformPage(BaseModel):
    """A page of platforms."""

    data: list[Platform]
    page: PageInfo
