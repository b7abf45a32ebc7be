"""JSON shapes of bulletins."""

from enum import StrEnum

from pydantic import BaseModel, Field

from app.enums import ReferenceKind
from app.http.bodies import Body, BodyDate, EvidenceSubmission, prose
from app.http.parameters import IsoDate, ShortText, many
from app.reading.listing import ListQuery, PageInfo
from app.schemas.practice import Bulletin
from app.writing.facts import FactFilters


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


class BulletinSort(StrEnum):
    """Order of a list of bulletins; a leading - reverses it."""

    RECORDED_AT = "recorded_at"
    RECORDED_AT_REVERSED = "-recorded_at"
    PUBLISHED_ON = "published_on"
    PUBLISHED_ON_REVERSED = "-published_on"
    CHANGED_AT = "changed_at"
    CHANGED_AT_REVERSED = "-changed_at"


class BulletinListQuery(FactFilters, ListQuery):
    """The parameters of the list of bulletins."""

    plan: list[ShortText] = many("id of a plan", examples=[["gd-dg-2022"]])
    published_from: IsoDate | None = Field(
        default=None, description="published on this day or later"
    )
    published_to: IsoDate | None = Field(
        default=None, description="published on this day or earlier"
    )
    sort: BulletinSort = Field(
        default=BulletinSort.RECORDED_AT, description="order; a leading - reverses it"
    )
