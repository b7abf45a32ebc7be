"""`/states`: everything that repeats, in all its states; for changes of the style, not linked.

It shows real tasks and targets with states that nobody reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from app.enums import (
    AttainmentStatus,
    ErrorOutcome,
    MilestoneStatus,
    ProgressStatus,
    labelled,
)
from app.http.problems import NotFoundError
from app.kinds.document import Document
from app.pages.reading import Api
from app.pages.rendering import View
from app.pages.timeline import Happening
from app.pages.views.monitoring import STATUSES
from app.resources.targets.routes import list_targets
from app.resources.tasks.routes import list_tasks

LONG = "无空格" * 200
SCRIPT = "javascript:alert(1)"  # shown as text


@dataclass(frozen=True, kw_only=True)
class StatesView(View):
    """Rows, tables, a time line and charts."""

    template: ClassVar = "states.html"
    headers: ClassVar = {"X-Robots-Tag": "noindex"}
    badges: Sequence[Document]
    tasks: Sequence[Document]
    targets: Sequence[Document]
    happenings: Sequence[Happening]
    counts: Mapping[str, int]
    statuses: Sequence[str] = STATUSES


async def states(api: Api) -> View:
    """`/states`; raises NotFoundError where nothing is loaded."""
    tasks = (await api.rows(list_tasks, {"has_targets": "true", "limit": 1})).rows
    if not tasks:
        raise NotFoundError
    targets = (await api.rows(list_targets, {"task": tasks[0]["id"], "limit": 1})).rows
    kinds = (ProgressStatus, AttainmentStatus, MilestoneStatus, ErrorOutcome)
    day = targets[0]["due_on"]
    return StatesView(
        badges=[labelled("status", one) for kind in kinds for one in kind],
        tasks=[
            {**tasks[0], "progress": {**labelled("status", one), "reported_on": None}}
            for one in ProgressStatus
        ],
        targets=[
            {**target, "due_basis": basis, "due_basis_label": label, "attainment": _attained(one)}
            for target in targets
            for basis, label in (("stated", "明示"), ("plan_end", "计划期末"))
            for one in AttainmentStatus
        ],
        happenings=_happenings(tasks[0], str(day)),
        counts={one: 2 * number for number, one in enumerate(STATUSES)},
    )


def _attained(status: AttainmentStatus) -> Document:
    value = {AttainmentStatus.BELOW: 1.5, AttainmentStatus.MET: 2_000_000}.get(status)
    return {**labelled("status", status), "latest_value": value, "measured_on": "2022-06-30"}


def _happenings(task: Document, day: str) -> list[Happening]:
    """A report in force, one that was replaced, one that was withdrawn; a milestone of each state."""
    agency = task["assignments"][0]["agency"]
    common: dict[str, Any] = {
        "agency": agency,
        "task": task,
        "summary": LONG,
        "evidence": [{"url": SCRIPT, "title": "示例"}],
        **labelled("status", ProgressStatus.AT_RISK),
        "withdrawal": None,
        "replaced_by": None,
    }
    reports: list[Document] = [
        {"id": "state-r1", "state": "in_force"},
        {"id": "state-r2", "state": "replaced", "replaced_by": "state-r1"},
        {"id": "state-r3", "state": "withdrawn", "withdrawal": {"reason": LONG}},
    ]
    found = [Happening(day, "report", {**common, **one}) for one in reports]
    for status in MilestoneStatus:
        milestone = {"id": f"state-{status}", "title": "示例", "changes": []}
        found.append(
            Happening(day, "milestone", {**common, **milestone, **labelled("status", status)})
        )
    return found
