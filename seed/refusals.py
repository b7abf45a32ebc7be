"""How the seed says no: with the line, what stands there, and what was expected."""

from dataclasses import dataclass


@dataclass
class NoticeRefusedError(Exception):
    """A notice, registry or decision that cannot be taken in as it is.

    `line` counts from 1; None where the whole file is meant.
    """

    line: int | None
    found: str
    expected: str

    def __str__(self) -> str:
        place = "" if self.line is None else f"line {self.line}: "
        return f"{place}{self.found}; expected {self.expected}"


def excerpt(text: str, length: int = 30) -> str:
    """The beginning of a text, short enough for a message."""
    return text if len(text) <= length else f"{text[:length]}…"
