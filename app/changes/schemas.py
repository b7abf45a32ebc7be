"""JSON shapes of the change feed."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from app.parameters import CursorText, EpochText, PageLimit, Query, exact_integer
from app.schemas import Epoch
from app.vocabulary import ChangeOperation, PublishedKind


class Change(BaseModel):
    """What happened to one resource."""

    seq: int = Field(ge=1, description="number in the feed, without gaps", examples=[1])
    at: datetime = Field(examples=["2026-01-02T03:04:05Z"])
    op: ChangeOperation
    resource: PublishedKind
    id: str = Field(examples=["gd-dg-2022-t17.2"])
    version: int = Field(ge=1, description="of the resource; rises with each of its changes")
    etag: str | None = Field(
        description="of the resource in JSON, uncompressed, in zh-Hans; null once it is withdrawn",
        examples=['"8ff2470e4931e6fb6010eff2a99dc3"'],
    )


class ChangePageInfo(BaseModel):
    """Pagination of the change feed."""

    limit: int = Field(description="rows on a page, at most", examples=[100])
    total: int = Field(description="changes after `after`, exact", examples=[194])
    next: str | None = Field(description="`cursor` of the next page; null on the last one")
    head: int = Field(ge=0, description="number of the last change that there is", examples=[194])
    epoch: Epoch = Field(
        description="history that all these numbers count in; send it back as `epoch`"
    )
    scanned_to: int = Field(
        ge=0, description="the `after` to go on with: all up to this number was looked at"
    )


class ChangePage(BaseModel):
    """A page of the change feed, oldest first."""

    data: list[Change]
    page: ChangePageInfo


Seq = Annotated[int, Field(ge=0, le=999_999_999), BeforeValidator(exact_integer)]


class ChangeQuery(Query):
    """From where on the feed is wanted."""

    after: Seq = Field(
        default=0,
        description="only changes with a higher `seq`: that of a download, or `page.scanned_to`",
    )
    epoch: EpochText | None = Field(
        default=None,
        description="the history that `after` counts in, as a download or `page` states it; 410 once "
        "the feed has another one",
    )
    limit: PageLimit = Field(default=100, description="rows on a page, at the most")
    cursor: CursorText | None = Field(
        default=None, description="`page.next` of the page before, as it is"
    )


class RecentQuery(Query):
    """How far back the feed for readers goes."""

    before: Seq | None = Field(
        default=None,
        description="only changes with a lower `seq`; the `next` link of a page has it",
    )
    limit: PageLimit = Field(default=100, description="entries on a page, at the most")
