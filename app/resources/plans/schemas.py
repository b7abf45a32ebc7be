"""JSON shapes of plans."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, Field, create_model

from app.enums import Certainty, CorrectionKind, TableHeader
from app.http.media_types import HEADER, DownloadFormat, TextFormat
from app.http.parameters import Query, exact_integer
from app.kinds import FACT_KINDS
from app.reading.list_params import PageInfo
from app.reading.one import DocumentQuery
from app.schemas.notice import (
    Agency,
    Jurisdiction,
    Platform,
    Section,
    Target,
    Task,
)
from app.schemas.plan import Plan
from app.schemas.references import Epoch, Label, PlanId, Span

MOST_BOXED = 10_000  # code points
Position = Annotated[int, Field(ge=0, le=999_999_999), BeforeValidator(exact_integer)]
PageNumber = Annotated[
    int,
    Path(ge=1, le=999_999_999, description="`number` of a page of the text."),
    BeforeValidator(exact_integer),
]


class PlanPage(BaseModel):
    """A page of plans."""

    data: list[Plan]
    page: PageInfo


class Correction(BaseModel):
    """A correction of the received text: `raw` was restored to `text`, at `span`."""

    kind: CorrectionKind
    kind_label: Label = Field(examples=["删去夹注拼音"])
    raw: str = Field(description="Excerpt as received.", examples=["數(shù)"])
    text: str = Field(description="The same excerpt, restored.", examples=["数"])
    span: Span
    certainty: Certainty
    certainty_label: Label = Field(examples=["字节可证"])
    reason: str | None = Field(
        description="Reason of a correction that is based on context; null for others."
    )


class SourcePage(BaseModel):
    """A page of the PDF that a plan came in, and the part of the text that begins on it."""

    number: int = Field(
        ge=1,
        description="Number of the page in the file, from 1; what is printed on it may differ.",
    )
    start: int = Field(ge=0, description="First code point of the text on the page.")
    end: int = Field(
        ge=0,
        description="Exclusive: `start` of the next page. The pages in order are the whole text; "
        "a page without any of it is empty.",
    )
    width: float = Field(gt=0, description="In points (1/72 inch).")
    height: float = Field(gt=0, description="In points.")
    image: str | None = Field(
        description="URL of a picture of the whole page; null if the operator publishes none.",
    )


class PlanText(BaseModel):
    """Restored text of a plan, to which all spans refer, with every correction."""

    plan: PlanId
    text: str
    text_sha256: str
    text_length: int = Field(examples=[10237])
    corrections: list[Correction]
    pages: list[SourcePage] = Field(
        description="Pages of the PDF that the plan came in; [] if the source is no PDF, and in a "
        "download of a past day."
    )


class SourceBox(BaseModel):
    """Where a printed line, or a table cell, stands on a page of the PDF that a plan came in.

    In points (1/72 inch) from the top left corner of the page, whose size `pages` of the text has.
    """

    page: int = Field(ge=1, description="`number` of the page.", examples=[2])
    x: float = Field(description="Points from the left edge of the page to that of the box.")
    y: float = Field(description="Points from the top of the page to that of the box.")
    width: float = Field(ge=0, description="In points.")
    height: float = Field(ge=0, description="In points.")


class _NoticeDownload(BaseModel):
    """The members of a download that come from the notice."""

    seq: int = Field(
        description="`seq` of the last change included; continue with `/v1/changes?after=&epoch=`."
    )
    epoch: Epoch = Field(description="Epoch of `seq`.")
    plan: Plan
    text: PlanText
    jurisdictions: list[Jurisdiction] = Field(
        description="Governments of the plan and of its agencies."
    )
    sections: list[Section]
    agencies: list[Agency] = Field(description="Agencies to which its tasks are assigned.")
    platforms: list[Platform] = Field(description="Platforms that the plan mentions.")
    tasks: list[Task]
    targets: list[Target]


_FACTS: dict[str, Any] = {
    kind.plural: (list[kind.schema], Field(description=kind.in_download))  # type: ignore[name-defined]
    for kind in FACT_KINDS
}


class PlanDownload(create_model("PlanDownload", __base__=_NoticeDownload, **_FACTS)):  # type: ignore[misc]
    """A whole plan with everything that it refers to, at one position of the change feed."""


class PlanDownloadQuery(DocumentQuery):
    """The parameters of a plan's download."""

    format: DownloadFormat | None = Field(
        default=None,
        description="Response format; overrides the Accept header. `stratml` is StratML Part 2, "
        "`xlsx` a workbook of all tables, `csv` a ZIP file with one CSV for each table.",
    )
    header: TableHeader | None = Field(default=None, description=HEADER)


class SourceBoxQuery(Query):
    """A span of a plan's text."""

    start: Position = Field(
        description="First code point of the text, as in `span.start`.", examples=[120]
    )
    end: Position = Field(
        description="Exclusive, as in `span.end`: more than `start`, at most `text_length`, and at "
        f"most {MOST_BOXED:,} after `start`.",
        examples=[180],
    )


class PlanTextQuery(Query):
    """The parameters of a plan's text."""

    format: TextFormat | None = Field(
        default=None,
        description="Response format; overrides the Accept header. `text` is text/plain.",
    )
