"""JSON shapes that facts share: what was said of them, and whether they stand."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.enums import FactState
from app.schemas.notice import Label, Versioned


class Evidence(BaseModel):
    """A link to evidence."""

    url: str
    title: str | None


class Withdrawn(BaseModel):
    """Withdrawal of a fact."""

    reason: str
    withdrawn_at: datetime


class Standing(Versioned):
    """Whether a fact stands, and what took its place."""

    evidence: list[Evidence]
    state: FactState
    state_label: Label = Field(examples=["有效"])
    replaces: str | None = Field(description="Id of the fact that this one corrects.")
    replaced_by: str | None = Field(description="Id of the fact that corrects this one.")
    withdrawal: Withdrawn | None = Field(
        description="Withdrawal, with its reason; null if not withdrawn."
    )
    recorded_at: datetime
