"""JSON shapes of the change feed."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from app.listings import PageInfo
from app.parameters import CursorText, PageLimit, Query, exact_integer
from app.vocabulary import ChangeOperation, ResourceKind


class Change(BaseModel):
    """What happened to one resource."""

    seq: int = Field(ge=1, description="number in the feed, without gaps", examples=[1])
    at: datetime = Field(examples=["2026-11-24T00:00:00Z"])
    op: ChangeOperation
    resource: ResourceKind
    id: str = Field(examples=["gd-dg-2022-t17.2"])
    version: int = Field(ge=1, description="of the resource; rises with each of its changes")
    etag: str | None = Field(
        description="of the resource in JSON, uncompressed, in zh-Hans; null once it is withdrawn",
        examples=['"0f3c1d9a7b52e86f4410c2d7a9be53"'],
    )


class ChangePage(BaseModel):
    """A page of the change feed, oldest first."""

    data: list[Change]
    page: PageInfo


class ChangeQuery(Query):
    """From where on the feed is wanted."""

    after: Annotated[int, BeforeValidator(exact_integer), Field(ge=0)] = Field(
        default=0,
        description="only changes with a higher `seq`: that of a download, or the last seen",
    )
    limit: PageLimit = Field(default=100, description="rows on a page, at the most")
    cursor: CursorText | None = Field(
        default=None, description="`page.next` of the page before, as it is"
    )
