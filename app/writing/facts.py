"""Common steps of writing facts: checks, storing, replacing and withdrawing.

Facts are append-only.  A correction is a new fact that names the one it replaces; a withdrawal needs
a reason; both facts remain readable.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from pydantic import Field
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.db.models import AppendOnly, Assignment, Delegation, Fact, Plan, Task, Withdrawal
from app.enums import FactState, Role
from app.http.bodies import Body, EvidenceSubmission, prose
from app.http.paths import list_path
from app.http.problems import (
    ConflictError,
    FieldError,
    ForbiddenError,
    GoneError,
    InvalidParametersError,
    Message,
    NotFoundError,
)
from app.projections.documents import refresh_facts
from app.writing.reach import refuse_foreign_plan
from app.writing.unit_of_work import Write, WriteResult

NOT_ASSIGNED = Message(
    "贵机构未被指派此项任务；只能就本机构（或经授权代表的集体）承担的任务提交。",
    "Your agency is not assigned to this task; submit only for tasks assigned to it, or to a "
    "collective for which it has a delegation.",
)
STRONGEST_FIRST = (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT, Role.GUIDE)


class WithdrawalSubmission(Body):
    """Reason for a withdrawal."""

    reason: prose(1000) = Field(  # type: ignore[valid-type]
        description="Reason; published with the withdrawn fact, which remains readable."
    )


def role_for(session: Session, agency_id: str | None, task_id: str) -> Role | None:
    """The strongest role of an agency for a task, its own or by delegation of a collective."""
    delegated = select(Delegation.collective_id).where(Delegation.agency_id == agency_id)
    roles = session.scalars(
        select(Assignment.role).where(
            Assignment.task_id == task_id,
            (Assignment.agency_id == agency_id) | Assignment.agency_id.in_(delegated),
        )
    ).all()
    return next((role for role in STRONGEST_FIRST if role in roles), None)


def existing(write: Write, table: Any, id_: str) -> Any:
    """The row with this id; raises NotFoundError, or GoneError if it was withdrawn."""
    row = write.session.get(table, id_) if id_.isascii() and id_.isprintable() else None
    if row is None:
        raise NotFoundError
    if row.withdrawn_at:
        raise GoneError
    return row


def named_in_body(write: Write, table: Any, id_: str, member: str, unknown: Message) -> Any:
    """The row that a member of the body names; raises InvalidParametersError."""
    row = write.session.get(table, id_) if id_.isascii() and id_.isprintable() else None
    if row is None or getattr(row, "withdrawn_at", None):  # regions are never withdrawn
        raise InvalidParametersError(errors=[FieldError("body", member, unknown)])
    return row


def named_plan(write: Write, plan_id: str) -> Plan:
    """The plan that a body refers to; raises InvalidParametersError, ForbiddenError."""
    unknown = Message(
        "没有这个工作要点；全部列在 /v1/plans。", "There is no such plan; /v1/plans lists all."
    )
    plan: Plan = named_in_body(write, Plan, plan_id, "plan", unknown)
    refuse_foreign_plan(write.session, write.caller, plan.id)
    return plan


def assigned_task(write: Write, task_id: str) -> tuple[Task, str, Role]:
    """A task that the caller's agency is assigned to, the agency and its role.

    Raises NotFoundError, GoneError, ForbiddenError.
    """
    task = existing(write, Task, task_id)
    agency_id = write.caller.agency_id
    role = role_for(write.session, agency_id, task_id)
    if role is None or agency_id is None:
        raise ForbiddenError(NOT_ASSIGNED)
    return task, agency_id, role


def not_later_than_today(write: Write, day: Any, name: str = "as_of") -> None:
    """Refuse a date in the future; raises InvalidParametersError."""
    if day > write.today:
        message = Message(
            f"不得晚于今天（{write.today}，北京时间）。",
            f"It must not be later than today, {write.today} in China.",
        )
        raise InvalidParametersError(errors=[FieldError("body", name, message)])


def replaced_row(write: Write, fact: type[Fact], id_: str, **same: Any) -> Any:
    """The fact in force that a new one may replace; both must have the values `same`."""
    row = write.session.get(fact, id_) if id_.isascii() and id_.isprintable() else None
    if row is None or any(getattr(row, name) != value for name, value in same.items()):
        place = list_path(fact)
        message = Message(
            f"须为贵方就同一对象提交的编号；见 {place}。",
            f"It must be the id of your own earlier entry for the same target; see {place}.",
        )
        raise InvalidParametersError(errors=[FieldError("body", "replaces", message)])
    if row.state is not FactState.IN_FORCE:
        raise ConflictError(
            Message(
                f"{id_} 已被更正或撤回；请更正现行有效的一条。",
                f"{id_} is already replaced or withdrawn; replace the one that is in force.",
            )
        )
    return row


def refuse_the_same_day(
    write: Write, fact: Any, day: date, replaces: str | None, **same: Any
) -> None:
    """Allow one fact per agency, object and day; raises ConflictError."""
    conditions = [getattr(fact, name) == value for name, value in same.items()]
    same_day = write.session.scalar(
        select(fact.id).where(
            *conditions,
            fact.as_of == day,
            fact.state == FactState.IN_FORCE,
            fact.id != (replaces or ""),
        )
    )
    if same_day:
        raise ConflictError(
            Message(
                f"本机构已提交 {day} 的数据 {same_day}；如需更正，请以 replaces 指明。",
                f"Your agency already has an entry as of {day}: {same_day}; "
                "to correct it, pass its id in replaces.",
            )
        )


def next_ordinal(session: Session, table: Any, **of: str) -> int:
    """The next ordinal within a parent; the writers' lock prevents duplicates."""
    last = session.scalar(select(func.max(table.ordinal)).filter_by(**of))
    return (last or 0) + 1


def common_columns(write: Write) -> dict[str, Any]:
    """The columns that facts and milestones have; `refresh_facts` makes the document."""
    return {
        "document": "",
        "version": 0,
        "changed_at": write.now,
        "withdrawn_at": None,
        "recorded_at": write.now,
    }


def fact_columns(
    write: Write, evidence: Sequence[EvidenceSubmission], replaced: Fact | None
) -> dict[str, Any]:
    """The columns that every fact has."""
    return {
        **common_columns(write),
        "state": FactState.IN_FORCE,
        "replaces_id": replaced and replaced.id,
        "evidence": [one.model_dump() for one in evidence],
    }


def store(write: Write, fact: type[Fact], row: Any) -> WriteResult:
    """Store a new fact, and mark the one that it replaces."""
    session = write.session
    session.add(row)
    session.flush()
    if row.replaces_id:
        set_state(session, fact, row.replaces_id, FactState.REPLACED)
        refresh_facts(session, fact, fact.id == row.replaces_id, write.now, is_effect=True)
    refresh_facts(session, fact, fact.id == row.id, write.now)
    return result_of(write, fact, row, 201)


def withdraw(write: Write, fact: type[Fact], id_: str, reason: str) -> WriteResult:
    """Withdraw a fact; raises ForbiddenError, and ConflictError if it already is."""
    session = write.session
    row = existing(write, fact, id_)
    refuse_foreign_plan(session, write.caller, row.plan_id)
    if row.state is FactState.WITHDRAWN:
        raise ConflictError(Message(f"{id_} 已经撤回。", f"{id_} is already withdrawn."))
    withdrawal = Withdrawal(
        resource=fact.__tablename__, id=id_, reason=reason, withdrawn_at=write.now
    )
    session.add(withdrawal)
    session.flush()
    set_state(session, fact, id_, FactState.WITHDRAWN)
    refresh_facts(session, fact, fact.id == id_, write.now)
    return result_of(write, fact, withdrawal, 201)


def set_state(session: Session, fact: type[Fact], id_: str, state: FactState) -> None:
    """Set the state of a fact, for queries."""
    session.execute(update(fact).where(fact.id == id_).values(state=state))


def result_of(write: Write, fact: type[AppendOnly], row: Any, status: int) -> WriteResult:
    """The result with the current document of the fact."""
    document = write.session.scalar(select(fact.document).where(fact.id == row.id)) or ""
    return WriteResult(status, row, document, f"{list_path(fact)}/{row.id}")
