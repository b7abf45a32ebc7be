"""JSON shapes of monitoring."""

from collections.abc import Callable
from datetime import date

from pydantic import BaseModel, Field

from app.http.parameters import IsoDate, ShortText
from app.reading.governments import GovernmentFilters
from app.schemas.references import AgencyRef, PlanId, SectionRef, TaskRef


class MonitoringQuery(GovernmentFilters):
    """The parameters of monitoring."""

    plan: ShortText | None = Field(
        default=None,
        description="Plan ID; may be replaced by filters that leave exactly one plan.",
        examples=["gd-dg-2022"],
    )
    as_of: IsoDate | None = Field(
        default=None,
        description="Reference date: only reports as of this date or earlier count; default: today "
        "in China (UTC+8).",
        examples=["2022-12-31"],
    )
    since: IsoDate | None = Field(
        default=None,
        description="Start of the reporting period for `silent` and `reports`; default: no start.",
    )
    due_soon: IsoDate | None = Field(
        default=None,
        description="End of the `due_soon` window, which starts at `as_of`; default: 30 days later.",
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
    """Task counts by status; they sum to `tasks`."""

    not_reported: int = Field(description="未报告")
    not_started: int = Field(description="未启动")
    on_track: int = Field(description="正常推进")
    at_risk: int = Field(description="存在风险")
    delayed: int = Field(description="滞后")
    completed: int = Field(description="已完成")


class Past(BaseModel):
    """Counts of open tasks past their date, and of missed milestones."""

    overdue: int = Field(description="Open tasks past a date stated in the notice.")
    period_ended: int = Field(description="Open tasks past only the end of the plan's period.")
    missed_milestones: int


class SectionStanding(Past):
    """Status of a section's tasks."""

    section: SectionRef
    tasks: int
    status: StatusCounts


class AgencyStanding(Past):
    """Status of the tasks assigned to an agency, in any role."""

    agency: AgencyRef
    tasks: int
    status: StatusCounts
    reports: int = Field(description="Number of its reports in force in the period.")


class DueTask(BaseModel):
    """A task with its due date."""

    task: TaskRef
    due_on: date = Field(
        description="Earliest due date of the targets that put the task in this list."
    )


class MissedMilestone(BaseModel):
    """A milestone due before the reference date and not done by then."""

    id: str = Field(examples=["gd-dg-2022-t17.2-m1"])
    title: str
    task: TaskRef
    agency: AgencyRef = Field(description="Agency that set the milestone.")
    due_on: date = Field(description="Current due date, after all postponements.")


class AttainmentCounts(BaseModel):
    """Target counts by attainment; they sum to `targets`."""

    not_reported: int = Field(description="未报告")
    below: int = Field(description="未达到")
    met: int = Field(description="已达到")


class Monitoring(BaseModel):
    """Status of a plan at a date. Tasks are leaf tasks (`leaf`)."""

    plan: PlanId
    as_of: date
    since: date | None
    due_soon_until: date
    tasks: int = Field(examples=[66])
    status: StatusCounts
    targets: int = Field(examples=[18])
    attainment: AttainmentCounts
    sections: list[SectionStanding] = Field(description="Sections in the order of the text.")
    agencies: list[AgencyStanding] = Field(
        description="Assigned agencies in the order of the registry."
    )
    overdue: list[DueTask] = Field(
        description="Open tasks whose date stated in the notice is before `as_of`; earliest first."
    )
    period_ended: list[DueTask] = Field(
        description="Open tasks without a stated date whose plan period ended before `as_of`; "
        "earliest first."
    )
    due_soon: list[DueTask] = Field(
        description="Open tasks whose date stated in the notice is from `as_of` to "
        "`due_soon_until`; earliest first."
    )
    missed_milestones: list[MissedMilestone] = Field(
        description="Milestones due before `as_of`, neither dropped nor done by then; earliest first."
    )
    silent: list[AgencyRef] = Field(
        description="Agencies with tasks and no report in the period; never collectives, which "
        "cannot report."
    )
