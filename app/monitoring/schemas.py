"""JSON shapes of monitoring."""

from collections.abc import Callable
from datetime import date

from pydantic import BaseModel, Field

from app.parameters import IsoDate, Query, ShortText
from app.schemas import AgencyRef, PlanId, SectionRef, TaskRef


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

    def settle(self, today: Callable[[], date]) -> None:
        if self.as_of is None:
            self.as_of = today()

    @property
    def day(self) -> date:
        """`as_of`, settled."""
        if self.as_of is None:
            raise ValueError("not settled")
        return self.as_of


class StatusCounts(BaseModel):
    """How many tasks are how far; the sum is their number."""

    not_reported: int = Field(description="未报告")
    not_started: int = Field(description="未启动")
    on_track: int = Field(description="正常推进")
    at_risk: int = Field(description="存在风险")
    delayed: int = Field(description="滞后")
    completed: int = Field(description="已完成")


class SectionStanding(BaseModel):
    """The tasks of a section."""

    section: SectionRef
    tasks: int
    status: StatusCounts
    overdue: int


class AgencyStanding(BaseModel):
    """The tasks that an agency is assigned to, in whatever role."""

    agency: AgencyRef
    tasks: int
    status: StatusCounts
    overdue: int
    reports: int = Field(description="in force, by it, in the period")


class DueTask(BaseModel):
    """A task with a date."""

    task: TaskRef
    due_on: date = Field(description="the earliest of its targets")


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
    overdue: list[DueTask] = Field(description="due before `as_of`, not completed; earliest first")
    due_soon: list[DueTask] = Field(description="due from `as_of` on, not completed")
    silent: list[AgencyRef] = Field(
        description="agencies with tasks that have not reported in the period; a collective is "
        "silent where nobody spoke for it on any of its tasks"
    )
