"""Decisions → a reading with fewer open questions.  Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.enums import Role
from seed.questions.decided import Decided
from seed.questions.identity import assignments, identify, identify_name
from seed.questions.proposals import BODIES, EXPLAINING, NAME, NO_UNIT, NOBODY
from seed.questions.supplied import is_supplied, supplied, supply
from seed.reader.bodies import Bodies
from seed.reader.explained import Explained
from seed.reader.name_lists import Assignment
from seed.reader.questions import BODY_KINDS, body_questions, group
from seed.reader.reading import Question, Reading
from seed.reader.text import Span
from seed.refusals import NoticeRefusedError


def apply_decisions(
    reading: Reading, decided: Mapping[str, Decided], bodies: Bodies
) -> list[Decided]:
    """Take the decided questions away, with the effect of each; gives the decisions that applied."""
    applied = _recognise(reading, decided, bodies)
    if applied:
        others = [one for one in reading.questions if one.kind not in BODY_KINDS]
        reading.questions = group([*others, *body_questions(reading, bodies)])
    open_questions = []
    for question in reading.questions:
        decision = decided.get(identify(question, reading))
        if decision and _take_effect(reading, question, decision):
            applied.append(decision)
        else:
            open_questions.append(question)
    reading.questions = open_questions
    return applied


def decisions_of(asked: Decided, reading: Reading, bodies: Bodies) -> list[Decided]:
    """An accepted question as decisions: names that mean a registered body have one of their own.

    Refuses a value that a question of this kind cannot have.
    """
    value, kind = asked.value, asked.kind
    if kind not in BODIES:
        if not isinstance(value, str):
            raise NoticeRefusedError(None, f"{kind}: entries", "a text")
        if is_supplied(kind, value):
            _check_supplied(asked, value, reading)
        if kind == "role" and value not in tuple(Role):
            raise NoticeRefusedError(None, f"role {value}", ", ".join(Role))
        return [asked]
    if isinstance(value, str):
        raise NoticeRefusedError(None, f"{kind}: {value}", "entries, each with a name")
    new = [entry for entry in value if "means" not in entry]
    found = [replace(asked, value=new)] if new else []
    unknown = {one.name for one in assignments(reading) if one.agency is None}
    known = {one.id for one in bodies.known.bodies}
    for entry in (entry for entry in value if "means" in entry):
        name, means = entry["name"], entry["means"]
        if set(entry) != {"name", "means"} or name not in unknown:
            raise NoticeRefusedError(
                None,
                f"“{name}” with a meaning",
                f"a name as asked about: {'、'.join(sorted(unknown))}",
            )
        if means != NOBODY and means not in known:
            raise NoticeRefusedError(
                None, f"“{name}” means {means}", f"the id of a registered body, or {NOBODY}"
            )
        question = identify_name(name, reading)
        found.append(replace(asked, question=question, kind=NAME, words=name, value=means))
    return found


def _check_supplied(asked: Decided, value: str, reading: Reading) -> None:
    """Refuse a target that is not printed where it is asked about."""
    question = next(one for one in reading.questions if identify(one, reading) == asked.question)
    kept = [(owner, owner.targets) for owner in reading.owners()]
    supply(reading, question, supplied(value), _reason(asked))
    for owner, targets in kept:
        owner.targets = targets


def _recognise(reading: Reading, decided: Mapping[str, Decided], bodies: Bodies) -> list[Decided]:
    """Give names the bodies that a person recognised; one that is no longer registered is unknown."""
    known = {one.id for one in bodies.known.bodies}
    unknown = {one.name for one in assignments(reading) if one.agency is None}
    found = {name: decided.get(identify_name(name, reading)) for name in unknown}
    means = {
        name: decision for name, decision in found.items()
        if decision and (decision.value == NOBODY or decision.value in known)
    }  # fmt: skip

    def recognised(given: list[Assignment]) -> Iterator[Assignment]:
        for one in given:
            decision = means.get(one.name) if one.agency is None else None
            if decision is None:
                yield one
            elif decision.value == NOBODY:
                reading.explained.append(Explained(one.span, NOBODY))
            else:
                yield replace(one, agency=str(decision.value))

    if means:
        for _, clause in reading.clauses():
            clause.assignments = [*recognised(clause.assignments)]
        for task in reading.tasks:
            task.by_rule = [*recognised(task.by_rule)]
    return [*means.values()]


def _take_effect(reading: Reading, question: Question, decision: Decided) -> bool:
    """Whether a decision settles its question; what it does is done."""
    value = decision.value
    if not isinstance(value, str):
        return False
    if is_supplied(question.kind, value):
        try:
            supply(reading, question, supplied(value), _reason(decision))
        except NoticeRefusedError:
            return False  # as after a change of what a value may be
    elif question.kind == "role":
        _supply_role(reading, question, value)
    elif question.kind == "unit":
        _supply_unit(reading, question, value)
    elif question.kind in EXPLAINING:
        reading.explained += [Explained(place, value) for place in question.places]
    return True


def _reason(decision: Decided) -> str:
    return f"supplied by {decision.by} on {decision.date}"


def _supply_role(reading: Reading, question: Question, role: str) -> None:
    for _, clause in reading.clauses():
        if clause.span in question.places:
            clause.assignments = [replace(one, role=one.role or role) for one in clause.assignments]


def _supply_unit(reading: Reading, question: Question, unit: str) -> None:
    def meant(span: Span | None) -> bool:
        return span is not None and any(span.overlaps(place) for place in question.places)

    for owner in reading.owners():
        owner.targets = [
            replace(one, unit=None if unit == NO_UNIT else unit) if meant(one.figure) else one
            for one in owner.targets
        ]
