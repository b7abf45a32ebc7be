"""JSON shapes of assessments."""

from typing import Annotated

from pydantic import BaseModel, Field, WithJsonSchema

from app.http.bodies import Body, BodyDate, EvidenceSubmission, Figure, prose
from app.kinds.assessment import Assessment, SubjectKind
from app.reading.list_params import PageInfo

MOST_POINTS = 1000
Value = Annotated[
    Figure,
    Field(ge=0, le=MOST_POINTS),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": MOST_POINTS}),
]
Maximum = Annotated[
    Figure,
    Field(gt=0, le=MOST_POINTS),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": MOST_POINTS}),
]


class SubjectSubmission(Body):
    """What is assessed: one agency or one region."""

    kind: SubjectKind = Field(strict=False)
    id: str = Field(
        max_length=200,
        description="id of the agency, or the region's GB/T 2260 code",
        examples=["440300"],
    )


class PeriodSubmission(Body):
    """The time that was assessed, both days included."""

    from_: BodyDate = Field(alias="from", examples=["2022-01-01"])
    to: BodyDate = Field(
        description="not before `from`, not later than today in China (UTC+8)",
        examples=["2022-12-31"],
    )


class ScoreSubmission(Body):
    """Points, exact; at most 6 decimal places."""

    value: Value = Field(description="not more than `maximum`", examples=[92.5])
    maximum: Maximum = Field(description="what could be reached", examples=[100])


class AssessmentSubmission(Body):
    """What a third party has found (第三方评估), by a grade, a score, or both."""

    plan: str = Field(max_length=200, description="id of the plan", examples=["gd-dg-2022"])
    subject: SubjectSubmission
    period: PeriodSubmission
    grade: prose(20) | None = Field(  # type: ignore[valid-type]
        default=None, description="in the assessor's own scale", examples=["演示优秀"]
    )
    score: ScoreSubmission | None = None
    findings: prose(10_000) = Field(description="what was found, kept as it is")  # type: ignore[valid-type]
    method: prose(4000) = Field(description="how it was found")  # type: ignore[valid-type]
    assessor: prose(200) = Field(description="name of the body that assessed; public")  # type: ignore[valid-type]
    evidence: list[EvidenceSubmission] = Field(
        default=[], max_length=20, description="where it can be seen"
    )
    replaces: str | None = Field(
        default=None,
        max_length=200,
        description="id of your assessment of the same subject that this one corrects",
    )


class AssessmentPage(BaseModel):
    """A page of assessments."""

    data: list[Assessment]
    page: PageInfo
