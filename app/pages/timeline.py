"""What was reported about a task, in one order: who says so stays visible with each entry."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.kinds.document import Document


@dataclass(frozen=True)
class Happening:
    """One fact of a time line."""

    day: str
    kind: str  # milestone, report, measurement, assessment
    fact: Document

    @property
    def is_gone(self) -> bool:
        """Whether it was replaced or withdrawn."""
        return bool(self.fact.get("state", "in_force") != "in_force")


def happenings(
    milestones: Sequence[Document] = (),
    reports: Sequence[Document] = (),
    measurements: Sequence[Document] = (),
    assessments: Sequence[Document] = (),
) -> list[Happening]:
    """Newest first."""
    found = [Happening(one["due_on"], "milestone", one) for one in milestones]
    found += [Happening(one["as_of"], "report", one) for one in reports]
    found += [Happening(one["as_of"], "measurement", one) for one in measurements]
    found += [Happening(one["period"]["to"], "assessment", one) for one in assessments]
    return sorted(found, key=lambda one: (one.day, one.fact["id"]), reverse=True)
