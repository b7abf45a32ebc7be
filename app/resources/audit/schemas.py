"""JSON shapes of the audit log's checkpoints."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from app.http.parameters import CursorText, PageLimit, Query, exact_integer
from app.reading.list_params import PageInfo


class Checkpoint(BaseModel):
    """Hash of one line of the audit log; it covers all earlier lines (a hash chain)."""

    seq: int = Field(ge=1, description="Number of the line; no gaps.", examples=[1])
    at: datetime = Field(examples=["2026-01-02T03:04:05Z"])
    hash: str = Field(description="SHA-256 of the line, in hexadecimal.")


class CheckpointPage(BaseModel):
    """Checkpoints, oldest first."""

    data: list[Checkpoint]
    page: PageInfo


class CheckpointQuery(Query):
    """The parameters of the list of checkpoints."""

    after: Annotated[int, Field(ge=0, le=999_999_999), BeforeValidator(exact_integer)] = Field(
        default=0,
        description="Only checkpoints with a higher `seq`, such as the last one that you stored.",
    )
    limit: PageLimit = Field(default=100, description="Maximum number of checkpoints per page.")
    cursor: CursorText | None = Field(
        default=None, description="`page.next` of the previous page, unchanged."
    )
