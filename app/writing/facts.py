"""Common steps of writing facts: checks, storing, replacing and withdrawing.

Facts are append-only.  A correction is a new fact that names the one it replaces; a withdrawal needs
a reason; both facts remain readable.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from pydantic import Field
from sqlalchemy import Select, Update, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from app.db.compiled import Read
from app.db.models import (
    Agency,
    AppendOnly,
    Assignment,
    Delegation,
    Fact,
    Plan,
    Task,
    Withdrawal,
)
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
from app.projections.documents import add_fact, refresh_fact
from app.writing.reach import refuse_foreign_plan
from app.writing.unit_of_work import Write, WriteResult

NOT_ASSIGNED = Message(
    "贵机构未被指派此项任务；只能就本机构（或经授权代表的集体）承担的任务提交。",
    "Your agency is not assigned to this task; submit only for tasks assigned to it, or to a "
    "collective for which it has a delegation.",
)
STRONGEST_FIRST = (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT, Role.GUIDE)
OF_EARLIER = (
    "id",
    "ordinal",
    "agency_id",
    "as_of",
    "state",
    "status",
)  # columns, if a fact has them
# A task, the agency of a key, and each role of this agency for it, its own or by delegation of a
# collective.  One statement, since a round trip takes longer than reading the rows.
TASK_AND_ROLES = Read(
    select(
        Task.id, Task.plan_id, Task.code, Task.title,
        Task.document, Task.version, Task.changed_at, Task.withdrawn_at,
        Agency.id.label("agency_id"), Agency.name.label("agency_name"), Assignment.role,
    )
    .select_from(Task)
    .outerjoin(Agency, Agency.id == bindparam("agency"))
    .outerjoin(
        Assignment,
        and_(
            Assignment.task_id == Task.id,
            or_(
                Assignment.agency_id == Agency.id,
                Assignment.agency_id.in_(
                    select(Delegation.collective_id).where(Delegation.agency_id == Agency.id)
                ),
            ),
        ),
    )
    .where(Task.id == bindparam("task"))
)  # fmt: skip


class AgencyName(NamedTuple):
    """An agency as documents of facts show it."""

    id: str
    name: str


class WithdrawalSubmission(Body):
    """Reason for a withdrawal."""

    reason: prose(1000) = Field(  # type: ignore[valid-type]
        description="Reason; published with the withdrawn fact, which remains readable."
    )


def existing(write: Write, table: Any, id_: str) -> Any:
    """The row with this id; raises NotFoundError, or GoneError if it was withdrawn."""
    return _there(write.session.get(table, id_) if is_printed(id_) else None)


def is_printed(id_: str) -> bool:
    """Whether a text can be an id; the database takes no other."""
    return id_.isascii() and id_.isprintable()


def _there(row: Any) -> Any:
    if row is None:
        raise NotFoundError
    if row.withdrawn_at:
        raise GoneError
    return row


def named_in_body(write: Write, table: Any, id_: str, member: str, unknown: Message) -> Any:
    """The row that a member of the body names; raises InvalidParametersError."""
    row = write.session.get(table, id_) if is_printed(id_) else None
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


def assigned_task(write: Write, task_id: str) -> tuple[Any, AgencyName, Role]:
    """A task that the caller's agency is assigned to, the agency and its strongest role.

    Raises NotFoundError, GoneError, ForbiddenError.
    """
    of = {"task": task_id, "agency": write.caller.agency_id}
    rows = write.rows(TASK_AND_ROLES, of) if is_printed(task_id) else []
    task = _there(rows[0] if rows else None)
    roles = {row.role for row in rows}
    role = next((role for role in STRONGEST_FIRST if role in roles), None)
    if role is None:
        raise ForbiddenError(NOT_ASSIGNED)
    return task, AgencyName(task.agency_id, task.agency_name), role


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
    row = write.session.get(fact, id_) if is_printed(id_) else None
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


def earlier_facts(fact: Any, parent: str, **more: Callable[[Any], Select[Any]]) -> Read:
    """A read of facts with the same parent, made once for each kind.

    `last` is the highest ordinal, `same_day` the caller's fact of the day; `more` is read with them.
    """
    # Read once, by its own index: SQLite took that of the agency, which may have thousands of facts.
    of_parent = select(fact).where(getattr(fact, parent) == bindparam("parent"))
    columns = [column for column in fact.__table__.columns if column.name in OF_EARLIER]
    found = of_parent.with_only_columns(*columns).cte("of_parent").c
    same_day = select(found.id).where(
        found.agency_id == bindparam("agency"),
        found.as_of == bindparam("as_of"),
        found.state == FactState.IN_FORCE,
        found.id != bindparam("replaces"),
    )
    parts = {
        "last": select(func.coalesce(func.max(found.ordinal), 0)),
        "same_day": same_day.limit(1),
        **{name: make(found) for name, make in more.items()},
    }
    return Read(select(*(part.scalar_subquery().label(name) for name, part in parts.items())))


def values_of_earlier(parent_id: str, agency_id: str | None, new: Any) -> dict[str, Any]:
    """The values for such a read."""
    of = {"parent": parent_id, "agency": agency_id}
    return of | {"as_of": new.as_of, "replaces": new.replaces or ""}


def earlier(write: Write, read: Read, parent_id: str, agency_id: str, new: Any) -> Any:
    """The row of such a read; raises ConflictError for a second fact of an agency and day."""
    (found,) = write.rows(read, values_of_earlier(parent_id, agency_id, new))
    if found.same_day:
        raise ConflictError(
            Message(
                f"本机构已提交 {new.as_of} 的数据 {found.same_day}；如需更正，请以 replaces 指明。",
                f"Your agency already has an entry as of {new.as_of}: {found.same_day}; "
                "to correct it, pass its id in replaces.",
            )
        )
    return found


def next_ordinal(session: Session, table: Any, **of: str) -> int:
    """The next ordinal within a parent; the writers' lock prevents duplicates."""
    last = session.connection().scalar(_last_ordinal(table, tuple(of)), of)
    return (last or 0) + 1


@cache
def _last_ordinal(table: Any, of: tuple[str, ...]) -> Select[Any]:
    last = select(func.max(table.ordinal))
    return last.where(*(getattr(table, name) == bindparam(name) for name in of))


def common_columns(write: Write) -> dict[str, Any]:
    """The columns that facts and milestones have; `store` makes the document."""
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


def store(write: Write, row: Any, *shown: Any) -> WriteResult:
    """Store a new fact, and mark the one that it replaces.

    `shown` has what its document shows beside it: the other rows of the statement of its kind.
    """
    document, new = add_fact(write.statements, row, shown, write.now)
    if getattr(row, "replaces_id", None):
        fact = type(row)
        set_state(write.session, fact, row.replaces_id, FactState.REPLACED)
        _, stored = refresh_fact(write.session, fact, row.replaces_id, write.now, is_effect=True)
        write.stored.append(stored)
    write.stored.append(new)
    return WriteResult(201, row, document, f"{list_path(type(row))}/{row.id}")


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
    return replace(refreshed(write, fact, row, 201), row=withdrawal)


def set_state(session: Session, fact: Any, id_: str, state: FactState) -> None:
    """Set the state of a fact, for queries."""
    session.connection().execute(_state_of(fact), {"fact": id_, "state": state})


@cache
def _state_of(fact: Any) -> Update:
    """Sets what is passed."""
    return update(fact).where(fact.id == bindparam("fact"))


def refreshed(write: Write, fact: type[AppendOnly], row: Any, status: int) -> WriteResult:
    """The result with the document of a fact, which is rebuilt."""
    document, stored = refresh_fact(write.session, fact, row.id, write.now)
    write.stored.append(stored)
    return WriteResult(status, row, document, f"{list_path(fact)}/{row.id}")
