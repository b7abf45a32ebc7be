"""JSON shapes of reports."""

from pydantic import BaseModel, Field

from app.enums import ReportedStatus
from app.http.bodies import Body, BodyDate, EvidenceSubmission, prose
from app.kinds.report import Report
from app.reading.list_params import PageInfo


class ReportSubmission(Body):
    """A progress report on a task by the agency of the key."""

    as_of: BodyDate = Field(
        description="Reference date; not later than today in China (UTC+8).",
        examples=["2022-06-30"],
    )
    status: ReportedStatus = Field(strict=False)
    summary: prose(4000) = Field(description="Summary in free text; stored verbatim.")  # type: ignore[valid-type]
    evidence: list[EvidenceSubmission] = Field(
        default=[], max_length=20, description="Links to evidence."
    )
    replaces: str | None = Field(
        default=None,
        max_length=200,
        description="Id of your agency's earlier report on this task that this one corrects.",
    )
    reason: prose(1000) | None = Field(  # type: ignore[valid-type]
        default=None, description="Reason; required if a completed task is no longer completed."
    )


class ReportPage(BaseModel):
    """A page of reports."""

    data: list[Report]
    page: PageInfo
