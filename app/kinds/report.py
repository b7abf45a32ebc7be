"""Progress reports on tasks by their agencies."""

from datetime import date
from typing import Any

from pydantic import Field

from app.db import models
from app.enums import KeyRole, ReportedStatus, Role, labelled
from app.formats.columns import ID, PLAN, closed_set, day, prose, reference
from app.kinds.document import Document, agency_ref, task_ref
from app.kinds.kind import About, FactKind
from app.kinds.standing import STANDING, standing, with_standing
from app.schemas.practice import Standing
from app.schemas.references import AgencyRef, Label, PlanId, TaskRef


class Report(Standing):
    """A progress report on a task by one of its agencies. It is a self-report, not an assessment."""

    id: str = Field(examples=["gd-dg-2022-t17.2-r2"])
    plan: PlanId
    task: TaskRef
    agency: AgencyRef = Field(description="reporting agency")
    role: Role = Field(description="role of the agency for the task when it reported")
    role_label: Label = Field(examples=["牵头"])
    as_of: date = Field(description="Reference date.", examples=["2022-07-31"])
    status: ReportedStatus
    status_label: Label = Field(examples=["正常推进"])
    summary: str
    reason: str | None = Field(description="Why a completed task was reopened.")


def _document(row: Any) -> Document:
    report, withdrawal, replaced_by, task, agency = row
    return {
        "id": report.id,
        "plan": report.plan_id,
        "task": task_ref(task),
        "agency": agency_ref(agency),
        **labelled("role", report.role),
        "as_of": report.as_of,
        **labelled("status", report.status),
        "summary": report.summary,
        "reason": report.reason,
        **standing(report, withdrawal, replaced_by),
    }


def _message(report: Document) -> About:
    values = [
        ("机构", report["agency"]["name"]),
        ("截至", report["as_of"]),
        ("进展", report["status_label"]),
    ]
    return values, report["summary"]


REPORT = FactKind(
    model=models.Report,
    label="进展报告",
    tag="进展报告。Progress reports by agencies.",
    title=lambda report: str(report["task"]["title"]),
    author=lambda report: str(report["agency"]["name"]),
    message=_message,
    agencies=lambda report: [report["agency"]["id"]],
    written_by=KeyRole.REPORTER,
    schema=Report,
    in_download="All reports; `state` tells which were replaced or withdrawn.",
    statement=with_standing(models.Report, models.Task, models.Agency)
    .join(models.Task, models.Task.id == models.Report.task_id)
    .join(models.Agency, models.Agency.id == models.Report.agency_id),
    document=_document,
    columns=[
        ID,
        PLAN,
        *reference("task", "任务"),
        *reference("agency", "报告机构", "name"),
        *closed_set("role", "角色"),
        day("as_of", "截至"),
        *closed_set("status", "进展"),
        prose("summary", "情况"),
        prose("reason", "理由"),
        *STANDING,
    ],
)
