"""The JSON shape of a range of a text that is not a plan's."""

from pydantic import BaseModel, Field


class TextRange(BaseModel):
    """A range of the value of a member, in code points; empty where the other text alone has it."""

    start: int = Field(ge=0)
    end: int = Field(ge=0, description="exclusive")
