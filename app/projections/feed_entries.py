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

from sqlalchemy import BindParameter, bindparam, select, union
from sqlalchemy.orm import Session

from app.db.models import Agency, Assignment, Plan, Platform, Region
from app.enums import ChangeOperation
from app.kinds.document import Document
from app.kinds.kind import Kind
from app.kinds.task import TASK

NOT_CONTENT = {"version", "changed_at"}  # members that every change changes
Assigned = Mapping[str, set[str]]  # task → agencies
IDS: BindParameter[list[str]] = bindparam("ids", expanding=True)
PLANS = (
    select(Plan.id, Region.code, Region.is_example)
    .join(Region, Region.code == Plan.jurisdiction_code)
    .where(Plan.id.in_(IDS))
)
ASSIGNED = select(Assignment.task_id, Assignment.agency_id).where(Assignment.task_id.in_(IDS))


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


def described(session: Session, stored: Sequence[Stored]) -> list[dict[str, Any]]:
    """All changes with `changed`, `plan_id`, `agencies` and `is_effect`, from the documents."""
    plans = {after.get(one.kind.plan_member) for one in stored for _, after in one.pairs}
    whose = _whose(session, plans)
    unchanged = [pair for one in stored if one.assigned is None for pair in one.pairs]
    tasks = {task for pair in unchanged for document in pair if (task := _task_of(document))}
    assigned = _assigned(session, tasks)
    return [change for one in stored for change in _described(session, one, whose, assigned)]


def _described(
    session: Session,
    stored: Stored,
    whose: Mapping[str | None, tuple[str, bool]],
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
        code, is_example = whose.get(plan_id) or subjects.get(_subject_of(after)) or _own(after)
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


def _whose(session: Session, plans: set[str | None]) -> dict[str | None, tuple[str, bool]]:
    """The government of each plan, and whether it is an example; one statement."""
    ids = {"ids": list(plans - {None})}
    stored = session.connection().execute(PLANS, ids)
    return {id_: (code, example) for id_, code, example in stored}


def _whose_subject(session: Session, subjects: set[str]) -> dict[str, tuple[str, bool]]:
    """The same for agencies, platforms and governments that error reports are about; one statement."""
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


def _assigned(session: Session, tasks: set[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    if tasks:
        for task, agency in session.connection().execute(ASSIGNED, {"ids": list(tasks)}):
            found[task].add(agency)
    return found


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
