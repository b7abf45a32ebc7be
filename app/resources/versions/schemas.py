"""JSON shapes of versions."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, Field

from app.enums import VersionCause
from app.http.parameters import CursorText, PageLimit, Query, exact_integer
from app.reading.list_params import PageInfo
from app.schemas.references import Label

MOST_VERSIONS = 999_999_999
VersionNumber = Annotated[
    int,
    Path(ge=1, le=MOST_VERSIONS, description="Number of the version: `version` of the document."),
    BeforeValidator(exact_integer),
]


class ResourceVersion(BaseModel):
    """A version of a resource."""

    version: int = Field(ge=1, description="`version` of the document.", examples=[1])
    at: datetime = Field(description="Time since which the service has held it.")
    cause: VersionCause
    cause_label: Label = Field(examples=["读取通知"])
    changed: list[str] = Field(
        description="Top-level members that differ from the version before, except `version` and "
        "`changed_at`; [] for the first version and for a withdrawal.",
        examples=[[]],
    )
    etag: str | None = Field(
        description="ETag of the resource in this version, as in the change feed; null if it was "
        "withdrawn."
    )


class ResourceVersionPage(BaseModel):
    """A page of versions, newest first."""

    data: list[ResourceVersion]
    page: PageInfo


class VersionListQuery(Query):
    """The parameters of a list of versions."""

    limit: PageLimit = Field(default=100, description="Maximum number of rows per page.")
    cursor: CursorText | None = Field(
        default=None, description="`page.next` of the previous page, unchanged."
    )
