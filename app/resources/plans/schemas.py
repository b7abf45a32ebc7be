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
    """Number of corrections proven by the bytes, and of those based on context."""

    mechanical: int = Field(examples=[1661])
    editorial: int = Field(examples=[11])


class Source(BaseModel):
    """Origin of the text, with hashes to verify it."""

    received_script: Script
    received_script_label: Label = Field(examples=["繁体"])
    raw_sha256: str = Field(description="SHA-256 of the file as received, in hexadecimal.")
    text_sha256: str = Field(description="SHA-256 of the restored text in UTF-8, in hexadecimal.")
    text_length: int = Field(
        description="Length of the restored text in code points.", examples=[10237]
    )
    corrections: CorrectionCounts


class PlanCounts(BaseModel):
    """Number of resources in a plan."""

    sections: int = Field(examples=[6])
    items: int = Field(description="Numbered items （一）….", examples=[30])
    tasks: int = Field(
        description="Leaf tasks: tasks to which agencies are assigned.", examples=[66]
    )
    assignments: int = Field(examples=[86])
    agencies: int = Field(description="Distinct agencies assigned.", examples=[38])
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


class PlanDownloadQuery(Query):
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
