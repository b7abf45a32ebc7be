"""JSON shapes that facts share: evidence, withdrawal and state."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.enums import FactState
from app.schemas.references import Label, Versioned


class Evidence(BaseModel):
    """A link to evidence."""

    url: str
    title: str | None


class Withdrawn(BaseModel):
    """Withdrawal of a fact."""

    reason: str
    withdrawn_at: datetime


class Standing(Versioned):
    """Members of every fact: its state, and what replaces it."""

    evidence: list[Evidence]
    state: FactState
    state_label: Label = Field(examples=["有效"])
    replaces: str | None = Field(description="Id of the fact that this one corrects.")
    replaced_by: str | None = Field(description="Id of the fact that corrects this one.")
    withdrawal: Withdrawn | None = Field(
        description="Withdrawal, with its reason; null if not withdrawn."
    )
    recorded_at: datetime
