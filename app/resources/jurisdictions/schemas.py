"""JSON shapes of governments."""

from pydantic import BaseModel

from app.reading.list_params import PageInfo
from app.schemas.notice import Jurisdiction


class JurisdictionPage(BaseModel):
    """A page of governments."""

    data: list[Jurisdiction]
    page: PageInfo
