"""Assessments by third parties."""

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from app.db import models
from app.enums import KeyRole, Labelled, labelled
from app.formats.columns import ID, PLAN, closed_set, day, inside, number, prose, text
from app.kinds.agency import AGENCY
from app.kinds.document import Document
from app.kinds.kind import About, FactKind
from app.kinds.standing import STANDING, standing, with_standing
from app.schemas.practice import Standing
from app.schemas.references import Label, PlanId


class SubjectKind(Labelled):
    """Kind of assessed subject."""

    AGENCY = AGENCY.name, AGENCY.label
    REGION = "region", "地区"


class Subject(BaseModel):
    """Reference to the assessed agency or region."""

    kind: SubjectKind
    kind_label: Label = Field(examples=["地区"])
    id: str = Field(
        description="Id of the agency, or GB/T 2260 code of the region.", examples=["440300"]
    )
    name: str = Field(examples=["深圳市"])


class Period(BaseModel):
    """Assessed period, both dates inclusive."""

    from_: date = Field(alias="from", examples=["2022-01-01"])
    to: date = Field(examples=["2022-12-31"])


class Score(BaseModel):
    """A score and its maximum."""

    value: float = Field(examples=[92.5])
    maximum: float = Field(examples=[100])


class Assessment(Standing):
    """A third-party assessment of an agency or region.

    It is independent of the agencies' own reports and does not change them.
    """

    id: str = Field(examples=["gd-dg-2022-a1"])
    plan: PlanId
    subject: Subject
    period: Period
    grade: str | None = Field(
        description="Grade on the assessor's own scale; null if not graded.", examples=["演示优秀"]
    )
    score: Score | None = Field(description="Score; null if there is none.")
    findings: str
    method: str
    assessor: str = Field(description="Name of the assessing body.")


def _document(row: Any) -> Document:
    assessment, withdrawal, replaced_by, agency, region = row
    if agency:
        kind, id_, name = SubjectKind.AGENCY, agency.id, agency.name
    else:
        kind, id_, name = SubjectKind.REGION, region.code, region.name
    score = {"value": assessment.score, "maximum": assessment.score_maximum}
    return {
        "id": assessment.id,
        "plan": assessment.plan_id,
        "subject": {**labelled("kind", kind), "id": id_, "name": name},
        "period": {"from": assessment.period_from, "to": assessment.period_to},
        "grade": assessment.grade,
        "score": None if assessment.score is None else score,
        "findings": assessment.findings,
        "method": assessment.method,
        "assessor": assessment.assessor,
        **standing(assessment, withdrawal, replaced_by),
    }


def _message(assessment: Document) -> About:
    score, period = assessment["score"], assessment["period"]
    values = [
        ("评估方", assessment["assessor"]),
        ("时段", f"{period['from']} – {period['to']}"),
        ("等次", assessment["grade"]),
        ("得分", score and f"{score['value']} / {score['maximum']}"),
    ]
    return values, assessment["findings"]


def _agencies(assessment: Document) -> list[str]:
    subject = assessment["subject"]
    return [subject["id"]] if subject["kind"] == SubjectKind.AGENCY else []


ASSESSMENT = FactKind(
    model=models.Assessment,
    has_page=True,
    label="第三方评估",
    tag="第三方评估。Third-party assessments.",
    title=lambda assessment: str(assessment["subject"]["name"]),
    author=lambda assessment: str(assessment["assessor"]),
    message=_message,
    agencies=_agencies,
    written_by=KeyRole.ASSESSOR,
    schema=Assessment,
    statement=with_standing(models.Assessment, models.Agency, models.Region)
    .outerjoin(models.Agency, models.Agency.id == models.Assessment.agency_id)
    .outerjoin(models.Region, models.Region.code == models.Assessment.region_code),
    document=_document,
    columns=[
        ID,
        PLAN,
        *inside(
            "subject",
            *closed_set("kind", "对象类别"),
            text("id", "对象编号", width=18),
            text("name", "对象", width=28),
        ),
        *inside("period", day("from", "自"), day("to", "至")),
        text("grade", "等次", width=10),
        *inside("score", number("value", "得分"), number("maximum", "满分")),
        prose("findings", "结论"),
        prose("method", "方法"),
        text("assessor", "评估方", width=28),
        *STANDING,
    ],
)
