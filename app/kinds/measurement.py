"""Measurements of targets by agencies."""

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from app.db import models
from app.enums import KeyRole, Role, labelled
from app.formats.columns import ID, PLAN, closed_set, day, inside, number, prose, reference, text
from app.kinds.document import Document, agency_ref, task_ref
from app.kinds.kind import About, FactKind
from app.kinds.standing import STANDING, standing, with_standing
from app.schemas.practice import Standing
from app.schemas.references import AgencyRef, Label, PlanId, TaskRef


class TargetRef(BaseModel):
    """Reference to a target."""

    id: str = Field(examples=["gd-dg-2022-t17.2-k1"])
    metric: str
    statement: str = Field(description="The clause, verbatim.")


class Measurement(Standing):
    """A measurement of a target by one of its agencies."""

    id: str = Field(examples=["gd-dg-2022-t17.2-k1-v1"])
    plan: PlanId
    task: TaskRef
    target: TargetRef
    agency: AgencyRef = Field(description="reporting agency")
    role: Role = Field(description="role of the agency for the task when it measured")
    role_label: Label = Field(examples=["牵头"])
    as_of: date = Field(description="Reference date.", examples=["2022-06-30"])
    value: float = Field(examples=[2])
    unit: str | None = Field(examples=["个"])
    method: str


def _document(row: Any) -> Document:
    measurement, withdrawal, replaced_by, task, target, agency = row
    return {
        "id": measurement.id,
        "plan": measurement.plan_id,
        "task": task_ref(task),
        "target": {"id": target.id, "metric": target.metric, "statement": target.statement},
        "agency": agency_ref(agency),
        **labelled("role", measurement.role),
        "as_of": measurement.as_of,
        "value": measurement.value,
        "unit": measurement.unit,
        "method": measurement.method,
        **standing(measurement, withdrawal, replaced_by),
    }


def _message(measured: Document) -> About:
    values = [
        ("机构", measured["agency"]["name"]),
        ("截至", measured["as_of"]),
        ("数值", f"{measured['value']}{measured['unit'] or ''}"),
    ]
    return values, measured["method"]


MEASUREMENT = FactKind(
    model=models.Measurement,
    label="指标测量",
    tag="指标测量。Measurements of targets by agencies.",
    title=lambda measurement: str(measurement["target"]["metric"]),
    author=lambda measurement: str(measurement["agency"]["name"]),
    message=_message,
    agencies=lambda measurement: [measurement["agency"]["id"]],
    written_by=KeyRole.REPORTER,
    schema=Measurement,
    statement=with_standing(models.Measurement, models.Task, models.Target, models.Agency)
    .join(models.Task, models.Task.id == models.Measurement.task_id)
    .join(models.Target, models.Target.id == models.Measurement.target_id)
    .join(models.Agency, models.Agency.id == models.Measurement.agency_id),
    document=_document,
    columns=[
        ID,
        PLAN,
        *reference("task", "任务"),
        *inside(
            "target",
            text("id", "目标编号", width=20),
            text("metric", "指标", width=30),
            prose("statement", "目标原文"),
        ),
        *reference("agency", "提交机构", "name"),
        *closed_set("role", "角色"),
        day("as_of", "截至"),
        number("value", "数值"),
        text("unit", "单位", width=10),
        prose("method", "统计方法"),
        *STANDING,
    ],
)
