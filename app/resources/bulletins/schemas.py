"""JSON shapes of bulletins."""

from pydantic import BaseModel, Field

from app.http.bodies import Body, BodyDate, EvidenceSubmission, prose
from app.kinds.bulletin import Bulletin, ReferenceKind
from app.reading.list_params import PageInfo


class ReferenceSubmission(Body):
    """Reference to an assessment or report."""

    resource: ReferenceKind = Field(strict=False)
    id: str = Field(max_length=200, examples=["gd-dg-2022-a1"])


class BulletinSubmission(Body):
    """An official bulletin (通报); all of it is public."""

    plan: str = Field(max_length=200, description="Id of the plan.", examples=["gd-dg-2022"])
    title: prose(200)  # type: ignore[valid-type]
    body: prose(20_000) = Field(  # type: ignore[valid-type]
        description="Text of the bulletin; stored verbatim. The whole request may have at most 64 "
        "KiB: about 20,000 Chinese characters in UTF-8, fewer if escaped as `\\uXXXX`."
    )
    published_on: BodyDate = Field(
        description="Date of publication; not later than today in China (UTC+8).",
        examples=["2023-02-01"],
    )
    refers_to: list[ReferenceSubmission] = Field(
        default=[],
        max_length=200,
        description="Existing assessments and reports that the bulletin refers to.",
    )
    evidence: list[EvidenceSubmission] = Field(
        default=[], max_length=20, description="Links to evidence."
    )
    replaces: str | None = Field(
        default=None,
        max_length=200,
        description="Id of the bulletin on the same plan that this one corrects.",
    )


class BulletinPage(BaseModel):
    """A page of bulletins."""

    data: list[Bulletin]
    page: PageInfo
