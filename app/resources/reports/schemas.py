"""JSON shapes of reports."""

from pydantic import BaseModel, Field

from app.enums import ReportedStatus
from app.http.bodies import Body, BodyDate, EvidenceSubmission, prose
from app.kinds.report import Report
from app.reading.list_params import PageInfo


class ReportSubmission(Body):
    """How far a task is, as the agency of your key says."""

    as_of: BodyDate = Field(
        description="the day of which it is true; not later than today in China (UTC+8)",
        examples=["2022-06-30"],
    )
    status: ReportedStatus = Field(strict=False)
    summary: prose(4000) = Field(description="in your words, kept as they are")  # type: ignore[valid-type]
    evidence: list[EvidenceSubmission] = Field(
        default=[], max_length=20, description="where it can be seen"
    )
    replaces: str | None = Field(
        default=None,
        max_length=200,
        description="id of the report of your agency on this task that this one corrects",
    )
    reason: prose(1000) | None = Field(  # type: ignore[valid-type]
        default=None, description="needed where a completed task is no longer completed"
    )


class ReportPage(BaseModel):
    """A page of reports."""

    data: list[Report]
    page: PageInfo
