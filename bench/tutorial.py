"""A peer: the same answers from an app as FastAPI's and SQLAlchemy's tutorials teach it.

Models with relationships, `selectinload`, an asynchronous session for each request, `response_model`;
on the same database.  `uvicorn bench.tutorial:app` with BENCH_DATABASE_URL.
"""

import os
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

from app.db.columns import Instant, Json
from app.enums import Comparator, Direction, DueBasis, Role, Strength, TargetKind, TaskLevel
from app.reading.list_params import PageInfo
from app.resources.tasks.schemas import TaskPage
from app.schemas.notice import Assignment, Attainment, Progress
from app.schemas.notice import Target as TargetShape
from app.schemas.notice import Task as TaskShape
from app.schemas.references import AgencyRef, PlaceRef, PlatformRef, SectionRef, Span, TaskRef

engine = create_async_engine(os.environ["BENCH_DATABASE_URL"])
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    """Tables of the service, as these models see them."""


class Plan(Base):
    __tablename__ = "plan"
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    document_number: Mapped[str]


class Section(Base):
    __tablename__ = "section"
    id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]
    title: Mapped[str]


class Agency(Base):
    __tablename__ = "agency"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class Platform(Base):
    __tablename__ = "platform"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class Region(Base):
    __tablename__ = "region"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class AssignmentRow(Base):
    __tablename__ = "assignment"
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"))
    role: Mapped[str]
    as_written: Mapped[str]
    clause: Mapped[int | None]
    agency: Mapped[Agency] = relationship()


class Mention(Base):
    __tablename__ = "mention"
    plan_id: Mapped[str] = mapped_column(primary_key=True)
    span_start: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"))
    platform: Mapped[Platform] = relationship()


class Place(Base):
    __tablename__ = "place"
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), primary_key=True)
    position: Mapped[int]
    region: Mapped[Region] = relationship()


class Target(Base):
    __tablename__ = "target"
    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(Instant())
    plan_id: Mapped[str]
    task_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"))
    ordinal: Mapped[int]
    metric: Mapped[str]
    statement: Mapped[str]
    kind: Mapped[str]
    comparator: Mapped[str | None]
    value: Mapped[str | None]
    value_upper: Mapped[str | None]
    unit: Mapped[str | None]
    as_written: Mapped[str | None]
    is_cumulative: Mapped[bool]
    is_average: Mapped[bool]
    direction: Mapped[str | None]
    scope: Mapped[str | None]
    strength: Mapped[str]
    due_on: Mapped[date | None]
    due_basis: Mapped[str | None]
    span_start: Mapped[int]
    span_end: Mapped[int]
    attainment: Mapped[str]


class Task(Base):
    __tablename__ = "task"
    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(Instant())
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"))
    code: Mapped[str]
    ordinal: Mapped[int]
    label: Mapped[str]
    level: Mapped[str]
    is_leaf: Mapped[bool]
    title: Mapped[str]
    body: Mapped[str | None]
    assignment_clauses: Mapped[list[Any]] = mapped_column(Json)
    span_start: Mapped[int]
    span_end: Mapped[int]
    status: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    plan: Mapped[Plan] = relationship()
    section: Mapped[Section] = relationship()
    parent: Mapped["Task | None"] = relationship(remote_side="Task.id")
    assignments: Mapped[list[AssignmentRow]] = relationship(order_by=AssignmentRow.position)
    targets: Mapped[list[Target]] = relationship(order_by=(Target.span_start, Target.ordinal))
    mentions: Mapped[list[Mention]] = relationship(order_by=Mention.span_start)
    places: Mapped[list[Place]] = relationship(order_by=Place.position)


WHOLE = (
    selectinload(Task.plan),
    selectinload(Task.section),
    selectinload(Task.parent),
    selectinload(Task.assignments).selectinload(AssignmentRow.agency),
    selectinload(Task.targets),
    selectinload(Task.mentions).selectinload(Mention.platform),
    selectinload(Task.places).selectinload(Place.region),
)


async def open_session() -> AsyncIterator[AsyncSession]:
    """A session a request."""
    async with sessions() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(open_session)]


@app.get("/v1/tasks", response_model=TaskPage)
async def list_tasks(session: SessionDep, agency: str, limit: int = 100) -> Any:
    """Tasks of an agency."""
    of_agency = select(AssignmentRow.task_id).where(AssignmentRow.agency_id == agency)
    wanted = (Task.id.in_(of_agency), Task.withdrawn_at.is_(None))
    total = await session.scalar(select(func.count()).select_from(Task).where(*wanted))
    order = (Task.plan_id, Task.span_start)
    found = await session.scalars(
        select(Task).where(*wanted).order_by(*order).limit(limit).options(*WHOLE)
    )
    page = PageInfo(limit=limit, total=total or 0, next=None, missing=[])
    return TaskPage(data=[_task(task) for task in found], page=page)


@app.get("/v1/tasks/{task_id}", response_model=TaskShape)
async def get_task(session: SessionDep, task_id: str) -> Any:
    """One task."""
    found = await session.scalar(select(Task).where(Task.id == task_id).options(*WHOLE))
    if found is None:
        raise HTTPException(404)
    return _task(found)


def _task(task: Task) -> TaskShape:
    section = SectionRef(id=task.section_id, code=task.section.code, title=task.section.title)
    parent = task.parent and TaskRef.model_validate(task.parent, from_attributes=True)
    item = task.parent or task
    point = f"第{task.ordinal}点" if task.parent else ""
    mentioned = {m.platform_id: m.platform.name for m in task.mentions}
    return TaskShape.model_validate(
        {
            **{
                name: getattr(task, name)
                for name in (
                    *("id", "code", "label", "level", "is_leaf", "title", "body"),
                    *("version", "changed_at"),
                )
            },
            "level_label": TaskLevel(task.level).label,
            "plan": task.plan_id,
            "section": section,
            "parent": parent,
            "ordinal": task.ordinal,
            "assignments": [
                Assignment(
                    agency=AgencyRef(id=a.agency_id, name=a.agency.name),
                    role=a.role,
                    role_label=Role(a.role).label,
                    as_written=a.as_written,
                    position=a.position,
                    clause=a.clause,
                    rule=None,
                )
                for a in task.assignments
            ],
            "assignment_clause": task.assignment_clauses[0]["text"]
            if task.assignment_clauses
            else None,
            "assignment_clauses": task.assignment_clauses,
            "targets": [_target(target, task, section) for target in task.targets],
            "platforms": [PlatformRef(id=key, name=name) for key, name in mentioned.items()],
            "places": [PlaceRef(code=p.region_code, name=p.region.name) for p in task.places],
            "span": Span(start=task.span_start, end=task.span_end),
            "citation": f"《{task.plan.title}》（{task.plan.document_number}）"
            f"第{item.label}项{point}",
            "progress": Progress(
                status=task.status,
                status_label="未报告",
                reported_on=None,
            ),
        }
    )


def _target(target: Target, task: Task, section: SectionRef) -> TargetShape:
    same = (
        "id", "metric", "statement", "kind", "comparator", "value", "value_upper", "unit",
        "as_written", "is_cumulative", "is_average", "direction", "scope", "due_on", "due_basis",
        "strength", "version", "changed_at",
    )  # fmt: skip
    kinds = {
        "kind": TargetKind, "comparator": Comparator, "direction": Direction, "due_basis": DueBasis,
        "strength": Strength,
    }  # fmt: skip
    return TargetShape.model_validate(
        {
            **{name: getattr(target, name) for name in same},
            **{
                f"{name}_label": getattr(target, name) and kind(getattr(target, name)).label
                for name, kind in kinds.items()
            },
            "plan": target.plan_id,
            "task": TaskRef.model_validate(task, from_attributes=True),
            "section": section,
            **dict.fromkeys(("baseline", "recurrence", "recurrence_label")),
            "recurs_on": [],
            "agencies": [
                AgencyRef(id=a.agency_id, name=a.agency.name)
                for a in task.assignments
                if a.role == "lead"
            ],
            "span": Span(start=target.span_start, end=target.span_end),
            "attainment": Attainment(
                status=target.attainment,
                status_label="未报告",
                latest_value=None,
                measured_on=None,
            ),
        }
    )
