"""Error reports of readers."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import select

from app.db import models
from app.enums import ErrorOutcome, ErrorReportState, KeyRole, Labelled, labelled
from app.formats.columns import (
    CHANGED,
    ID,
    PLAN,
    closed_set,
    day,
    inside,
    instant,
    prose,
    text,
)
from app.kinds.agency import AGENCY
from app.kinds.assessment import ASSESSMENT
from app.kinds.bulletin import BULLETIN
from app.kinds.document import Document, moment
from app.kinds.jurisdiction import JURISDICTION
from app.kinds.kind import About, FactKind, Kind
from app.kinds.measurement import MEASUREMENT
from app.kinds.milestone import MILESTONE
from app.kinds.plan import PLAN as PLAN_KIND
from app.kinds.platform import PLATFORM
from app.kinds.report import REPORT
from app.kinds.section import SECTION
from app.kinds.target import TARGET
from app.kinds.task import TASK
from app.schemas.references import Label, Span, Versioned

# What an error may be in.
SUBJECTS: tuple[Kind, ...] = (
    PLAN_KIND,
    SECTION,
    TASK,
    AGENCY,
    TARGET,
    PLATFORM,
    JURISDICTION,
    REPORT,
    MEASUREMENT,
    MILESTONE,
    ASSESSMENT,
    BULLETIN,
)


class ErrorSubjectKind(Labelled):
    """Kind of resource that an error report is about."""

    _ignore_ = ["kind"]  # noqa: RUF012 - as Enum reads it
    for kind in SUBJECTS:
        vars()[kind.name.upper()] = kind.name, kind.label


class ErrorSubject(BaseModel):
    """The resource that an error report is about, as it was when the error was reported."""

    resource: ErrorSubjectKind
    resource_label: Label = Field(examples=["任务"])
    id: str = Field(examples=["gd-dg-2022-t17.2"])
    title: str = Field(examples=["提高“粤商通”平台涉企服务水平"])
    html_url: str = Field(
        description="Path of its page for people.", examples=["/tasks/gd-dg-2022-t17.2"]
    )


class ErrorReport(Versioned):
    """An error that a reader reported, and its resolution; it names no reader."""

    id: str = Field(examples=["error-1"])
    plan: str | None = Field(description="Id of the plan; null if it is about no plan.")
    about: ErrorSubject
    words: str | None = Field(
        description="Words of the notice that it is about, at most 1,000 characters; null if it is "
        "about none."
    )
    span: Span | None = Field(description="Place of these words in the text of the plan.")
    message: str | None = Field(
        description="Message of the reader; null if the coordinator withheld it."
    )
    received_on: date = Field(description="Date in China on which it was received.")
    state: ErrorReportState
    state_label: Label = Field(examples=["已答复"])
    outcome: ErrorOutcome | None = Field(description="Null while it is open.")
    outcome_label: str | None = Field(
        description="Chinese label of the preceding member.", examples=["已说明"]
    )
    answer: str | None = Field(description="Statement of the coordinator; null while it is open.")
    resolved_at: datetime | None = Field(description="Null while it is open.")


def error_document(
    row: Any,
    received_on: date,
    outcome: ErrorOutcome | None = None,
    reply: str | None = None,
    resolved_at: datetime | None = None,
) -> Document:
    """The document of a report; without an outcome, of an open one."""
    has_span = row.span_start is not None
    return {
        "id": row.id,
        "plan": row.plan_id,
        "about": {
            **labelled("resource", ErrorSubjectKind(row.about_resource)),
            "id": row.about_id,
            "title": row.about_title,
            "html_url": row.about_url,
        },
        "words": row.words,
        "span": {"start": row.span_start, "end": row.span_end} if has_span else None,
        "message": row.message,
        "received_on": received_on,
        **labelled("state", ErrorReportState.RESOLVED if outcome else ErrorReportState.OPEN),
        **labelled("outcome", outcome),
        "answer": reply,
        "resolved_at": resolved_at and moment(resolved_at),
    }


def _document(row: Any) -> Document:
    (report,) = row
    return error_document(
        report, report.received_on, report.outcome, report.answer, report.recorded_at
    )


def _message(report: Document) -> About:
    values = [
        ("对象", report["about"]["title"]),
        ("结果", report["outcome_label"]),
        ("问题", report["message"]),
    ]
    return values, report["answer"]


ERROR_REPORT = FactKind(
    model=models.ErrorReport,
    shown_at="/errors",
    label="错误报告",
    tag="错误报告。Error reports of readers.",
    title=lambda report: f"{report['about']['title']}：{report['outcome_label']}",
    message=_message,
    agencies=lambda report: (
        [report["about"]["id"]] if report["about"]["resource"] == AGENCY.name else []
    ),
    written_by=KeyRole.COORDINATOR,
    written_by_operation="resolveErrorReport",
    schema=ErrorReport,
    statement=select(models.ErrorReport),
    document=_document,
    in_download="Resolved error reports about the plan and its parts.",
    columns=[
        ID,
        PLAN,
        *inside(
            "about",
            *closed_set("resource", "对象类别"),
            text("id", "对象编号", width=20),
            text("title", "对象", width=30),
        ),
        prose("words", "原文"),
        prose("message", "问题"),
        day("received_on", "收到日期"),
        *closed_set("state", "状态"),
        *closed_set("outcome", "结果"),
        prose("answer", "答复"),
        instant("resolved_at", "答复时间"),
        *CHANGED,
    ],
)
