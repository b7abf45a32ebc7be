"""What a comparison reads of a plan: the stored documents of its tasks and targets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Document = Mapping[str, Any]


def order_of(plan: Mapping[Any, Any]) -> tuple[str, str, str]:
    """Where a plan stands among others: by the first and last day of its period, then by its id.

    A plan without a period stands where it was issued, or before all others.  It is a row of the
    database, or the document.
    """
    period = plan.get("period") or {}
    first = plan.get("period_start_on") or period.get("start_on")
    last = plan.get("period_end_on") or period.get("end_on")
    issued = plan["issued_on"] or ""
    return str(first or issued), str(last or issued), plan["id"]


@dataclass(frozen=True)
class Decision:
    """What a person decided: that a task goes on from one of an earlier plan, or from none of it."""

    task: str  # an id
    continues: str | None  # an id; None for "none of that plan"
    relation: str | None = None


@dataclass(frozen=True)
class ComparedPlan:
    """A plan as it is compared; two equal ones have the same comparisons."""

    id: str
    tasks: Sequence[Document]  # in the order of the text
    targets: Sequence[Document]
    platforms: Sequence[Document] = ()  # references, in the order of the text
    decisions: Mapping[str, Sequence[Decision]] = field(default_factory=dict)  # by earlier plan
    named: frozenset[str] = frozenset()  # the earlier plans that editorial.yaml names

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each task in `tasks`, by its id."""
        return {task["id"]: place for place, task in enumerate(self.tasks)}

    @cached_property
    def ancestors(self) -> list[list[int]]:
        """The places of the tasks above each task, the nearest first."""
        found: list[list[int]] = []
        for task in self.tasks:  # a parent stands before its children
            parent = task["parent"] and self.places.get(task["parent"]["id"])
            found.append([] if parent is None else [parent, *found[parent]])
        return found

    @property
    def length(self) -> int:
        """Code points of its titles and texts, which decide how long comparing takes."""
        return sum(len(task["title"]) + len(task["body"] or "") for task in self.tasks)


TASK_MEMBERS = ("id", "code", "title")
TARGET_MEMBERS = (
    "id", "metric", "comparator", "comparator_label", "value", "value_upper", "unit", "as_written",
)  # fmt: skip


def task_ref(task: Document) -> dict[str, Any]:
    """Reference to a task."""
    return {name: task[name] for name in TASK_MEMBERS}


def target_value(target: Document) -> dict[str, Any]:
    """Reference to a target, with its value."""
    return {name: target[name] for name in TARGET_MEMBERS}


def agency_counts(tasks: Iterable[Document]) -> dict[str, tuple[Document, int]]:
    """Reference to each assigned agency, and the number of its tasks, by its id."""
    found: dict[str, tuple[Document, int]] = {}
    for task in tasks:
        for agency in {one["agency"]["id"]: one["agency"] for one in task["assignments"]}.values():
            _, number = found.get(agency["id"], (agency, 0))
            found[agency["id"]] = (agency, number + 1)
    return found
