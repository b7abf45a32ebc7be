"""JSON shapes of error reports."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from app.enums import ErrorOutcome
from app.http.bodies import Body, prose
from app.kinds.error_report import ErrorReport
from app.reading.list_params import PageInfo

LONGEST_MESSAGE = 2000


class ErrorForm(Body):
    """What a reader reports, as the form on the pages for people sends it."""

    message: prose(LONGEST_MESSAGE)  # type: ignore[valid-type]


@dataclass(frozen=True)
class Subject:
    """The resource that a report is about, with the words of the notice that are in question."""

    resource: str
    id: str
    title: str
    html_url: str
    plan: str | None
    jurisdiction: str | None  # whose coordinators resolve the report; None: those of any
    words: str | None = None
    span: tuple[int, int] | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """The columns that a report has of it."""
        start, end = self.span or (None, None)
        return {
            "plan_id": self.plan,
            "jurisdiction_code": self.jurisdiction,
            "about_resource": self.resource,
            "about_id": self.id,
            "about_title": self.title,
            "about_url": self.html_url,
            "words": self.words,
            "span_start": start,
            "span_end": end,
        }


class ResolutionSubmission(Body):
    """The resolution of an error report; both are public from then on."""

    outcome: ErrorOutcome = Field(strict=False)
    answer: prose(4000) = Field(  # type: ignore[valid-type]
        description="What was done, or why nothing was."
    )
    publish_message: bool = Field(
        default=True,
        description="False if the message has personal data or abuse: it is then deleted, and "
        "`message` is null.",
    )


class ErrorReportPage(BaseModel):
    """A page of error reports."""

    data: list[ErrorReport]
    page: PageInfo
