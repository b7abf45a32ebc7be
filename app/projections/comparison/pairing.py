"""Which task goes on from which: an optimal assignment, then what was split or merged.

Deterministic: the same two plans and decisions always have the same pairs.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from app.enums import LineageBasis, LineageRelation
from app.projections.comparison.compared import ComparedPlan, Document
from app.projections.comparison.similarity import Similarities, assigned, bigrams, similarities

LEAST = 0.3  # figures for other thresholds are in the decision
TITLE, BODY, METRIC, AGENCY = 2.0, 1.0, 1.0, 1.0  # weights of a bigram or an agency
INSIDE = 0.5  # weight of a task in the group that it stands in
LONGER = 1.25  # times as long: extended, or narrowed if it was before


@dataclass(frozen=True)
class Pair:
    """A task here that goes on from a task there; both by their places."""

    here: int
    there: int
    relation: LineageRelation
    similarity: float
    basis: LineageBasis


def vectors(plan: ComparedPlan) -> list[dict[str, float]]:
    """Title, text, metrics and agencies of each task; of a group, also those of its tasks."""
    metrics = defaultdict(list)
    for target in plan.targets:
        if target["task"]:
            metrics[target["task"]["id"]].append(target["metric"])
    own: list[dict[str, float]] = []
    for task in plan.tasks:
        vector: dict[str, float] = defaultdict(float)
        weighted = [(task["title"], TITLE), (task["body"], BODY)]
        weighted += [(metric, METRIC) for metric in metrics[task["id"]]]
        for text, weight in weighted:
            for gram, number in bigrams(text).items():
                vector[gram] += weight * number
        for agency in {one["agency"]["id"] for one in task["assignments"]}:
            vector[f"agency {agency}"] += AGENCY
        own.append(vector)
    whole = [defaultdict(float, vector) for vector in own]
    for place, above in enumerate(plan.ancestors):
        for group in above:
            for gram, weight in own[place].items():
                whole[group][gram] += INSIDE * weight
    return [*whole]


def paired(here: ComparedPlan, there: ComparedPlan) -> list[Pair]:
    """The pairs of two plans, in the order of both texts."""
    similarity = similarities(vectors(here), vectors(there))
    decided, closed = _decided(here, there)
    links = _Links(here, there)
    for row, column in decided:
        links.add(row, column)
    open_rows = [row for row in range(len(here.tasks)) if row not in closed]
    open_columns = [column for column in range(len(there.tasks)) if column not in links.of_there]
    apart = similarity[open_rows][:, open_columns]
    for row, column in assigned(apart, LEAST):
        links.add(open_rows[row], open_columns[column])
    links.add_parts(similarity, closed)
    return [
        Pair(
            row,
            column,
            decided.get((row, column)) or links.relation(row, column),
            round(float(similarity[row, column]), 3),
            LineageBasis.STATED if (row, column) in decided else LineageBasis.COMPUTED,
        )
        for row, columns in sorted(links.of_here.items())
        for column in sorted(columns)
    ]


def _decided(
    here: ComparedPlan, there: ComparedPlan
) -> tuple[dict[tuple[int, int], LineageRelation | None], set[int]]:
    """The pairs that a person decided with their relations, and all tasks here decided about."""
    pairs = {}
    closed = set()
    for decision in here.decisions.get(there.id, ()):
        row = here.places.get(decision.task)
        if row is None:  # withdrawn since
            continue
        closed.add(row)
        column = there.places.get(decision.continues or "")
        if column is not None:
            relation = decision.relation
            pairs[row, column] = LineageRelation(relation) if relation else None
    return pairs, closed


class _Links:
    """The pairs so far: each task with those that it is paired with."""

    def __init__(self, here: ComparedPlan, there: ComparedPlan) -> None:
        self.here, self.there = here, there
        self.of_here: dict[int, set[int]] = defaultdict(set)
        self.of_there: dict[int, set[int]] = defaultdict(set)

    def add(self, row: int, column: int) -> None:
        self.of_here[row].add(column)
        self.of_there[column].add(row)

    def add_parts(self, similarity: Similarities, closed: set[int]) -> None:
        """Pair what is left with the task that it is most like: that one was split or merged."""
        if not similarity.size:
            return
        rows = set(range(len(self.here.tasks))) - self.of_here.keys() - closed
        columns = set(range(len(self.there.tasks))) - self.of_there.keys()
        left = [(row, int(similarity[row].argmax())) for row in rows]
        left += [(int(similarity[:, column].argmax()), column) for column in columns]
        for row, column in sorted(left, key=lambda one: (-similarity[one], *one)):
            if similarity[row, column] < LEAST:
                return
            if row not in closed and self._may_join(row, column):
                self.add(row, column)

    def _may_join(self, row: int, column: int) -> bool:
        """Whether this only splits a task or only merges tasks, and none of them is in another."""
        rows, columns = self.of_there.get(column, set()), self.of_here.get(row, set())
        if rows and columns:
            return False
        return not (
            any(len(self.of_here[other]) > 1 for other in rows)
            or any(len(self.of_there[other]) > 1 for other in columns)
            or _nested(row, rows, self.here.ancestors)
            or _nested(column, columns, self.there.ancestors)
        )

    def relation(self, row: int, column: int) -> LineageRelation:
        """Split and merged by the number of pairs; else by whether it says more or less than before."""
        if len(self.of_there[column]) > 1:
            return LineageRelation.SPLIT
        if len(self.of_here[row]) > 1:
            return LineageRelation.MERGED
        here, there = self.here.tasks[row], self.there.tasks[column]
        if _says_more(here, there):
            return LineageRelation.EXTENDED
        return LineageRelation.NARROWED if _says_more(there, here) else LineageRelation.CONTINUED


def _says_more(one: Document, other: Document) -> bool:
    """Whether a task is much longer than another, or has more targets and more agencies."""
    before, after = (len(task["body"] or "") for task in (other, one))
    if before and after >= before * LONGER:
        return True
    agencies = [{each["agency"]["id"] for each in task["assignments"]} for task in (other, one)]
    more_targets = len(one["targets"]) > len(other["targets"])
    return more_targets and len(agencies[1]) > len(agencies[0])


def _nested(place: int, others: set[int], ancestors: Sequence[Sequence[int]]) -> bool:
    """Whether a task stands in one of the others, or one of them in it."""
    return any(other in ancestors[place] or place in ancestors[other] for other in others)
