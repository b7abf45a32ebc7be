"""What a check is, and what it gets."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.databases import Databases


@dataclass(frozen=True)
class World:
    """Databases of one kind, a folder, and randomness that the seed repeats."""

    databases: Databases
    folder: Path
    chance: random.Random
    full: bool
    sabotage: bool  # break the guarantee: the check must find it

    @property
    def kind(self) -> str:
        return self.databases.kind

    def rounds(self, short: int, full: int) -> int:
        """How often, in minutes or in hours."""
        return full if self.full else short


@dataclass(frozen=True)
class Check:
    """A stimulus; `run` returns what happened, and raises AssertionError if the guarantee broke."""

    name: str
    stimulus: str
    run: Callable[[World], str]
    sabotage: str  # what it does
    kinds: tuple[str, ...] = ("sqlite", "postgresql")
    sabotaged: tuple[str, ...] = ("sqlite", "postgresql")  # where it breaks the guarantee
    needs: str | None = None  # of `TOOLS`


@dataclass(frozen=True)
class Tool:
    """What a machine may lack."""

    is_there: Callable[[], bool]
    what_for: str
    install: str


def file_of(url: str) -> Path:
    """The file of a SQLite database."""
    return Path(url.removeprefix("sqlite:///"))
