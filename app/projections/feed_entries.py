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

from app.db.models import Assignment
from app.enums import ChangeOperation
from app.kinds.document import Document
from app.kinds.kind import Kind
from app.kinds.task import TASK

NOT_CONTENT = {"version", "changed_at"}  # members that every change changes
Assigned = Mapping[str, set[str]]  # task → agencies


def described(
    session: Session,
    kind: Kind,
    changes: Sequence[dict[str, Any]],
    documents: Sequence[tuple[str, str]],
    assigned: Assigned | None,
) -> list[dict[str, Any]]:
    """The changes of things of a kind with `changed`, `plan_id` and `agencies`, by their documents before and after.

    `assigned` is who tasks are assigned to, before or after, where that may just have changed.
    """
    pairs = [[json.loads(text) if text else {} for text in pair] for pair in documents]
    if assigned is None:
        tasks = {task for pair in pairs for document in pair if (task := _task_of(document))}
        assigned = _assigned(session, tasks)
    referred = _referred(session, kind, [document for pair in pairs for document in pair])
    made = []
    for change, (before, after) in zip(changes, pairs, strict=True):
        is_update = change["op"] is ChangeOperation.UPDATED
        agencies: set[str] = set()
        for document in (before, after):
            if document:
                agencies.update(kind.agencies(document), assigned.get(_task_of(document), ()))
                agencies.update(*(referred[one] for one in _references(document)))
        made.append(
            {
                **change,
                "changed": changed_members(before, after) if is_update else [],
                "plan_id": after.get(kind.plan_member),
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
        found[task["id"]].update(TASK.agencies(task))
    return found


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


def _referred(session: Session, kind: Kind, documents: Iterable[Document]) -> dict[str, set[str]]:
    """The agency of each fact that these refer to, where it has one; one statement."""
    ids = {one for document in documents for one in _references(document)}
    found: dict[str, set[str]] = defaultdict(set)
    if ids:
        of_each = (
            select(other.model.id, other.model.agency_id).where(other.model.id.in_(ids))
            for other in kind.refers_to
        )
        for id_, agency in session.execute(union(*of_each)):
            found[id_].update([agency] if agency else [])
    return found
