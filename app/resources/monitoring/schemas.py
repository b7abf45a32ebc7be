"""JSON shapes of monitoring."""

from collections.abc import Callable
from datetime import date

from pydantic import BaseModel, Field

from app.http.parameters import IsoDate, Query, ShortText
from app.schemas.notice import AgencyRef, PlanId, SectionRef, TaskRef


class MonitoringQuery(Query):
    """Of which plan, and at which day."""

    plan: ShortText = Field(description="id of a plan", examples=["gd-dg-2022"])
    as_of: IsoDate | None = Field(
        default=None,
        description="by what is said to be true of this day or earlier; today in China (UTC+8) "
        "where it is not given",
        examples=["2022-12-31"],
    )
    since: IsoDate | None = Field(
        default=None,
        description="the period for which `silent` agencies have not reported begins here; from "
        "the beginning where it is not given",
    )
    due_soon: IsoDate | None = Field(
        default=None, description="what is due from `as_of` up to this day; 30 days if not given"
    )

    def resolve_defaults(self, today: Callable[[], date]) -> None:
        if self.as_of is None:
            self.as_of = today()

    @property
    def day(self) -> date:
        """`as_of`, with its default resolved."""
        if self.as_of is None:
            raise ValueError("defaults are not resolved")
        return self.as_of


class StatusCounts(BaseModel):
    """How many tasks are how far; the sum is their number."""

    not_reported: int = Field(description="未报告")
    not_started: int = Field(description="未启动")
    on_track: int = Field(description="正常推进")
    at_risk: int = Field(description="存在风险")
    delayed: int = Field(description="滞后")
    completed: int = Field(description="已完成")


class Past(BaseModel):
    """What is past and open, by what it is past."""

    overdue: int = Field(description="tasks past a date that the notice states")
    period_ended: int = Field(description="tasks past only by the end of the plan's period")
    missed_milestones: int


class SectionStanding(Past):
    """The tasks of a section."""

    section: SectionRef
    tasks: int
    status: StatusCounts


class AgencyStanding(Past):
    """The tasks that an agency is assigned to, in whatever role."""

    agency: AgencyRef
    tasks: int
    status: StatusCounts
    reports: int = Field(description="in force, by it, in the period")


class DueTask(BaseModel):
    """A task with a date."""

    task: TaskRef
    due_on: date = Field(description="the earliest of its targets that it is here for")


class MissedMilestone(BaseModel):
    """A milestone whose day is past and that was not done by then."""

    id: str = Field(examples=["gd-dg-2022-t17.2-m1"])
    title: str
    task: TaskRef
    agency: AgencyRef = Field(description="who has set it")
    due_on: date = Field(description="after all moves")


class AttainmentCounts(BaseModel):
    """How many targets are met; the sum is their number."""

    not_reported: int = Field(description="未报告")
    below: int = Field(description="未达到")
    met: int = Field(description="已达到")


class Monitoring(BaseModel):
    """How a plan stands at a day. Tasks are those that somebody answers for (`leaf`)."""

    plan: PlanId
    as_of: date
    since: date | None
    due_soon_until: date
    tasks: int = Field(examples=[66])
    status: StatusCounts
    targets: int = Field(examples=[18])
    attainment: AttainmentCounts
    sections: list[SectionStanding] = Field(description="in the order of the text")
    agencies: list[AgencyStanding] = Field(description="in the order of the registry")
    overdue: list[DueTask] = Field(
        description="not completed, and due before `as_of` by a date that the notice states; "
        "earliest first"
    )
    period_ended: list[DueTask] = Field(
        description="not completed, and past only by the end of the plan's period, as no date is "
        "stated; earliest first"
    )
    due_soon: list[DueTask] = Field(
        description="not completed, and due from `as_of` on by a date that the notice states"
    )
    missed_milestones: list[MissedMilestone] = Field(
        description="due before `as_of`, neither dropped nor done by that day; earliest first"
    )
    silent: list[AgencyRef] = Field(
        description="agencies with tasks that have not reported in the period; a collective is no "
        "body that could, so it is never among them"
    )
