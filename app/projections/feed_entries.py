"""The content of change feed entries: changed members, plan and concerned agencies.

An entry belongs to a plan, unless it is for a government, an agency or a platform, or an error
report about one of these; and to the government of its plan or agency.  It concerns the agencies that
are related before or after the change: those assigned to a task; for a target, report, measurement
or milestone, its author and those assigned to the task; the subject of an assessment; the agencies
of the facts that a bulletin refers to; an agency itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, union
from sqlalchemy.orm import Session

from app.db.compiled import Read, Transaction, Values
from app.db.models import Agency, Assignment, Plan, Platform, Region
from app.enums import ChangeOperation
from app.kinds.document import Document
from app.kinds.kind import Kind
from app.kinds.task import TASK

NOT_CONTENT = {"version", "changed_at"}  # members that every change changes
Assigned = Mapping[str, set[str]]  # task → agencies
WHOSE = Read(
    select(Region.code, Region.is_example)
    .join(Plan, Plan.jurisdiction_code == Region.code)
    .where(Plan.id == bindparam("plan"))
)
ASSIGNED = Read(select(Assignment.agency_id).where(Assignment.task_id == bindparam("task")))


@dataclass(frozen=True)
class Stored:
    """Documents of one kind that were stored: the changes, and the documents before and after each.

    A document that there is not is empty.
    `assigned` has the agencies of tasks, before or after, if they may just have changed.
    An effect is a change that a fact of the same transaction causes, such as the progress of its task.
    """

    kind: Kind
    changes: Sequence[dict[str, Any]]
    pairs: Sequence[tuple[Document, Document]]
    assigned: Assigned | None = None
    is_effect: bool = False


def needed_to_describe(stored: Sequence[Stored]) -> list[tuple[Read, Values]]:
    """What `described` reads of the plans and tasks of documents."""
    return [
        *((WHOSE, {"plan": plan}) for plan in _plans(stored)),
        *((ASSIGNED, {"task": task}) for task in _tasks(stored)),
    ]


def described(session: Session, stored: Sequence[Stored], to: Transaction) -> list[dict[str, Any]]:
    """All changes with `changed`, `plan_id`, `agencies` and `is_effect`, from the documents."""
    plans, tasks = _plans(stored), _tasks(stored)
    of_plans = to.rows_of_each(WHOSE, [{"plan": plan} for plan in plans])
    whose = {plan: rows[0] for plan, rows in zip(plans, of_plans, strict=True) if rows}
    of_tasks = to.rows_of_each(ASSIGNED, [{"task": task} for task in tasks])
    assigned = {
        task: {row.agency_id for row in rows} for task, rows in zip(tasks, of_tasks, strict=True)
    }
    return [change for one in stored for change in _described(session, one, whose, assigned)]


def _plans(stored: Sequence[Stored]) -> list[str]:
    plans = {after.get(one.kind.plan_member, "") for one in stored for _, after in one.pairs}
    return sorted(plans - {"", None})


def _tasks(stored: Sequence[Stored]) -> list[str]:
    """The tasks whose agencies have not just changed."""
    unchanged = [pair for one in stored if one.assigned is None for pair in one.pairs]
    return sorted({task for pair in unchanged for one in pair if (task := _task_of(one))})


def _described(
    session: Session,
    stored: Stored,
    whose: Mapping[str, tuple[str, bool]],
    unchanged: Assigned,
) -> list[dict[str, Any]]:
    kind, pairs = stored.kind, stored.pairs
    assigned = unchanged if stored.assigned is None else stored.assigned
    subjects = _whose_subject(session, {_subject_of(after) for _, after in pairs} - {""})
    referred = _referred(session, kind, [document for pair in pairs for document in pair])
    made = []
    for change, (before, after) in zip(stored.changes, pairs, strict=True):
        is_update = change["op"] is ChangeOperation.UPDATED
        agencies: set[str] = set()
        for document in (before, after):
            if document:
                agencies.update(kind.agencies(document), assigned.get(_task_of(document), ()))
                agencies.update(*(referred[one] for one in _references(document)))
        plan_id = after.get(kind.plan_member)
        code, is_example = (
            whose.get(plan_id or "") or subjects.get(_subject_of(after)) or _own(after)
        )
        made.append(
            {
                **change,
                "changed": changed_members(before, after) if is_update else [],
                "plan_id": plan_id,
                "jurisdiction_code": code,
                "is_example": is_example,
                "agencies": sorted(agencies),
                "is_effect": stored.is_effect,
            }
        )
    return made


def _whose_subject(session: Session, subjects: set[str]) -> dict[str, tuple[str, bool]]:
    """The governments of agencies, platforms and governments that error reports are about.

    With each stands whether it is an example; one statement.
    """
    if not subjects:
        return {}
    government = select(Region.code, Region.code, Region.is_example)
    of_agency = select(Agency.id, Region.code, Region.is_example).join(
        Region, Region.code == Agency.jurisdiction_code
    )
    of_platform = select(Platform.id, Region.code, Region.is_example).join(
        Region, Region.code == Platform.scope_code
    )
    stored = government.where(Region.code.in_(subjects)).union(
        of_agency.where(Agency.id.in_(subjects)), of_platform.where(Platform.id.in_(subjects))
    )
    return {id_: (code, example) for id_, code, example in session.execute(stored)}


def _subject_of(document: Document) -> str:
    """The id of what an error report is about; empty if it is of no such kind."""
    return document["about"]["id"] if "about" in document else ""


def _own(document: Document) -> tuple[str | None, bool]:
    """The same for what belongs to no plan, by its document."""
    code = document["jurisdiction"]["code"] if "jurisdiction" in document else document.get("code")
    return code, document.get("is_example", False)


def changed_members(before: Document, after: Document) -> list[str]:
    """The top-level members that differ, in the order of the document."""
    names = [name for name in {**after, **before} if name not in NOT_CONTENT]
    missing = object()
    return [name for name in names if before.get(name, missing) != after.get(name, missing)]


def assigned_in(documents: Iterable[Document]) -> dict[str, set[str]]:
    """The agencies of tasks, from one or more documents per task."""
    found: dict[str, set[str]] = defaultdict(set)
    for task in documents:
        found[task["id"]].update(TASK.agencies(task))
    return found


def _task_of(document: Document) -> str:
    """The id of the document's task; empty if there is none."""
    task = document.get("task")
    return task["id"] if task else ""


def _references(document: Document) -> list[str]:
    return [one["id"] for one in document.get("refers_to", ())]


def _referred(session: Session, kind: Kind, documents: Iterable[Document]) -> dict[str, set[str]]:
    """The agency of each referenced fact, if it has one; one statement."""
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
