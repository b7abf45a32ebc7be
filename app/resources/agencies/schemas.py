"""JSON shapes of agencies."""

from pydantic import BaseModel

from app.reading.list_params import PageInfo
from app.schemas.notice import Agency


class AgencyPage(BaseModel):
    """A page of agencies."""

    data: list[Agency]
    page: PageInfo
