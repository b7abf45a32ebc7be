"""The queries of monitoring."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, select

from app.db.engine import Reader
from app.db.models import (
    Agency,
    Assignment,
    Measurement,
    Milestone,
    Plan,
    Report,
    Section,
    Target,
    Task,
)
from app.enums import (
    PRINTED,
    AgencyKind,
    AttainmentStatus,
    FactState,
    MilestoneStatus,
    ProgressStatus,
)
from app.http.problems import FieldError, InvalidParametersError, Message
from app.projections.progress import attainment_of, status_of
from app.reading.filters import conditions, declared
from app.reading.governments import GovernmentFilters
from app.reading.listing import read_values
from app.resources.monitoring.schemas import (
    AgencyStanding,
    AttainmentCounts,
    DueTask,
    MissedMilestone,
    Monitoring,
    MonitoringQuery,
    SectionStanding,
    StatusCounts,
)
from app.schemas.references import AgencyRef, SectionRef, TaskRef

SOON = timedelta(days=30)
FILTERS = declared(GovernmentFilters)
MOST_ALLOWED = 100  # plans that an error names
NO_PLAN = Message(
    "没有计划符合这些条件；全部列在 /v1/plans。",
    "There is no such plan with these filters; /v1/plans lists all.",
)
SEVERAL_PLANS = Message(
    "须恰为一个计划：请以 plan 指明，或以 jurisdiction、within、year、series 缩小到一个。",
    "It must be exactly one plan: name it by plan, or narrow it down to one by jurisdiction, within, "
    "year or series.",
)
NO_PLAN_ERROR = FieldError("query", "plan", NO_PLAN)
SINCE_AFTER_AS_OF = Message("since 不得晚于 as_of。", "since must not be later than as_of.")
DUE_SOON_BEFORE_AS_OF = Message(
    "due_soon 不得早于 as_of。", "due_soon must not be earlier than as_of."
)


async def monitoring(reader: Reader, params: MonitoringQuery) -> Monitoring:
    """The status of a plan at a date; eight statements for a plan of any size, one more with names.

    Raises InvalidParametersError, AmbiguousNameError.
    """
    until = params.due_soon or _later(params.day)
    _check(params, until)
    plan = await _plan(reader, params)
    rows = await _read(reader, plan)
    return rows.monitoring(params, plan, until)


async def course(reader: Reader, plan: str, days: Sequence[date]) -> list[StatusCounts]:
    """How many tasks of a plan had which status at each day; two statements for any number of days.

    As `monitoring` at these days has them.
    """
    tasks = (await reader.execute(select(Task.id).where(*_leaves(plan)))).scalars().all()
    reports = _by((await reader.execute(_reports(plan))).all(), "task_id")
    return [_status_counts(_at(day, reports.get(task, ())) for task in tasks) for day in days]


async def _plan(reader: Reader, params: MonitoringQuery) -> str:
    """The one plan that meets the filters; raises InvalidParametersError."""
    values = await read_values(reader, params, FILTERS, {})
    active = frozenset((name, True) for name in values)
    found = select(Plan.id).where(Plan.withdrawn_at.is_(None), *conditions(Plan, FILTERS, active))
    if params.plan is not None:
        found = found.where(Plan.id == params.plan)
    found = found.order_by(Plan.id).limit(MOST_ALLOWED)
    ids = (await reader.execute(found, values)).scalars().all()
    is_named = params.plan is not None or values
    if len(ids) != 1 or not is_named:
        error = FieldError("query", "plan", SEVERAL_PLANS, ids) if ids else NO_PLAN_ERROR
        raise InvalidParametersError(errors=[error])
    return str(ids[0])


def _later(day: date) -> date:
    return day + SOON if day < date.max - SOON else date.max


def _check(params: MonitoringQuery, until: date) -> None:
    if params.since and params.since > params.day:
        raise InvalidParametersError(errors=[FieldError("query", "since", SINCE_AFTER_AS_OF)])
    if until < params.day:
        raise InvalidParametersError(
            errors=[FieldError("query", "due_soon", DUE_SOON_BEFORE_AS_OF)]
        )


async def _read(reader: Reader, plan: str) -> "_PlanRows":
    """All rows that a plan's status is computed from."""
    leaves = _leaves(plan)
    live = (Target.plan_id == plan, Target.withdrawn_at.is_(None))
    in_force = FactState.IN_FORCE
    statements = {
        "sections": select(Section.id, Section.code, Section.title)
        .where(Section.plan_id == plan, Section.withdrawn_at.is_(None))
        .order_by(Section.ordinal),
        "tasks": select(Task.id, Task.code, Task.title, Task.section_id, Task.span_start)
        .where(*leaves)
        .order_by(Task.span_start),
        "assigned": select(Assignment.task_id, Agency.id, Agency.name, Agency.kind)
        .join(Task, Task.id == Assignment.task_id)
        .join(Agency, Agency.id == Assignment.agency_id)
        .where(*leaves)
        .order_by(Agency.position, Agency.id),
        "reports": _reports(plan),
        "targets": select(
            Target.id,
            Target.task_id,
            Target.kind,
            Target.comparator,
            Target.value,
            Target.due_on,
            Target.due_basis,
        ).where(*live),
        "milestones": select(
            Milestone.id,
            Milestone.title,
            Milestone.task_id,
            Milestone.agency_id,
            Agency.name,
            Milestone.due_on,
            Milestone.done_on,
            Milestone.status,
        )
        .join(Agency, Agency.id == Milestone.agency_id)
        .where(Milestone.plan_id == plan)
        .order_by(Milestone.due_on, Milestone.id),
        "measurements": select(
            Measurement.target_id,
            Measurement.role,
            Measurement.as_of,
            Measurement.ordinal,
            Measurement.value,
        ).where(Measurement.plan_id == plan, Measurement.state == in_force),
    }
    rows = {name: (await reader.execute(one)).all() for name, one in statements.items()}
    return _PlanRows(**rows)


def _leaves(plan: str) -> tuple[Any, ...]:
    return Task.plan_id == plan, Task.is_leaf, Task.withdrawn_at.is_(None)


def _reports(plan: str) -> Select[*tuple[Any, ...]]:
    columns = (Report.task_id, Report.agency_id, Report.role, Report.as_of, Report.ordinal)
    in_force = Report.state == FactState.IN_FORCE
    return select(*columns, Report.status).where(Report.plan_id == plan, in_force)


def _at(day: date, reports: Iterable[Any]) -> ProgressStatus:
    """The status of a task at a day, by its reports."""
    return status_of(one for one in reports if one.as_of <= day)


class _PlanRows:
    """The rows of a plan, and its status computed from them."""

    def __init__(self, **rows: Any) -> None:
        self.sections, self.tasks = rows["sections"], rows["tasks"]
        self.assigned, self.targets = rows["assigned"], rows["targets"]
        self.milestones = rows["milestones"]
        self.in_section = _by(self.tasks, "section_id")
        self.directly = {(task_id, agency) for task_id, agency, *_ in self.assigned}
        stated = [one for one in self.targets if one.due_basis in PRINTED]
        self.stated, self.due = _earliest(stated), _earliest(self.targets)
        self.reports = _by(rows["reports"], "task_id")
        self.measurements = _by(rows["measurements"], "target_id")

    def monitoring(self, params: MonitoringQuery, plan: str, until: date) -> Monitoring:
        day = params.day
        status = {task.id: _at(day, self.reports.get(task.id, ())) for task in self.tasks}
        attainment = Counter(
            attainment_of(
                target, (m for m in self.measurements.get(target.id, ()) if m.as_of <= day)
            )
            for target in self.targets
        )
        open_tasks = [t for t in self.tasks if status[t.id] is not ProgressStatus.COMPLETED]
        stated = _by_day(open_tasks, self.stated)
        overdue = [one for one in stated if one.due_on < day]
        late = {one.task.id for one in overdue}
        ended = [
            one
            for one in _by_day(open_tasks, self.due)
            if one.due_on < day and one.task.id not in late
        ]
        missed = self._missed(day)
        of_tasks = Counter(one.task.id for one in missed)
        past = _Past(late, {one.task.id for one in ended}, of_tasks)
        agencies = self._agencies(params, status, past)
        collectives = {one.id for one in self.assigned if one.kind is AgencyKind.COLLECTIVE}
        return Monitoring(
            plan=plan,
            as_of=day,
            since=params.since,
            due_soon_until=until,
            tasks=len(self.tasks),
            status=_status_counts(status.values()),
            targets=len(self.targets),
            attainment=AttainmentCounts(**{str(one): attainment[one] for one in AttainmentStatus}),
            sections=[self._section(section, status, past) for section in self.sections],
            agencies=agencies,
            overdue=overdue,
            period_ended=ended,
            due_soon=[one for one in stated if day <= one.due_on <= until],
            missed_milestones=missed,
            silent=[
                one.agency
                for one in agencies
                if one.reports == 0 and one.agency.id not in collectives
            ],
        )

    def _missed(self, day: date) -> list[MissedMilestone]:
        """Milestones of the plan's tasks that were due before this date and not done by then."""
        tasks = {task.id: task for task in self.tasks}
        return [
            MissedMilestone(
                id=one.id,
                title=one.title,
                task=_ref(tasks[one.task_id]),
                agency=AgencyRef(id=one.agency_id, name=one.name),
                due_on=one.due_on,
            )
            for one in self.milestones
            if one.task_id in tasks
            and one.due_on < day
            and one.status is not MilestoneStatus.DROPPED
            and (one.done_on is None or one.done_on > day)
        ]

    def _section(
        self, section: Any, status: Mapping[str, ProgressStatus], past: "_Past"
    ) -> SectionStanding:
        tasks = [task.id for task in self.in_section.get(section.id, ())]
        return SectionStanding(
            section=SectionRef(id=section.id, code=section.code, title=section.title),
            tasks=len(tasks),
            status=_status_counts(status[task] for task in tasks),
            **past.counts(tasks),
        )

    def _agencies(
        self, params: MonitoringQuery, status: Mapping[str, ProgressStatus], past: "_Past"
    ) -> list[AgencyStanding]:
        tasks: dict[tuple[str, str], set[str]] = defaultdict(set)
        for task_id, agency_id, name, _ in self.assigned:
            tasks[agency_id, name].add(task_id)
        return [
            AgencyStanding(
                agency=AgencyRef(id=agency_id, name=name),
                tasks=len(own),
                status=_status_counts(status[task] for task in own),
                **past.counts(own),
                reports=self._reports(params, agency_id, own),
            )
            for (agency_id, name), own in tasks.items()
        ]

    def _reports(self, params: MonitoringQuery, agency_id: str, own: set[str]) -> int:
        """The number of an agency's reports on its tasks in the period.

        A report by an agency that is not assigned to the task counts for the assigned collective,
        by delegation of which it was made.
        """
        since = params.since or date.min
        return sum(
            since <= report.as_of <= params.day
            and (report.agency_id == agency_id or (task, report.agency_id) not in self.directly)
            for task in own
            for report in self.reports.get(task, ())
        )


def _by(rows: Iterable[Any], column: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, column)].append(row)
    return found


def _status_counts(statuses: Iterable[ProgressStatus]) -> StatusCounts:
    counted = Counter(statuses)
    return StatusCounts(**{str(status): counted[status] for status in ProgressStatus})


@dataclass(frozen=True)
class _Past:
    """Open tasks that are overdue or past their period, and missed milestones."""

    overdue: set[str]
    period_ended: set[str]
    missed: Mapping[str, int]  # task → number of its missed milestones

    def counts(self, tasks: Collection[str]) -> dict[str, int]:
        """The counts for some tasks and their milestones."""
        return {
            "overdue": len(self.overdue.intersection(tasks)),
            "period_ended": len(self.period_ended.intersection(tasks)),
            "missed_milestones": sum(self.missed.get(one, 0) for one in tasks),
        }


def _earliest(targets: Iterable[Any]) -> dict[str, date]:
    """Task → the earliest due date of these targets."""
    days: dict[str, date] = {}
    for target in targets:
        if target.due_on is None:
            continue
        days[target.task_id] = min(target.due_on, days.get(target.task_id, target.due_on))
    return days


def _by_day(tasks: Iterable[Any], days: Mapping[str, date]) -> list[DueTask]:
    """Tasks with a due date, earliest first, then in the order of the text."""
    dated = sorted(
        (task for task in tasks if task.id in days),
        key=lambda task: (days[task.id], task.span_start),
    )
    return [DueTask(task=_ref(task), due_on=days[task.id]) for task in dated]


def _ref(task: Any) -> TaskRef:
    return TaskRef(id=task.id, code=task.code, title=task.title)
