"""JSON shapes of the change feed."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.enums import ChangeOperation
from app.kinds import PublishedKind
from app.schemas.notice import Epoch, Label

MOST_SCANNED = 10_000  # changes that one page looks at, whatever fits the filters


class Change(BaseModel):
    """What happened to one resource."""

    seq: int = Field(ge=1, description="number in the feed, without gaps", examples=[1])
    at: datetime = Field(examples=["2026-01-02T03:04:05Z"])
    op: ChangeOperation
    op_label: Label = Field(examples=["新增"])
    resource: PublishedKind
    resource_label: Label = Field(examples=["任务"])
    id: str = Field(examples=["gd-dg-2022-t17.2"])
    version: int = Field(ge=1, description="of the resource; rises with each of its changes")
    etag: str | None = Field(
        description="of the resource in JSON, uncompressed, in zh-Hans; null once it is withdrawn"
    )
    changed: list[str] | None = Field(
        description="top-level members that are not what they were, but `version` and `changed_at`; "
        "[] for created and withdrawn; null for what is older than 0.6.0",
        examples=[[]],
    )


class ChangePageInfo(BaseModel):
    """Pagination of the change feed."""

    limit: int = Field(description="rows on a page, at most", examples=[100])
    total: int | None = Field(
        description="changes after `after`, exact; null where filters are to be counted in more than "
        f"{MOST_SCANNED:,} of them",
        examples=[194],
    )
    next: str | None = Field(description="`cursor` of the next page; null on the last one")
    head: int = Field(ge=0, description="number of the last change that there is", examples=[194])
    epoch: Epoch = Field(
        description="history that all these numbers count in; send it back as `epoch`"
    )
    scanned_to: int = Field(
        ge=0,
        description="the `after` to go on with: all changes up to this number have been looked at, "
        f"those that do not fit the filters too; a filtered page looks at {MOST_SCANNED:,} at most, "
        "so it may be empty and yet have a `next`",
        examples=[194],
    )


class ChangePage(BaseModel):
    """A page of the change feed, oldest first."""

    data: list[Change]
    page: ChangePageInfo
