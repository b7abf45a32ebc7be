"""Governments, and what they must agree on: each has one place, a name of its own there, and a prefix."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from app.enums import JurisdictionLevel
from seed.refusals import NoticeRefusedError

ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
LEVELS = tuple(JurisdictionLevel)  # the highest first
GOVERNMENTS = "governments.yaml"


@dataclass(frozen=True)
class Government:
    """A government by its code; the fields are those of `registry/governments.yaml`."""

    code: str
    name: str
    level: str
    parent: str | None
    prefix: str
    aliases: tuple[str, ...]
    is_example: bool = False  # it does not exist


def check_governments(governments: Sequence[Government]) -> None:
    """Refuse governments that do not agree with one another, with what would be right."""
    by_code = {one.code: one for one in governments}
    if circle := circle_of({one.code: [one.parent] for one in governments if one.parent}):
        raise NoticeRefusedError(
            None,
            f"{GOVERNMENTS}: parents in a circle: {' above '.join(circle)}",
            "as `parent` the code of the government above each, and null for the highest",
        )
    names: dict[tuple[str | None, str], Government] = {}
    prefixes: dict[str, Government] = {}
    for one in governments:
        _check_place(one, by_code)
        other = names.setdefault((one.parent, one.name), one)
        if other is not one:
            raise _refused(
                one,
                f"the name of {other.code} {other.name}, below the same government",
                "a name of its own there; if it is the same government, its code",
            )
        other = prefixes.setdefault(one.prefix, one)
        if other is not one:
            raise _refused(
                one,
                f"the prefix {one.prefix}, which is that of {other.code} {other.name}",
                "a prefix that no other government has",
            )


def _check_place(one: Government, by_code: Mapping[str, Government]) -> None:
    """Refuse words that a field cannot have, and a place that is not below the parent's."""
    if one.level not in LEVELS:
        raise _refused(one, f"the level {one.level}", f"one of {', '.join(LEVELS)}")
    if not ID.fullmatch(one.prefix):
        raise _refused(one, f"the prefix {one.prefix}", "a-z, 0-9 and -, such as zj-hangzhou")
    if one.parent is None:
        return
    parent = by_code.get(one.parent)
    if parent is None:
        raise _refused(
            one,
            f"the parent {one.parent}, which no government has as its code",
            "the code of the government above it, or null",
        )
    if LEVELS.index(one.level) <= LEVELS.index(parent.level):
        raise _refused(
            one,
            f"the level {one.level}, below {parent.code} {parent.name} of level {parent.level}",
            f"a level below {parent.level}, or another parent",
        )


def circle_of(after: Mapping[str, Iterable[str]]) -> list[str]:
    """What comes after itself, through whatever others, the first one again at the end; else nothing."""
    try:
        TopologicalSorter(after).prepare()
    except CycleError as circle:
        return [*circle.args[1]]
    return []


def _refused(one: Government, found: str, expected: str) -> NoticeRefusedError:
    return NoticeRefusedError(None, f"{GOVERNMENTS}: {one.code} {one.name} has {found}", expected)
