"""JSON shapes of plans."""

from typing import Any

from pydantic import BaseModel, Field, create_model

from app.enums import Certainty, CorrectionKind, TableHeader
from app.http.media_types import HEADER, DownloadFormat, TextFormat
from app.http.parameters import Query
from app.kinds import FACT_KINDS
from app.reading.list_params import PageInfo
from app.reading.one import DocumentQuery
from app.schemas.notice import (
    Agency,
    Epoch,
    Jurisdiction,
    Label,
    PlanId,
    Platform,
    Section,
    Span,
    Target,
    Task,
)
from app.schemas.plan import Plan


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


class PlanText(BaseModel):
    """Restored text of a plan, to which all spans refer, with every correction."""

    plan: PlanId
    text: str
    text_sha256: str
    text_length: int = Field(examples=[10237])
    corrections: list[Correction]


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


class PlanTextQuery(Query):
    """The parameters of a plan's text."""

    format: TextFormat | None = Field(
        default=None,
        description="Response format; overrides the Accept header. `text` is text/plain.",
    )
