"""Breaks that a release makes on purpose, by name; since 0.6.0 there are none."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from compatibility.documents import UnreadableError


class Allowance(BaseModel):
    """Breaks that clients deal with in the same way."""

    model_config = ConfigDict(extra="forbid")

    clients: str = Field(min_length=1, description="what a client does about them")
    breaks: list[str] = Field(
        min_length=1, description="names, as `python -m compatibility` prints"
    )


def read_allowed(path: Path) -> dict[str, str]:
    """Name of a breakage → what a client does about it; raises UnreadableError."""
    try:
        parsed = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
        allowances = TypeAdapter(list[Allowance]).validate_python(parsed)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise UnreadableError(f"{path} is no list of allowed breaks: {error}") from error
    return {name: one.clients for one in allowances for name in one.breaks}
