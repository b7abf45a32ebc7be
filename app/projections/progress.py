"""What is computed from facts: how far a task is, and whether a target is met.

The latest fact in force counts: of those who lead a task or are responsible for it; of others, where
no such has said anything.  See docs/decisions/0011-when-a-target-is-met.md.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from app.db.models import Target
from app.enums import AttainmentStatus, Comparator, ProgressStatus, Role, TargetKind

COVERED = Decimal(100)  # percent
ANSWERS = (Role.LEAD, Role.RESPONSIBLE)


def latest(facts: Iterable[Any]) -> Any:
    """The fact that counts, of those in force about one thing; None where there is none."""
    return max(facts, key=lambda one: (one.role in ANSWERS, one.as_of, one.ordinal), default=None)


def status_of(reports: Iterable[Any]) -> ProgressStatus:
    """How far a task is, by the reports in force on it."""
    counts = latest(reports)
    return ProgressStatus(counts.status) if counts else ProgressStatus.NOT_REPORTED


def attainment_of(target: Target, measurements: Iterable[Any]) -> AttainmentStatus:
    """Whether a target is met, by the measurements in force of it."""
    counts = latest(measurements)
    if counts is None:
        return AttainmentStatus.NOT_REPORTED
    return AttainmentStatus.MET if is_met(target, counts.value) else AttainmentStatus.BELOW


def is_met(target: Target, value: Decimal) -> bool:
    """Whether a figure reaches what the target says; one that goes beyond it does."""
    if target.kind is TargetKind.COVERAGE:
        return value >= COVERED
    if target.value is None:
        raise ValueError(f"{target.id} has no figure")
    match target.comparator:
        case Comparator.GT:
            return value > target.value
        case Comparator.LT:
            return value < target.value
        case Comparator.LTE:
            return value <= target.value
        case _:  # eq, gte, between
            return value >= target.value
