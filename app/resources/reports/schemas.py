"""JSON shapes of reports."""

from pydantic import BaseModel, Field

from app.enums import ReportedStatus
from app.http.bodies import Body, BodyDate, EvidenceSubmission, prose
from app.http.parameters import IsoDate, ShortText, many
from app.reading.listing import ListQuery, PageInfo
from app.schemas.practice import Report
from app.writing.facts import FactFilters, FactSort


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


class TaskReportQuery(FactFilters, ListQuery):
    """The parameters of the list of a task's reports."""

    agency: list[ShortText] = many(
        "id of an agency, or any known name of it in either script", examples=[["省公安厅"]]
    )
    status: list[ReportedStatus] = many("how far the task is said to be")
    as_of_from: IsoDate | None = Field(default=None, description="true of this day or later")
    as_of_to: IsoDate | None = Field(default=None, description="true of this day or earlier")
    sort: FactSort = Field(
        default=FactSort.RECORDED_AT, description="order; a leading - reverses it"
    )


class ReportListQuery(TaskReportQuery):
    """The parameters of the list of reports."""

    plan: list[ShortText] = many("id of a plan", examples=[["gd-dg-2022"]])
    task: list[ShortText] = many("id of a task", examples=[["gd-dg-2022-t17.2"]])
