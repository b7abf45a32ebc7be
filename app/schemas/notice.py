"""JSON shapes of the resources that a notice consists of, as lists and downloads have them.

Every field is always present; null means "not stated".
"""

from datetime import date

from pydantic import BaseModel, Field

from app.enums import (
    AgencyKind,
    AttainmentStatus,
    CollectiveBasis,
    Comparator,
    Direction,
    DueBasis,
    JurisdictionLevel,
    MentionMode,
    PlatformKind,
    ProgressStatus,
    Recurrence,
    Role,
    Strength,
    SuccessionKind,
    TargetKind,
    TaskLevel,
)
from app.schemas.references import (
    AgencyRef,
    IsExample,
    JurisdictionRef,
    Label,
    MonthDay,
    PlaceRef,
    PlanId,
    PlatformRef,
    SectionRef,
    Span,
    TaskRef,
    Versioned,
)


class RoleCounts(BaseModel):
    """Task counts of an agency by role."""

    lead: int = Field(description="牵头", examples=[35])
    responsible: int = Field(description="负责", examples=[0])
    support: int = Field(description="配合、参与", examples=[0])
    guide: int = Field(description="指导", examples=[0])


class AssignmentClause(BaseModel):
    """An assignment clause of a task."""

    text: str = Field(
        description="The clause as printed, without brackets; labels on lines of their own, and cells "
        "of a table row, are one clause with a line for each.",
        examples=["省政务服务数据管理局牵头"],
    )
    span: Span
    covers: Span = Field(description="the text that the clause is about")


class Assignment(BaseModel):
    """Assignment of an agency to a task, by a clause or by a rule that the document states."""

    agency: AgencyRef = Field(description="the assigned agency")
    role: Role
    role_label: Label = Field(examples=["牵头"])
    as_written: str = Field(
        description="Agency name as printed. A prefix carries over 、, so 司法厅 can mean 省司法厅.",
        examples=["司法厅"],
    )
    position: int = Field(ge=1, description="Position in the task, starting at 1.", examples=[2])
    clause: int | None = Field(
        ge=0,
        description="Index of its clause in `assignment_clauses`, starting at 0; null if it rests on a "
        "rule of the document alone.",
        examples=[0],
    )
    rule: Span | None = Field(
        description="Span of the document's sentence that gives this role or names this agency, such "
        "as 列第一位者为牵头单位; null if the clause itself does."
    )


class Baseline(BaseModel):
    """The value that a target starts from: 由24项增加为30项 starts from 24."""

    value: float
    as_of: date | None = Field(description="Date of the value; null if the notice states none.")


class Attainment(BaseModel):
    """Attainment of a target, by the latest measurement."""

    status: AttainmentStatus
    status_label: Label = Field(examples=["未报告"])
    latest_value: float | None
    measured_on: date | None


class Target(Versioned):
    """A target: a quantity, full coverage, or a deadline."""

    id: str = Field(examples=["gd-dg-2022-t17.2-k3"])
    plan: PlanId
    jurisdiction: JurisdictionRef
    is_example: IsExample
    task: TaskRef | None = Field(
        description="Task of the target; null if the target is in a section's introduction."
    )
    section: SectionRef | None = Field(description="Section; null if the plan has none there.")
    metric: str = Field(description="Short name of the metric.", examples=["平台月均活跃用户"])
    statement: str = Field(
        description="The clause, verbatim, at `span`.",
        examples=["平台月均活跃用户超过200万"],
    )
    kind: TargetKind
    kind_label: Label = Field(examples=["数量"])
    comparator: Comparator | None
    comparator_label: Label | None
    value: float | None = Field(
        description="Normalised value: 200万 is 2000000.", examples=[2000000]
    )
    value_upper: float | None = Field(description="Upper bound, for the comparator `between`.")
    unit: str | None = Field(examples=["项"])
    as_written: str | None = Field(description="Value as printed.", examples=["超过200万"])
    is_cumulative: bool = Field(description="Whether the value is cumulative (累计).")
    is_average: bool = Field(description="Whether the value is an average (平均、月均).")
    direction: Direction | None = Field(
        description="Whether the value is an increase or a decrease: 压减60% is a decrease of 60."
    )
    direction_label: Label | None
    scope: str | None = Field(description="Scope of the target, in the notice's words.")
    baseline: Baseline | None
    strength: Strength
    strength_label: Label = Field(examples=["确定"])
    due_on: date | None = Field(
        description="Due date as printed; else the end of the plan's period; null if there is neither.",
        examples=["2022-12-31"],
    )
    due_basis: DueBasis | None = Field(
        description="`stated`: printed with the target; `inherited`: printed earlier in its sentence; "
        "`plan_end`: the end of the plan's period; null if `due_on` is null."
    )
    due_basis_label: Label | None = Field(examples=["计划期末"])
    recurrence: Recurrence | None = Field(description="How often it recurs; null if once.")
    recurrence_label: Label | None
    recurs_on: list[MonthDay] = Field(
        description="Days of the year (MM-DD) by which it is due each time, if printed.",
        examples=[[]],
    )
    agencies: list[AgencyRef] = Field(
        description="Lead agencies, or responsible ones if no agency leads: those of the clause that "
        "covers the target, or else those of the task."
    )
    span: Span
    attainment: Attainment


class Section(Versioned):
    """A section 一、 of a plan."""

    id: str = Field(examples=["gd-dg-2022-s4"])
    plan: PlanId
    jurisdiction: JurisdictionRef
    is_example: IsExample
    ordinal: int = Field(description="Position in the plan, starting at 1.", examples=[4])
    code: str = Field(
        description="Number of the section in the plan; in an annex, behind the annex: a1-2.",
        examples=["4"],
    )
    label: str | None = Field(
        description="Number as printed; null if none is, as in the group cells of a table.",
        examples=["四"],
    )
    title: str = Field(description="Heading of the section.", examples=["彰显数字政府服务新成效"])
    intro: str | None = Field(description="Introductory paragraph below the heading.")
    items: int = Field(description="Number of items in the section.", examples=[4])
    tasks: int = Field(description="Number of leaf tasks in the section.", examples=[21])
    span: Span = Field(description="from its number to the end of its last item")


class Membership(BaseModel):
    """A collective that an agency belongs to."""

    id: str = Field(examples=["gd-all-cities"])
    name: str = Field(examples=["各地级以上市政府"])
    basis: CollectiveBasis = Field(
        description="`rule`: by the registry of agencies; `delegation`: recorded by an operator, and "
        "the agency may report on tasks assigned to the collective"
    )
    basis_label: Label = Field(examples=["规则"])


class OfficialName(BaseModel):
    """An official name of an agency, with its dates as far as they are known."""

    name: str = Field(examples=["广东省公安厅"])
    valid_from: date | None = Field(description="First day of the name; null if not known.")
    valid_to: date | None = Field(description="Last day of the name; null if in use or not known.")


class Related(BaseModel):
    """A predecessor or successor of an agency."""

    agency: AgencyRef
    on: date | None = Field(description="Date of the change; null if not known.")
    how: SuccessionKind
    how_label: Label


class JurisdictionCounts(BaseModel):
    """Number of resources of a government, without those of governments below it."""

    plans: int = Field(examples=[1])
    tasks: int = Field(description="Leaf tasks of its plans.", examples=[66])
    targets: int = Field(examples=[18])
    agencies: int = Field(examples=[37])


class Jurisdiction(Versioned):
    """A government that has plans or agencies."""

    id: str = Field(description="Same as `code`.", examples=["440000"])
    code: str = Field(description="GB/T 2260 code; 100000 is the nation.", examples=["440000"])
    name: str = Field(examples=["广东省"])
    level: JurisdictionLevel
    level_label: Label = Field(examples=["省级"])
    aliases: list[str] = Field(description="Other names in use.", examples=[["广东"]])
    is_example: IsExample
    parent: JurisdictionRef | None = Field(
        description="Government above it, which may have no plans or agencies itself; null for a nation."
    )
    children: list[JurisdictionRef] = Field(
        description="Governments just below it that have plans or agencies."
    )
    counts: JurisdictionCounts


class Agency(Versioned):
    """An agency that notices assign tasks to.

    A collective (各地级以上市政府) stands for agencies that the notice does not list; its
    members are never guessed.
    """

    id: str = Field(examples=["gd-public-security"])
    name: str = Field(description="Name as in official lists.", examples=["省公安厅"])
    official_name: str = Field(examples=["广东省公安厅"])
    english_name: str | None = Field(
        description="Official English name; null if no official one is known."
    )
    names: list[OfficialName] = Field(
        description="Official names, past ones included; each finds the agency."
    )
    aliases: list[str] = Field(
        description="Other names in use, which are not official.", examples=[["公安厅"]]
    )
    kind: AgencyKind
    kind_label: Label = Field(examples=["政府部门"])
    jurisdiction: JurisdictionRef
    is_example: IsExample
    predecessors: list[Related] = Field(description="Agencies that went over into this one.")
    successors: list[Related] = Field(description="Agencies that this one went over into.")
    is_collective: bool
    collectives: list[Membership] = Field(
        description="Collectives that the agency belongs to, each once, ordered by id; basis "
        "`delegation` if both apply."
    )
    counts: RoleCounts


class PlatformTask(TaskRef):
    """A task that mentions a platform."""

    mode: MentionMode = Field(
        description="What the task does with the platform; the first of `builds`, `upgrades`, `uses`, "
        "`mentions` that holds for one of its mentions."
    )
    mode_label: Label = Field(examples=["提及"])


class Platform(Versioned):
    """A system, brand or initiative that notices mention."""

    id: str = Field(examples=["yue-zheng-yi"])
    name: str = Field(examples=["粤政易"])
    kind: PlatformKind
    kind_label: Label = Field(examples=["平台"])
    is_example: bool = Field(
        description="Whether only plans of governments that do not exist mention it.",
        examples=[False],
    )
    tasks: list[PlatformTask] = Field(
        description="The first tasks that mention the platform, at most 100, in the order of the plans "
        "and of their texts; `/v1/tasks?platform=` lists all."
    )
    tasks_total: int = Field(
        description="Number of all tasks that mention the platform.", examples=[2]
    )
    mentions: int = Field(description="Number of mentions in notices.", examples=[2])


class Progress(BaseModel):
    """Progress of a task.

    By the latest report of a lead agency; if none has reported, of another assigned agency.
    """

    status: ProgressStatus
    status_label: Label = Field(examples=["未报告"])
    reported_on: date | None


class Task(Versioned):
    """An item （一） of a plan, a sub-item 1. of one, or what is below that."""

    id: str = Field(examples=["gd-dg-2022-t17.2"])
    plan: PlanId
    jurisdiction: JurisdictionRef
    is_example: IsExample
    section: SectionRef | None = Field(description="Section; null if the plan has none there.")
    parent: TaskRef | None = Field(description="The task that it is part of; null for an item.")
    code: str = Field(
        description="Number in the plan. `17.2` is sub-item 2 of item 17; `2-3` is item 3 of section 2, "
        "where numbers restart in each section; `2-0` is section 2 itself, if it assigns agencies and "
        "has no items; `a1-3` is item 3 of annex 1; `3b` is the second 3.",
        examples=["17.2"],
    )
    ordinal: int = Field(description="Number within its level.", examples=[2])
    label: str | None = Field(
        description="Number as printed, behind those of its parents; null if none is printed.",
        examples=["（十七）2"],
    )
    level: TaskLevel
    level_label: Label = Field(examples=["点"])
    is_leaf: bool = Field(
        description="Whether the task has no sub-tasks. Agencies may also be assigned to a task that "
        "has some."
    )
    title: str = Field(examples=["提高“粤商通”平台涉企服务水平"])
    body: str | None = Field(
        description="Text of the task without its clauses; null if it has none of its own."
    )
    assignments: list[Assignment] = Field(
        description="Assignments of this task only, in the order of its clauses, then those by rules."
    )
    assignment_clause: str | None = Field(
        description="Assignment clause as printed, without brackets; null if there is none, or several.",
        examples=["省政务服务数据管理局牵头"],
    )
    assignment_clauses: list[AssignmentClause] = Field(
        description="All assignment clauses, in the order of the text."
    )
    targets: list[Target]
    platforms: list[PlatformRef] = Field(description="Platforms mentioned in the task, each once.")
    places: list[PlaceRef] = Field(description="Cities mentioned in the title or text.")
    span: Span = Field(description="from its number to its end, sub-items included")
    citation: str = Field(
        examples=["《广东省数字政府改革建设2022年工作要点》（粤办函〔2022〕24号）第（十七）项第2点"]
    )
    progress: Progress
