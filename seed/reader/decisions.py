"""What a person decided about a notice, applied to its reading; see `seed/editorial.py`.

A decision is about one place: words that stand at several places, or at none, decide nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from seed.editorial import Editorial
from seed.reader.explained import Explained
from seed.reader.reading import Question, Reading
from seed.reader.text import Span
from seed.refusals import NoticeRefusedError


def decided_numbers(text: str, decisions: Editorial, questions: list[Question]) -> list[Explained]:
    """Words whose number is no target; a digit beside them is part of another number."""
    found: list[Explained] = []
    for decision in decisions.numbers:
        words = rf"(?<![\d.]){re.escape(decision.text)}(?![\d.])"
        places = [Span(*match.span()) for match in re.finditer(words, text)]
        if not places:
            raise NoticeRefusedError(
                None, f"a decision on the number in “{decision.text}”", "words of this notice"
            )
        if len(places) > 1:
            questions.append(
                Question(
                    "decision", decision.text, places[0],
                    f"more words: a decision is about one number, and these stand {len(places)} times",
                )
            )  # fmt: skip
            continue
        found.append(Explained(places[0], decision.reason))
    return found


def decide_roles(reading: Reading, decisions: Editorial) -> None:
    """Give clauses without a role the one that was decided for their task."""
    tasks = {task.code: task for task in reading.tasks}
    for decision in decisions.roles:
        if decision.task not in tasks:
            raise NoticeRefusedError(
                None, f"a role for task {decision.task}", "a task of this plan"
            )
        for clause in tasks[decision.task].clauses:
            clause.assignments = [
                replace(one, role=one.role or decision.role) for one in clause.assignments
            ]


def decide_targets(reading: Reading, decisions: Editorial) -> None:
    """Give targets the short names and scopes that were decided, and settle their doubts."""
    for decision in decisions.targets:
        met: list[Span] = []
        for owner in reading.owners():
            for place, target in enumerate(owner.targets):
                if target.statement == decision.statement and decision.as_written in (
                    None,
                    target.as_written,
                ):
                    owner.targets[place] = replace(
                        target,
                        metric=decision.metric or target.metric,
                        scope=decision.scope,
                        reason=decision.reason,
                    )
                    met.append(target.span)
        if not met:
            raise NoticeRefusedError(
                None,
                f"a decision on “{decision.statement}”",
                "the words of a target of this plan",
            )
        reading.questions = [one for one in reading.questions if not _settled(one, met)]


def _settled(question: Question, spans: Sequence[Span]) -> bool:
    return (
        question.kind == "unit"
        and question.span is not None
        and any(question.span.overlaps(span) for span in spans)
    )
