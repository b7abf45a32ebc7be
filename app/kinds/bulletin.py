"""Bulletins published by the coordinators."""

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from app.db import models
from app.enums import KeyRole, Labelled, labelled
from app.formats.columns import ID, PLAN, day, listed, prose, text
from app.kinds.assessment import ASSESSMENT
from app.kinds.document import Document
from app.kinds.kind import FactKind
from app.kinds.report import REPORT
from app.kinds.standing import STANDING, standing, with_standing
from app.schemas.practice import Standing
from app.schemas.references import Label, PlanId


class ReferenceKind(Labelled):
    """Kind of fact that a bulletin refers to."""

    ASSESSMENT = ASSESSMENT.name, ASSESSMENT.label
    REPORT = REPORT.name, REPORT.label


REFERRED: dict[ReferenceKind, FactKind] = {
    ReferenceKind.ASSESSMENT: ASSESSMENT,
    ReferenceKind.REPORT: REPORT,
}


class Reference(BaseModel):
    """Reference to an assessment or report; see its `state` there."""

    resource: ReferenceKind
    resource_label: Label = Field(examples=["第三方评估"])
    id: str = Field(examples=["gd-dg-2022-a1"])
    path: str = Field(examples=["/v1/assessments/gd-dg-2022-a1"])


class Bulletin(Standing):
    """An official bulletin, with the facts that it refers to."""

    id: str = Field(examples=["gd-dg-2022-b1"])
    plan: PlanId
    title: str
    body: str
    published_on: date = Field(examples=["2023-02-01"])
    refers_to: list[Reference] = Field(description="In the order of submission.")


def _document(row: Any) -> Document:
    bulletin, withdrawal, replaced_by = row
    return {
        "id": bulletin.id,
        "plan": bulletin.plan_id,
        "title": bulletin.title,
        "body": bulletin.body,
        "published_on": bulletin.published_on,
        "refers_to": [_reference(**one) for one in bulletin.refers_to],
        **standing(bulletin, withdrawal, replaced_by),
    }


def _reference(resource: str, id: str) -> Document:  # noqa: A002 - as it is stored
    """Members in a fixed order, since JSONB does not preserve it."""
    kind = ReferenceKind(resource)
    return {**labelled("resource", kind), "id": id, "path": f"{REFERRED[kind].path}/{id}"}


BULLETIN = FactKind(
    model=models.Bulletin,
    has_page=True,
    label="通报",
    tag="通报。Official bulletins.",
    title=lambda bulletin: str(bulletin["title"]),
    message=lambda bulletin: ([("日期", bulletin["published_on"])], bulletin["body"]),
    written_by=KeyRole.COORDINATOR,
    schema=Bulletin,
    statement=with_standing(models.Bulletin),
    document=_document,
    refers_to=list(REFERRED.values()),
    columns=[
        ID,
        PLAN,
        text("title", "标题", width=40),
        prose("body", "正文"),
        day("published_on", "发布日期"),
        listed("refers_to", "引用", "refers_to", "path", " "),
        *STANDING,
    ],
)
