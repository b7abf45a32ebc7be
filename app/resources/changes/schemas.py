"""JSON shapes of the change feed."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.enums import ChangeOperation
from app.kinds import PublishedKind
from app.schemas.references import Epoch, IsExample, Label

MOST_SCANNED = 10_000  # changes that one page scans, however few match the filters


class Change(BaseModel):
    """A change of one resource."""

    seq: int = Field(ge=1, description="Number in the feed; no gaps.", examples=[1])
    at: datetime = Field(examples=["2026-01-02T03:04:05Z"])
    op: ChangeOperation
    op_label: Label = Field(examples=["新增"])
    resource: PublishedKind
    resource_label: Label = Field(examples=["任务"])
    id: str = Field(examples=["gd-dg-2022-t17.2"])
    version: int = Field(
        ge=1,
        description="Version of the resource after the change; rises with each of its changes.",
    )
    etag: str | None = Field(
        description="ETag of the resource as uncompressed JSON in zh-Hans; null if withdrawn."
    )
    changed: list[str] | None = Field(
        description="Top-level members that changed, except `version` and `changed_at`; [] if the "
        "resource was created or withdrawn; null for changes before 0.6.0.",
        examples=[[]],
    )
    is_example: IsExample


class ChangePageInfo(BaseModel):
    """Pagination of the change feed."""

    limit: int = Field(description="Maximum number of rows per page.", examples=[100])
    total: int | None = Field(
        description="Exact number of matching changes after `after`; null if there are filters and "
        f"more than {MOST_SCANNED:,} changes to scan.",
        examples=[307],
    )
    next: str | None = Field(description="`cursor` of the next page; null on the last page.")
    head: int = Field(ge=0, description="`seq` of the newest change.", examples=[307])
    epoch: Epoch = Field(
        description="Epoch of these numbers; pass it as `epoch` in the next request."
    )
    scanned_to: int = Field(
        ge=0,
        description="Pass it as `after` to continue: all changes up to this number were scanned, "
        f"matching or not. A filtered page scans at most {MOST_SCANNED:,} changes, so it may be "
        "empty and still have a `next`.",
        examples=[307],
    )


class ChangePage(BaseModel):
    """A page of the change feed, oldest first."""

    data: list[Change]
    page: ChangePageInfo
