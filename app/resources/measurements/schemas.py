"""JSON shapes of measurements."""

from pydantic import BaseModel, Field

from app.http.bodies import Body, BodyDate, EvidenceSubmission, Figure, prose
from app.kinds.measurement import Measurement
from app.reading.list_params import PageInfo


class MeasurementSubmission(Body):
    """Where a target stands, as the agency of your key says."""

    as_of: BodyDate = Field(
        description="the day of which it is true; not later than today in China (UTC+8)",
        examples=["2022-06-30"],
    )
    value: Figure = Field(
        description="in the target's unit; a reduction is measured as a reduction, so 65 for "
        "压减65%; of 全覆盖, the percentage that is covered; at most 10 to the 15th, and 6 decimal "
        "places",
        examples=[2],
    )
    unit: str | None = Field(
        default=None,
        max_length=40,
        description="the target's own, and null where it has none; % for 全覆盖",
        examples=["个"],
    )
    method: prose(2000) = Field(description="how it was measured")  # type: ignore[valid-type]
    evidence: list[EvidenceSubmission] = Field(
        default=[], max_length=20, description="where it can be seen"
    )
    replaces: str | None = Field(
        default=None,
        max_length=200,
        description="id of the measurement of your agency of this target that this one corrects",
    )


class MeasurementPage(BaseModel):
    """A page of measurements."""

    data: list[Measurement]
    page: PageInfo
