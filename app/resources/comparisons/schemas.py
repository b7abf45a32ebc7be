"""JSON shapes of comparisons and lineages."""

from typing import Annotated

from pydantic import BaseModel, Field, create_model

from app.enums import (
    Comparator,
    DifferenceOperation,
    Direction,
    LineageBasis,
    LineageRelation,
)
from app.http.parameters import Query, ShortText
from app.schemas.ranges import TextRange
from app.schemas.references import AgencyRef, Label, PlatformRef, TaskRef

WITH = Field(description="Id of the earlier plan.", examples=["example-province-2025"])
# `with` is a keyword of Python, so that these two cannot be written as classes.
ComparisonQuery = create_model(
    "ComparisonQuery",
    __base__=Query,
    __doc__="The parameters of a comparison.",
    **{"with": (ShortText, WITH)},  # type: ignore[call-overload]
)

Similarity = Annotated[float, Field(ge=0, le=1, description="Likeness of the texts.")]


class WordDifference(BaseModel):
    """A part of two texts that is in both, or in one only."""

    op: DifferenceOperation
    op_label: Label = Field(examples=["相同"])
    here: TextRange = Field(description="Range of the later text.")
    there: TextRange = Field(description="Range of the earlier text.")


class TaskDifferences(BaseModel):
    """Word-by-word differences from the earlier task to the later one, covering both texts in order."""

    title: list[WordDifference]
    body: list[WordDifference]


class TaskPair(BaseModel):
    """A task and the task of the earlier plan that it goes on from."""

    here: TaskRef = Field(description="Task of the later plan.")
    there: TaskRef = Field(description="Task of the earlier plan.")
    relation: LineageRelation
    relation_label: Label = Field(examples=["延续"])
    similarity: Similarity
    basis: LineageBasis
    basis_label: Label = Field(examples=["计算"])
    changes: list[str] = Field(
        description="What differs between the two tasks: any of `title`, `body`, `agencies`, `targets`.",
        examples=[["title", "body", "agencies", "targets"]],
    )
    diff: TaskDifferences


class ComparisonCounts(BaseModel):
    """Number of pairs by relation, and of tasks without a pair."""

    continued: int = Field(examples=[29])
    extended: int = Field(examples=[14])
    narrowed: int = Field(examples=[6])
    split: int = Field(description="Pairs of tasks that became several.", examples=[12])
    merged: int = Field(description="Pairs of tasks that several became.", examples=[8])
    only_here: int = Field(examples=[13])
    only_there: int = Field(examples=[4])


class TargetValue(BaseModel):
    """Reference to a target, with its value."""

    id: str = Field(examples=["example-province-2026-t1-1-k1"])
    metric: str = Field(examples=["省级政务云资源规模"])
    comparator: Comparator | None
    comparator_label: Label | None
    value: float | None = Field(examples=[160000])
    value_upper: float | None
    unit: str | None = Field(examples=["核"])
    as_written: str | None = Field(examples=["达到16万核"])


class TargetPair(BaseModel):
    """Two targets of paired tasks, in the same unit."""

    here: TargetValue = Field(description="Target of the later plan.")
    there: TargetValue = Field(description="Target of the earlier plan.")
    difference: float | None = Field(
        description="Later value minus earlier value; null if one has no single value.",
        examples=[40000],
    )
    direction: Direction | None = Field(description="Null if the value is the same.")
    direction_label: Label | None


class AgencyTasks(BaseModel):
    """Number of tasks of an agency in both plans, in any role."""

    agency: AgencyRef
    here: int = Field(description="Tasks in the later plan.", examples=[22])
    there: int = Field(description="Tasks in the earlier plan.", examples=[16])


class PlatformsOfBoth(BaseModel):
    """Platforms that each of the two plans mentions."""

    here: list[PlatformRef]
    there: list[PlatformRef]


class _Comparison(BaseModel):
    basis: LineageBasis = Field(
        description="`stated` if a person decided that the plan goes on from the other."
    )
    basis_label: Label = Field(examples=["计算"])
    counts: ComparisonCounts
    pairs: list[TaskPair] = Field(description="Pairs of tasks, in the order of the later plan.")
    only_here: list[TaskRef] = Field(description="Tasks of the later plan without a pair.")
    only_there: list[TaskRef] = Field(description="Tasks of the earlier plan without a pair.")
    targets: list[TargetPair]
    agencies: list[AgencyTasks] = Field(
        description="Agencies of either plan; those that gained most tasks first."
    )
    platforms: PlatformsOfBoth


_HEAD = create_model(
    "_Head",
    plan=(str, Field(description="Id of the later plan.", examples=["example-province-2026"])),
    **{"with": (str, WITH)},  # type: ignore[call-overload]
)


class Comparison(_Comparison, _HEAD):
    """How a plan goes on from an earlier one."""


class PlanInLineage(BaseModel):
    """Reference to a plan, with its year."""

    id: str = Field(examples=["example-province-2026"])
    title: str = Field(examples=["示例省数字政府建设2026年工作要点"])
    year: int | None = Field(examples=[2026])
    is_example: bool = Field(
        description="Whether its government does not exist, made up as an example.", examples=[True]
    )


class EarlierLink(BaseModel):
    """A link to what a task or target goes on from."""

    id: str = Field(description="Id in the earlier plan.")
    similarity: Similarity
    basis: LineageBasis
    basis_label: Label = Field(examples=["计算"])


class EarlierTask(EarlierLink):
    """A link to a task that a task goes on from."""

    relation: LineageRelation
    relation_label: Label = Field(examples=["延续"])


class TaskInLineage(BaseModel):
    """A task of a lineage."""

    plan: PlanInLineage
    task: TaskRef
    continues: list[EarlierTask] = Field(description="Tasks of earlier plans; [] for the first.")


class TaskLineage(BaseModel):
    """A task through the years: what it goes on from, and what goes on from it."""

    task: str = Field(description="Id of the task.", examples=["example-province-2026-t1-1"])
    lineage: list[TaskInLineage] = Field(description="Newest plan first, with the task itself.")


class TargetInLineage(BaseModel):
    """A target of a lineage."""

    plan: PlanInLineage
    target: TargetValue
    continues: list[EarlierLink] = Field(description="Targets of earlier plans; [] for the first.")


class TargetLineage(BaseModel):
    """A target through the years: what it goes on from, and what goes on from it."""

    target: str = Field(description="Id of the target.", examples=["example-province-2026-t1-1-k1"])
    lineage: list[TargetInLineage] = Field(description="Newest plan first, with the target itself.")
