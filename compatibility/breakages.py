"""What a breakage is, and what to do instead."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Breakage:
    """One thing that clients of the released contract relied on and would lose."""

    where: str
    what: str
    why: str
    instead: str

    @property
    def name(self) -> str:
        """What `allowed.yaml` calls it."""
        return f"{self.where}: {self.what}"

    def __str__(self) -> str:
        return f"{self.where}\n  {self.what}\n  why:     {self.why}\n  instead: {self.instead}"


Breakages = Iterator[Breakage]

DEPRECATE = (
    "keep it, mark it `deprecated: true` with `x-sunset: YYYY-MM-DD` in one release,"
    " and remove it after that day"
)
BESIDE = "leave this as it is and add the new form beside it, under a name of its own"
OPTIONAL = "leave it optional, and do without it what was done before"
KEEP = "keep it as it was"
