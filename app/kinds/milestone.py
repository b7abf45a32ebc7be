"""Milestones: dates that agencies set themselves for their tasks."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import select

from app.db import models
from app.enums import KeyRole, MilestoneChangeKind, MilestoneStatus, labelled
from app.formats.columns import (
    CHANGED,
    ID,
    PLAN,
    Column,
    Content,
    closed_set,
    day,
    instant,
    reference,
    text,
)
from app.kinds.document import Document, agency_ref, moment, task_ref
from app.kinds.kind import About, FactKind
from app.schemas.references import AgencyRef, Label, PlanId, TaskRef, Versioned


class MilestoneChange(BaseModel):
    """A change of a milestone."""

    kind: MilestoneChangeKind
    kind_label: Label = Field(examples=["改期"])
    day: date | None = Field(description="Completion date, or new due date.")
    reason: str | None
    recorded_at: datetime


class Milestone(Versioned):
    """A milestone that an agency has set for a task."""

    id: str = Field(examples=["gd-dg-2022-t17.2-m1"])
    plan: PlanId
    task: TaskRef
    agency: AgencyRef = Field(description="agency that set it")
    title: str = Field(examples=["演示：完成方案"])
    due_on: date = Field(description="Current due date, after all moves.", examples=["2022-10-31"])
    first_due_on: date = Field(description="Original due date.", examples=["2022-09-30"])
    status: MilestoneStatus
    status_label: Label = Field(examples=["计划中"])
    done_on: date | None
    changes: list[MilestoneChange] = Field(description="Changes, oldest first.")
    recorded_at: datetime


def _document(row: Any) -> Document:
    milestone, task, agency = row
    return {
        "id": milestone.id,
        "plan": milestone.plan_id,
        "task": task_ref(task),
        "agency": agency_ref(agency),
        "title": milestone.title,
        "due_on": milestone.due_on,
        "first_due_on": milestone.first_due_on,
        **labelled("status", milestone.status),
        "done_on": milestone.done_on,
        "changes": [
            {
                **labelled("kind", change.kind),
                "day": change.day,
                "reason": change.reason,
                "recorded_at": moment(change.recorded_at),
            }
            for change in milestone.changes
        ],
        "recorded_at": moment(milestone.recorded_at),
    }


def _message(milestone: Document) -> About:
    values = [
        ("机构", milestone["agency"]["name"]),
        ("期限", milestone["due_on"]),
        ("状态", milestone["status_label"]),
        ("原因", milestone["changes"][-1]["reason"] if milestone["changes"] else None),
    ]
    return values, milestone["task"]["title"]


MILESTONE = FactKind(
    model=models.Milestone,
    label="节点",
    tag="任务节点。Milestones set by agencies.",
    title=lambda milestone: str(milestone["title"]),
    author=lambda milestone: str(milestone["agency"]["name"]),
    message=_message,
    agencies=lambda milestone: [milestone["agency"]["id"]],
    written_by=KeyRole.REPORTER,
    schema=Milestone,
    statement=select(models.Milestone, models.Task, models.Agency)
    .join(models.Task, models.Task.id == models.Milestone.task_id)
    .join(models.Agency, models.Agency.id == models.Milestone.agency_id),
    document=_document,
    columns=[
        ID,
        PLAN,
        *reference("task", "任务"),
        *reference("agency", "提交机构", "name"),
        text("title", "节点", width=40),
        day("due_on", "期限"),
        day("first_due_on", "最初期限"),
        *closed_set("status", "状态"),
        day("done_on", "完成日期"),
        Column("changes", "变动次数", lambda row: len(row["changes"]), Content.NUMBER, width=10),
        instant("recorded_at", "提交时间"),
        *CHANGED,
    ],
)
