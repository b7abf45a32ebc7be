"""The progress of a task and the attainment of a target, computed from facts.

The latest fact in force counts: of lead or responsible agencies; of others only if none of these has
reported.  See docs/decisions/0011-when-a-target-is-met.md.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import or_

from app.db.models import Target
from app.enums import AttainmentStatus, Comparator, ProgressStatus, Role, TargetKind

COVERED = Decimal(100)  # percent
ANSWERS = (Role.LEAD, Role.RESPONSIBLE)


def latest(facts: Iterable[Any]) -> Any:
    """The fact that counts, of those in force for one task or target; None if there is none."""
    return max(facts, key=lambda one: (one.role in ANSWERS, one.as_of, one.ordinal), default=None)


def latest_first(fact: Any) -> list[Any]:
    """The order of a statement whose first row is that which `latest` returns."""
    accountable = or_(*(fact.role == role for role in ANSWERS))
    return [accountable.desc(), fact.as_of.desc(), fact.ordinal.desc()]


def status_of(reports: Iterable[Any]) -> ProgressStatus:
    """The status of a task, by its reports in force."""
    counts = latest(reports)
    return ProgressStatus(counts.status) if counts else ProgressStatus.NOT_REPORTED


def attainment_of(target: Target, measurements: Iterable[Any]) -> AttainmentStatus:
    """Whether a target is met, by its measurements in force."""
    counts = latest(measurements)
    if counts is None:
        return AttainmentStatus.NOT_REPORTED
    return AttainmentStatus.MET if is_met(target, counts.value) else AttainmentStatus.BELOW


def is_met(target: Target, value: Decimal) -> bool:
    """Whether a value meets the target; exceeding it counts as met."""
    if target.kind is TargetKind.COVERAGE:
        return value >= COVERED
    if target.value is None:
        raise ValueError(f"{target.id} has no value")
    match target.comparator:
        case Comparator.GT:
            return value > target.value
        case Comparator.LT:
            return value < target.value
        case Comparator.LTE:
            return value <= target.value
        case _:  # eq, gte, between, about
            return value >= target.value
