"""JSON shapes that facts share: what was said of them, and whether they stand."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.enums import FactState
from app.schemas.notice import Label, Versioned


class Evidence(BaseModel):
    """Where what was said can be seen."""

    url: str
    title: str | None


class Withdrawn(BaseModel):
    """That a fact does not hold."""

    reason: str
    withdrawn_at: datetime


class Standing(Versioned):
    """Whether a fact stands, and what took its place."""

    evidence: list[Evidence]
    state: FactState
    state_label: Label = Field(examples=["有效"])
    replaces: str | None = Field(description="id of the one that it corrects")
    replaced_by: str | None = Field(description="id of the one that corrects it")
    withdrawal: Withdrawn | None = Field(description="why it does not hold")
    recorded_at: datetime
