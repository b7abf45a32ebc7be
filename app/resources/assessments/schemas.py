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
    """The assessed agency or region."""

    kind: SubjectKind = Field(strict=False)
    id: str = Field(
        max_length=200,
        description="Id of the agency, or GB/T 2260 code of the region.",
        examples=["440300"],
    )


class PeriodSubmission(Body):
    """Assessed period, both dates inclusive."""

    from_: BodyDate = Field(alias="from", examples=["2022-01-01"])
    to: BodyDate = Field(
        description="Last date of the period; not before `from`, not later than today in China "
        "(UTC+8).",
        examples=["2022-12-31"],
    )


class ScoreSubmission(Body):
    """A score; exact, with at most 6 decimal places."""

    value: Value = Field(description="Score; at most `maximum`.", examples=[92.5])
    maximum: Maximum = Field(description="Maximum score.", examples=[100])


class AssessmentSubmission(Body):
    """A third-party assessment (第三方评估) with a grade, a score, or both."""

    plan: str = Field(max_length=200, description="Id of the plan.", examples=["gd-dg-2022"])
    subject: SubjectSubmission
    period: PeriodSubmission
    grade: prose(20) | None = Field(  # type: ignore[valid-type]
        default=None, description="Grade on the assessor's own scale.", examples=["演示优秀"]
    )
    score: ScoreSubmission | None = None
    findings: prose(10_000) = Field(description="Findings; stored verbatim.")  # type: ignore[valid-type]
    method: prose(4000) = Field(description="Method of the assessment.")  # type: ignore[valid-type]
    assessor: prose(200) = Field(description="Name of the assessing body; public.")  # type: ignore[valid-type]
    evidence: list[EvidenceSubmission] = Field(
        default=[], max_length=20, description="Links to evidence."
    )
    replaces: str | None = Field(
        default=None,
        max_length=200,
        description="Id of your earlier assessment of the same subject that this one corrects.",
    )


class AssessmentPage(BaseModel):
    """A page of assessments."""

    data: list[Assessment]
    page: PageInfo
