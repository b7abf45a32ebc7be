"""What an entry of the change feed says beside its number: what changed, and whom it concerns.

An entry concerns a plan, unless it is about an agency or a platform, which are of no plan, and the
agencies that have to do with it before or after the change: those that a task is assigned to; of a
target and of what agencies report, measure and schedule, the one that says so and those of the task;
the subject of an assessment; the agencies of what a bulletin refers to; an agency itself.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from app.db.models import Assessment, Assignment, Report
from app.enums import ChangeOperation, PublishedKind, SubjectKind
from app.projections.json_text import Document

NOT_CONTENT = {"version", "changed_at"}  # members that every change changes
Assigned = Mapping[str, set[str]]  # task → agencies


def described(
    session: Session,
    changes: Sequence[dict[str, Any]],
    documents: Sequence[tuple[str, str]],
    assigned: Assigned | None,
) -> list[dict[str, Any]]:
    """The changes with `changed`, `plan_id` and `agencies`, by their documents before and after.

    `assigned` is who tasks are assigned to, before or after, where that may just have changed.
    """
    pairs = [[json.loads(text) if text else {} for text in pair] for pair in documents]
    if assigned is None:
        tasks = {task for pair in pairs for document in pair if (task := _task_of(document))}
        assigned = _assigned(session, tasks)
    referred = _referred(session, [document for pair in pairs for document in pair])
    made = []
    for change, (before, after) in zip(changes, pairs, strict=True):
        is_update = change["op"] is ChangeOperation.UPDATED
        kind = PublishedKind(change["resource"])
        agencies: set[str] = set()
        for document in (before, after):
            agencies.update(_own_agencies(kind, document), assigned.get(_task_of(document), ()))
            agencies.update(*(referred[one] for one in _references(document)))
        made.append(
            {
                **change,
                "changed": changed_members(before, after) if is_update else [],
                "plan_id": after["id"] if kind is PublishedKind.PLAN else after.get("plan"),
                "agencies": sorted(agencies),
            }
        )
    return made


def changed_members(before: Document, after: Document) -> list[str]:
    """The top-level members that are not what they were, in the order of the document."""
    names = [name for name in {**after, **before} if name not in NOT_CONTENT]
    missing = object()
    return [name for name in names if before.get(name, missing) != after.get(name, missing)]


def assigned_in(documents: Iterable[Document]) -> dict[str, set[str]]:
    """Who tasks are assigned to, by their documents, of which a task may have several."""
    found: dict[str, set[str]] = defaultdict(set)
    for task in documents:
        found[task["id"]].update(_own_agencies(PublishedKind.TASK, task))
    return found


def _own_agencies(kind: PublishedKind, document: Document) -> list[str]:
    """The agencies that a document names as those who have to do with it."""
    if not document:
        return []
    match kind:
        case PublishedKind.TASK:
            return [one["agency"]["id"] for one in document["assignments"]]
        case PublishedKind.TARGET:
            return [agency["id"] for agency in document["agencies"]]
        case PublishedKind.AGENCY:
            return [document["id"]]
        case PublishedKind.REPORT | PublishedKind.MEASUREMENT | PublishedKind.MILESTONE:
            return [document["agency"]["id"]]
        case PublishedKind.ASSESSMENT if document["subject"]["kind"] == SubjectKind.AGENCY:
            return [document["subject"]["id"]]
    return []


def _task_of(document: Document) -> str:
    """The task that something is about; what is about none has an empty one."""
    task = document.get("task")
    return task["id"] if task else ""


def _references(document: Document) -> list[str]:
    return [one["id"] for one in document.get("refers_to", ())]


def _assigned(session: Session, tasks: set[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    if tasks:
        stored = select(Assignment.task_id, Assignment.agency_id)
        for task, agency in session.execute(stored.where(Assignment.task_id.in_(tasks))):
            found[task].add(agency)
    return found


def _referred(session: Session, documents: Iterable[Document]) -> dict[str, set[str]]:
    """The agency of each report and assessment that bulletins refer to, where it has one."""
    ids = {one for document in documents for one in _references(document)}
    found: dict[str, set[str]] = defaultdict(set)
    if ids:
        of_each = (
            select(table.id, table.agency_id).where(table.id.in_(ids))
            for table in (Report, Assessment)
        )
        for id_, agency in session.execute(union(*of_each)):
            found[id_].update([agency] if agency else [])
    return found
