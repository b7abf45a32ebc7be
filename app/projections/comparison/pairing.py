"""Which task goes on from which: an optimal assignment, then what was split or merged.

Deterministic: the same two plans and decisions always have the same pairs.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from app.enums import LineageBasis, LineageRelation
from app.projections.comparison.compared import ComparedPlan, Document
from app.projections.comparison.similarity import (
    Similarities,
    Where,
    assigned,
    bigrams,
    clearly_greatest,
    similarities,
)

# Figures for other thresholds are in the decision.
LEAST = 0.3
FAINT = 0.17  # enough for a pair that is clearly the most alike, seen from both of its tasks
CLEAR = 1.5  # times as alike as the next: clearly the most alike
CLEAR_PART = 2.0  # as CLEAR, for a task that was split or merged, seen from the other one alone
TITLE, BODY, METRIC, AGENCY = 2.0, 1.0, 1.0, 1.0  # weights of a bigram or an agency
INSIDE = 0.5  # weight of a task in the group that it stands in
LONGER = 1.25  # times as long: extended, or narrowed if it was before
SOME = 5  # pairs that show how much longer tasks usually are than before


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
    clear = clearly_greatest(apart, 1, CLEAR) & clearly_greatest(apart, 0, CLEAR)
    for row, column in assigned(apart * _enough(apart, clear), FAINT):
        links.add(open_rows[row], open_columns[column])
    links.add_parts(similarity, closed)
    usual = links.usual_length()
    return [
        Pair(
            row,
            column,
            decided.get((row, column)) or links.relation(row, column, usual),
            round(float(similarity[row, column]), 3),
            LineageBasis.STATED if (row, column) in decided else LineageBasis.COMPUTED,
        )
        for row, columns in sorted(links.of_here.items())
        for column in sorted(columns)
    ]


def _enough(similarity: Similarities, clear: Where) -> Where:
    """Where tasks are so alike that they may be paired; less is enough where that is clear."""
    found: Where = (similarity >= LEAST) | ((similarity >= FAINT) & clear)
    return found


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
        left: list[tuple[int, int]] = []
        for axis, places in ((1, rows), (0, columns)):
            best = similarity.argmax(axis)
            enough = _enough(similarity, clearly_greatest(similarity, axis, CLEAR_PART))
            pairs = [(one, int(best[one])) if axis else (int(best[one]), one) for one in places]
            left += [pair for pair in pairs if enough[pair]]
        for row, column in sorted(left, key=lambda one: (-similarity[one], *one)):
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

    def usual_length(self) -> float:
        """How many times as long as before the texts of pairs are: some years are written briefly."""
        texts = [
            (self.here.tasks[row]["body"], self.there.tasks[column]["body"])
            for row, columns in self.of_here.items()
            for column in columns
        ]
        ratios = [len(after) / len(before) for after, before in texts if after and before]
        return median(ratios) if len(ratios) >= SOME else 1.0

    def relation(self, row: int, column: int, usual: float) -> LineageRelation:
        """Split and merged by the number of pairs; else by whether it says more or less than before."""
        if len(self.of_there[column]) > 1:
            return LineageRelation.SPLIT
        if len(self.of_here[row]) > 1:
            return LineageRelation.MERGED
        here, there = self.here.tasks[row], self.there.tasks[column]
        if _says_more(here, there, usual):
            return LineageRelation.EXTENDED
        is_narrowed = _says_more(there, here, 1 / usual)
        return LineageRelation.NARROWED if is_narrowed else LineageRelation.CONTINUED


def _says_more(one: Document, other: Document, usual: float) -> bool:
    """Whether a task is much longer than another, or has more targets and more agencies.

    `usual` is how many times as long as the other one it would be anyway.
    """
    before, after = (len(task["body"] or "") for task in (other, one))
    if before and after >= before * usual * LONGER:
        return True
    agencies = [{each["agency"]["id"] for each in task["assignments"]} for task in (other, one)]
    more_targets = len(one["targets"]) > len(other["targets"])
    return more_targets and len(agencies[1]) > len(agencies[0])


def _nested(place: int, others: set[int], ancestors: Sequence[Sequence[int]]) -> bool:
    """Whether a task stands in one of the others, or one of them in it."""
    return any(other in ancestors[place] or place in ancestors[other] for other in others)
