"""JSON shapes that several resources share: references, spans, and what a download holds whole.

Every field is always there; null says "not stated".
"""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from app.enums import (
    AgencyKind,
    AttainmentStatus,
    CollectiveBasis,
    Comparator,
    Direction,
    DueBasis,
    PlatformKind,
    ProgressStatus,
    Role,
    TargetKind,
    TaskLevel,
)

Label = Annotated[str, Field(description="the value before it in Chinese, for people")]
PlanId = Annotated[str, Field(description="id of a plan", examples=["gd-dg-2022"])]
Epoch = Annotated[str, Field(pattern="^[0-9a-f]{16}$", examples=["5f3a9c1e0b7d2486"])]


class Versioned(BaseModel):
    """What every document says of itself."""

    version: int = Field(
        ge=1, description="of this document; rises with each of its changes", examples=[1]
    )
    changed_at: datetime = Field(description="when this document last changed")


class Span(BaseModel):
    """A stretch of the plan's restored text, in Unicode code points, end exclusive."""

    start: int = Field(ge=0, examples=[6074])
    end: int = Field(ge=1, examples=[6200])


class SectionRef(BaseModel):
    """Reference to a section."""

    id: str = Field(examples=["gd-dg-2022-s4"])
    code: str = Field(description="its number in the plan", examples=["4"])
    title: str = Field(description="its heading", examples=["彰显数字政府服务新成效"])


class TaskRef(BaseModel):
    """Reference to a task."""

    id: str = Field(examples=["gd-dg-2022-t17.2"])
    code: str = Field(examples=["17.2"])
    title: str = Field(examples=["提高“粤商通”平台涉企服务水平"])


class AgencyRef(BaseModel):
    """Reference to an agency."""

    id: str = Field(examples=["gd-public-security"])
    name: str = Field(examples=["省公安厅"])


class PlatformRef(BaseModel):
    """Reference to a platform."""

    id: str = Field(examples=["yue-shang-tong"])
    name: str = Field(examples=["粤商通"])


class PlaceRef(BaseModel):
    """A place by its code in GB/T 2260."""

    code: str = Field(examples=["440300"])
    name: str = Field(examples=["深圳市"])


class RoleCounts(BaseModel):
    """In how many tasks an agency has each role."""

    lead: int = Field(description="牵头", examples=[35])
    responsible: int = Field(description="负责", examples=[0])
    support: int = Field(description="配合、参与", examples=[0])
    guide: int = Field(description="指导", examples=[0])


class Assignment(BaseModel):
    """Who does what for a task, as the clause in brackets says."""

    agency: AgencyRef = Field(description="who is meant")
    role: Role
    role_label: Label = Field(examples=["牵头"])
    as_written: str = Field(
        description="the very words; 、 hands a prefix on, so 司法厅 may be 省司法厅",
        examples=["司法厅"],
    )
    position: int = Field(ge=1, description="place in the clause", examples=[2])


class Attainment(BaseModel):
    """Whether a target is met, by the latest measurement."""

    status: AttainmentStatus
    status_label: Label = Field(examples=["未报告"])
    latest_value: float | None
    measured_on: date | None


class Target(Versioned):
    """One commitment: a figure, covering all, or a date."""

    id: str = Field(examples=["gd-dg-2022-t17.2-k3"])
    plan: PlanId
    task: TaskRef | None = Field(description="null for a target in a section's intro")
    section: SectionRef
    metric: str = Field(description="short name of what is counted", examples=["平台月均活跃用户"])
    statement: str = Field(
        description="the clause, verbatim; `span` is its place",
        examples=["平台月均活跃用户超过200万"],
    )
    kind: TargetKind
    kind_label: Label = Field(examples=["数量"])
    comparator: Comparator | None
    comparator_label: Label | None
    value: float | None = Field(description="normalised: 200万 is 2000000", examples=[2000000])
    value_upper: float | None = Field(description="upper bound of `between`")
    unit: str | None = Field(examples=["项"])
    as_written: str | None = Field(description="the figure as printed", examples=["超过200万"])
    is_cumulative: bool = Field(description="累计")
    is_average: bool = Field(description="平均、月均")
    direction: Direction | None = Field(description="压减60% is a decrease of 60")
    direction_label: Label | None
    scope: str | None = Field(description="where it holds, in the notice's words")
    due_on: date = Field(examples=["2022-12-31"])
    due_basis: DueBasis
    due_basis_label: Label = Field(examples=["计划年度末"])
    agencies: list[AgencyRef] = Field(description="who leads the task")
    span: Span
    attainment: Attainment


class Section(Versioned):
    """A section 一、 of a plan."""

    id: str = Field(examples=["gd-dg-2022-s4"])
    plan: PlanId
    ordinal: int = Field(examples=[4])
    code: str = Field(description="its number in the plan", examples=["4"])
    label: str = Field(description="its number as printed", examples=["四"])
    title: str = Field(description="its heading", examples=["彰显数字政府服务新成效"])
    intro: str | None = Field(description="the paragraph below the heading")
    items: int = Field(description="numbered items in it", examples=[4])
    tasks: int = Field(description="leaf tasks in it", examples=[21])
    span: Span = Field(description="from its number to the end of its last item")


class Membership(BaseModel):
    """A collective that an agency belongs to."""

    id: str = Field(examples=["gd-all-cities"])
    name: str = Field(examples=["各地级以上市政府"])
    basis: CollectiveBasis = Field(
        description="`rule`: the registry of agencies says whom the collective means; `delegation`: "
        "an operator has recorded it, and the agency may report on what the collective is assigned to"
    )
    basis_label: Label = Field(examples=["规则"])


class Agency(Versioned):
    """A body that notices give work to.

    A collective (各地级以上市政府) stands for bodies that the notice does not list; it is never
    expanded by guessing.
    """

    id: str = Field(examples=["gd-public-security"])
    name: str = Field(description="the form of official lists", examples=["省公安厅"])
    official_name: str = Field(examples=["广东省公安厅"])
    english_name: str | None = Field(description="null until the body's own can be cited")
    kind: AgencyKind
    kind_label: Label = Field(examples=["省政府部门"])
    region: PlaceRef
    aliases: list[str] = Field(description="other names in use", examples=[["公安厅"]])
    is_collective: bool
    collectives: list[Membership] = Field(
        description="collectives that it belongs to, each once, by id; by delegation where both hold"
    )
    counts: RoleCounts


class Platform(Versioned):
    """A system, brand or initiative that notices name."""

    id: str = Field(examples=["yue-zheng-yi"])
    name: str = Field(examples=["粤政易"])
    kind: PlatformKind
    kind_label: Label = Field(examples=["平台"])
    tasks: list[TaskRef] = Field(description="tasks that name it, in the order of the text")
    mentions: int = Field(description="how often notices name it", examples=[2])


class Progress(BaseModel):
    """How far a task is, by the latest report of those who lead it; of its others where none did."""

    status: ProgressStatus
    status_label: Label = Field(examples=["未报告"])
    reported_on: date | None


class Task(Versioned):
    """An item （一） of a plan, or a sub-item 1. of one."""

    id: str = Field(examples=["gd-dg-2022-t17.2"])
    plan: PlanId
    section: SectionRef
    parent: TaskRef | None = Field(description="the item of a sub-item")
    code: str = Field(description="item, or item.sub-item", examples=["17.2"])
    ordinal: int = Field(description="number in its level", examples=[2])
    label: str = Field(description="its number as printed", examples=["（十七）2"])
    level: TaskLevel
    level_label: Label = Field(examples=["点"])
    is_leaf: bool = Field(description="somebody answers for it; an item with sub-items is none")
    title: str = Field(examples=["提高“粤商通”平台涉企服务水平"])
    body: str | None = Field(description="null for an item with sub-items")
    assignments: list[Assignment] = Field(description="of this task alone, in clause order")
    assignment_clause: str | None = Field(
        description="the clause as printed, without its brackets",
        examples=["省政务服务数据管理局牵头"],
    )
    targets: list[Target]
    platforms: list[PlatformRef] = Field(description="platforms that it names, each once")
    places: list[PlaceRef] = Field(description="cities that its title or body names")
    span: Span = Field(description="from its number to its end, sub-items included")
    citation: str = Field(
        examples=["《广东省数字政府改革建设2022年工作要点》（粤办函〔2022〕24号）第（十七）项第2点"]
    )
    progress: Progress
