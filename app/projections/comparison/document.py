"""The comparison of two plans as it is stored and sent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.chinese.differences import differences
from app.enums import DifferenceOperation, LineageBasis, LineageRelation, labelled
from app.projections.comparison.compared import (
    ComparedPlan,
    Document,
    agency_counts,
    target_value,
    task_ref,
)
from app.projections.comparison.figures import TargetPair, difference, direction, paired_targets
from app.projections.comparison.pairing import Pair, paired

COMMITMENT = ("metric", "comparator", "value", "value_upper", "unit")  # what a target commits to


class Compared:
    """A comparison: its document, and the links that a lineage is made of."""

    def __init__(self, here: ComparedPlan, there: ComparedPlan) -> None:
        self.here, self.there = here, there
        self.pairs = paired(here, there)
        self.targets = paired_targets(here, there, self.pairs)

    def document(self) -> dict[str, Any]:
        """Everything in the order of the later text, then of the earlier one."""
        here, there = self.here, self.there
        relations = Counter(pair.relation for pair in self.pairs)
        only_here = _rest(here.tasks, {pair.here for pair in self.pairs})
        only_there = _rest(there.tasks, {pair.there for pair in self.pairs})
        is_stated = there.id in here.named
        basis = LineageBasis.STATED if is_stated else LineageBasis.COMPUTED
        return {
            "plan": here.id,
            "with": there.id,
            **labelled("basis", basis),
            "counts": {
                **{relation: relations[relation] for relation in LineageRelation},
                "only_here": len(only_here),
                "only_there": len(only_there),
            },
            "pairs": [self._pair(pair) for pair in self.pairs],
            "only_here": only_here,
            "only_there": only_there,
            "targets": [_moved(pair) for pair in self.targets],
            "agencies": _agencies(here, there),
            "platforms": {"here": [*here.platforms], "there": [*there.platforms]},
        }

    def links(self) -> list[dict[str, Any]]:
        """Which task or target goes on from which: rows of `lineage_link`."""
        of_tasks = [
            {
                "later_id": self.here.tasks[pair.here]["id"],
                "earlier_id": self.there.tasks[pair.there]["id"],
                "relation": pair.relation,
                "similarity": Decimal(str(pair.similarity)),
                "basis": pair.basis,
            }
            for pair in self.pairs
        ]
        of_targets = [
            {
                "later_id": pair.here["id"],
                "earlier_id": pair.there["id"],
                "relation": None,
                "similarity": Decimal(str(pair.similarity)),
                "basis": LineageBasis.COMPUTED,
            }
            for pair in self.targets
        ]
        return of_tasks + of_targets

    def _pair(self, pair: Pair) -> dict[str, Any]:
        here, there = self.here.tasks[pair.here], self.there.tasks[pair.there]
        changed = {
            "title": here["title"] != there["title"],
            "body": here["body"] != there["body"],
            "agencies": _assigned(here) != _assigned(there),
            "targets": _commitments(here) != _commitments(there),
        }
        return {
            "here": task_ref(here),
            "there": task_ref(there),
            **labelled("relation", pair.relation),
            "similarity": pair.similarity,
            **labelled("basis", pair.basis),
            "changes": [name for name, is_changed in changed.items() if is_changed],
            "diff": {name: _differences(here[name], there[name]) for name in ("title", "body")},
        }


def _rest(tasks: Sequence[Document], paired_places: set[int]) -> list[dict[str, Any]]:
    return [task_ref(task) for place, task in enumerate(tasks) if place not in paired_places]


def _differences(here: str | None, there: str | None) -> list[dict[str, Any]]:
    """What was done to the earlier text to become the later one."""
    return [
        {
            **labelled("op", DifferenceOperation(one.operation)),
            "here": {"start": one.b[0], "end": one.b[1]},
            "there": {"start": one.a[0], "end": one.a[1]},
        }
        for one in differences(there or "", here or "")
    ]


def _assigned(task: Document) -> set[tuple[str, str]]:
    return {(one["agency"]["id"], one["role"]) for one in task["assignments"]}


def _commitments(task: Document) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(one[name] for name in COMMITMENT) for one in task["targets"])


def _moved(pair: TargetPair) -> dict[str, Any]:
    moved = difference(pair)
    return {
        "here": target_value(pair.here),
        "there": target_value(pair.there),
        "difference": moved,
        **labelled("direction", direction(moved)),
    }


def _agencies(here: ComparedPlan, there: ComparedPlan) -> list[dict[str, Any]]:
    """Those that gained most first, those that lost most last."""
    after, before = agency_counts(here.tasks), agency_counts(there.tasks)
    references: Mapping[str, Document] = {key: one for key, (one, _) in (before | after).items()}

    def number(counts: Mapping[str, tuple[Document, int]], key: str) -> int:
        return counts[key][1] if key in counts else 0

    rows = [
        {"agency": references[key], "here": number(after, key), "there": number(before, key)}
        for key in references
    ]
    return sorted(rows, key=lambda row: (row["there"] - row["here"], row["agency"]["id"]))
