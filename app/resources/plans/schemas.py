"""JSON shapes of plans."""

from datetime import date
from typing import Any

from pydantic import BaseModel, Field, create_model

from app.enums import Certainty, CorrectionKind, PlanStatus, Script, TableHeader
from app.http.media_types import HEADER, DownloadFormat, TextFormat
from app.http.parameters import Query
from app.kinds import FACT_KINDS
from app.reading.list_params import PageInfo
from app.schemas.notice import (
    Agency,
    Epoch,
    Label,
    PlanId,
    Platform,
    Section,
    Span,
    Target,
    Task,
    Versioned,
)


class CorrectionCounts(BaseModel):
    """How many corrections bytes prove, and how many rest on context."""

    mechanical: int = Field(examples=[1661])
    editorial: int = Field(examples=[11])


class Source(BaseModel):
    """Where the text comes from, and proof of it."""

    received_script: Script
    received_script_label: Label = Field(examples=["繁体"])
    raw_sha256: str = Field(description="SHA-256 of the file as received, hexadecimal")
    text_sha256: str = Field(description="SHA-256 of the restored text in UTF-8, hexadecimal")
    text_length: int = Field(description="code points of the restored text", examples=[10237])
    corrections: CorrectionCounts


class PlanCounts(BaseModel):
    """What a plan holds."""

    sections: int = Field(examples=[6])
    items: int = Field(description="numbered items （一）…", examples=[30])
    tasks: int = Field(description="leaves: what somebody answers for", examples=[66])
    assignments: int = Field(examples=[86])
    agencies: int = Field(description="different agencies assigned", examples=[38])
    targets: int = Field(examples=[18])


class Plan(Versioned):
    """A notice and its work plan."""

    id: PlanId
    title: str = Field(examples=["广东省数字政府改革建设2022年工作要点"])
    document_number: str = Field(examples=["粤办函〔2022〕24号"])
    issuer: str = Field(examples=["广东省人民政府办公厅"])
    issued_on: date = Field(examples=["2022-02-28"])
    year: int = Field(examples=[2022])
    addressees: list[str]
    preamble: str | None
    closing: str | None
    status: PlanStatus
    status_label: Label = Field(examples=["现行"])
    source: Source
    counts: PlanCounts


class PlanPage(BaseModel):
    """A page of plans."""

    data: list[Plan]
    page: PageInfo


class Correction(BaseModel):
    """What restoring changed: `text[span]` is `text` and was received as `raw`."""

    kind: CorrectionKind
    kind_label: Label = Field(examples=["删去夹注拼音"])
    raw: str = Field(description="the excerpt as received", examples=["數(shù)"])
    text: str = Field(description="the same, restored", examples=["数"])
    span: Span
    certainty: Certainty
    certainty_label: Label = Field(examples=["字节可证"])
    reason: str | None = Field(description="for what rests on context")


class PlanText(BaseModel):
    """The restored text of a plan, which all spans count, and every correction."""

    plan: PlanId
    text: str
    text_sha256: str
    text_length: int = Field(examples=[10237])
    corrections: list[Correction]


class _NoticeDownload(BaseModel):
    """What a download has of the notice."""

    seq: int = Field(
        description="number of the last change that is in it; go on with `/v1/changes?after=&epoch=`"
    )
    epoch: Epoch = Field(description="history of the change feed that `seq` counts in")
    plan: Plan
    text: PlanText
    sections: list[Section]
    agencies: list[Agency] = Field(description="those that its tasks are assigned to")
    platforms: list[Platform] = Field(description="those that it names")
    tasks: list[Task]
    targets: list[Target]


_FACTS: dict[str, Any] = {
    kind.plural: (list[kind.schema], Field(description=kind.in_download))  # type: ignore[name-defined]
    for kind in FACT_KINDS
}


class PlanDownload(create_model("PlanDownload", __base__=_NoticeDownload, **_FACTS)):  # type: ignore[misc]
    """A whole plan with all that it refers to, as it was at one moment of the change feed."""


class PlanDownloadQuery(Query):
    """How the plan is wanted."""

    format: DownloadFormat | None = Field(
        default=None,
        description="in place of the Accept header; `stratml` is StratML Part 2, `xlsx` a workbook "
        "of all tables, `csv` a ZIP with a CSV for each of these sheets",
    )
    header: TableHeader | None = Field(default=None, description=HEADER)


class PlanTextQuery(Query):
    """How the text is wanted."""

    format: TextFormat | None = Field(
        default=None, description="`text` for text/plain; in place of the Accept header"
    )
