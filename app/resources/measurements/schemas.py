"""JSON shapes of measurements."""

from pydantic import BaseModel, Field

from app.http.bodies import Body, BodyDate, EvidenceSubmission, Figure, prose
from app.kinds.measurement import Measurement
from app.reading.list_params import PageInfo


class MeasurementSubmission(Body):
    """A measurement of a target by the agency of the key."""

    as_of: BodyDate = Field(
        description="Reference date; not later than today in China (UTC+8).",
        examples=["2022-06-30"],
    )
    value: Figure = Field(
        description="Value in the target's unit. Report a reduction as a reduction (65 for 压减65%) "
        "and 全覆盖 as the covered percentage. At most 10 to the 15th, with at most 6 "
        "decimal places.",
        examples=[2],
    )
    unit: str | None = Field(
        default=None,
        max_length=40,
        description="Unit of the target; null if it has none; % for 全覆盖.",
        examples=["个"],
    )
    method: prose(2000) = Field(description="Method of the measurement.")  # type: ignore[valid-type]
    evidence: list[EvidenceSubmission] = Field(
        default=[], max_length=20, description="Links to evidence."
    )
    replaces: str | None = Field(
        default=None,
        max_length=200,
        description="Id of your agency's earlier measurement of this target that this one corrects.",
    )


class MeasurementPage(BaseModel):
    """A page of measurements."""

    data: list[Measurement]
    page: PageInfo
