"""JSON shapes of bulletins."""

from pydantic import BaseModel, Field

from app.http.bodies import Body, BodyDate, EvidenceSubmission, prose
from app.kinds.bulletin import Bulletin, ReferenceKind
from app.reading.list_params import PageInfo


class ReferenceSubmission(Body):
    """An assessment or a report that a bulletin refers to."""

    resource: ReferenceKind = Field(strict=False)
    id: str = Field(max_length=200, examples=["gd-dg-2022-a1"])


class BulletinSubmission(Body):
    """What the coordinators make known (通报); all of it is public."""

    plan: str = Field(max_length=200, description="id of the plan", examples=["gd-dg-2022"])
    title: prose(200)  # type: ignore[valid-type]
    body: prose(20_000) = Field(  # type: ignore[valid-type]
        description="kept as it is; the whole request may have 64 KiB, which 20,000 Chinese "
        "characters in UTF-8 nearly fill, and escaped as `\\uXXXX` they do not fit"
    )
    published_on: BodyDate = Field(
        description="not later than today in China (UTC+8)", examples=["2023-02-01"]
    )
    refers_to: list[ReferenceSubmission] = Field(
        default=[], max_length=200, description="assessments and reports, which must exist"
    )
    evidence: list[EvidenceSubmission] = Field(
        default=[], max_length=20, description="where it can be seen"
    )
    replaces: str | None = Field(
        default=None,
        max_length=200,
        description="id of the bulletin on this plan that this one corrects",
    )


class BulletinPage(BaseModel):
    """A page of bulletins."""

    data: list[Bulletin]
    page: PageInfo
