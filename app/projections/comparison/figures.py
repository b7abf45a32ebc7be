"""Targets of tasks that are paired, and the differences of their values."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from app.enums import Direction
from app.projections.comparison.compared import ComparedPlan, Document
from app.projections.comparison.pairing import Pair
from app.projections.comparison.similarity import assigned, bigrams, similarities

LEAST = 0.4  # between metrics; nothing is paired below it, since a wrong figure misleads
SAME = ("unit", "direction", "is_cumulative", "is_average")  # of values that can be compared


class TargetPair(NamedTuple):
    """Two targets in the same unit, of tasks that are paired or of introductions."""

    here: Document
    there: Document
    similarity: float


def paired_targets(here: ComparedPlan, there: ComparedPlan, pairs: list[Pair]) -> list[TargetPair]:
    """Each target at most once, by metric and statement, in the order of the later text."""
    if not here.targets or not there.targets:
        return []
    goes_on = {(here.tasks[one.here]["id"], there.tasks[one.there]["id"]) for one in pairs}
    similarity = similarities(_vectors(here), _vectors(there))
    for row, after in enumerate(here.targets):
        for column, before in enumerate(there.targets):
            tasks = (_task(after), _task(before))
            if after["unit"] != before["unit"] or not (tasks in goes_on or tasks == (None, None)):
                similarity[row, column] = 0
    return [
        TargetPair(
            here.targets[row], there.targets[column], round(float(similarity[row, column]), 3)
        )
        for row, column in assigned(np.asarray(similarity), LEAST)
    ]


def _task(target: Document) -> str | None:
    return target["task"] and str(target["task"]["id"])


def _vectors(plan: ComparedPlan) -> list[Mapping[str, float]]:
    return [
        bigrams(target["metric"]) + bigrams(target["metric"]) + bigrams(target["statement"])
        for target in plan.targets
    ]


def difference(pair: TargetPair) -> Decimal | None:
    """By how much the value here is more than there; None where they are not of one kind.

    A range has no one value; an increase by 20 % and a level of 20 % are different things.
    """
    if any(pair.here[name] != pair.there[name] for name in SAME):
        return None
    if any(one["value"] is None or one["value_upper"] is not None for one in pair[:2]):
        return None
    return Decimal(str(pair.here["value"])) - Decimal(str(pair.there["value"]))


def direction(moved: Decimal | None) -> Direction | None:
    """Where a value moved; None where it did not."""
    if not moved:
        return None
    return Direction.INCREASE if moved > 0 else Direction.DECREASE
