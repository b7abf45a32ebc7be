"""JSON shapes of the audit log's checkpoints."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from app.http.parameters import CursorText, PageLimit, Query, exact_integer
from app.reading.list_params import PageInfo


class Checkpoint(BaseModel):
    """The hash of one line, which no line before it can be changed without changing."""

    seq: int = Field(ge=1, description="number of the line, without gaps", examples=[1])
    at: datetime = Field(examples=["2026-01-02T03:04:05Z"])
    hash: str = Field(description="SHA-256 of the line in hexadecimal")


class CheckpointPage(BaseModel):
    """Checkpoints, oldest first."""

    data: list[Checkpoint]
    page: PageInfo


class CheckpointQuery(Query):
    """From where on checkpoints are wanted."""

    after: Annotated[int, Field(ge=0, le=999_999_999), BeforeValidator(exact_integer)] = Field(
        default=0, description="only checkpoints with a higher `seq`: the last that you have kept"
    )
    limit: PageLimit = Field(default=100, description="checkpoints on a page, at the most")
    cursor: CursorText | None = Field(
        default=None, description="`page.next` of the page before, as it is"
    )
