"""A reading as the JSON of `python -m seed read --json`."""

from decimal import Decimal
from typing import Any

from seed.reader.clauses import Clause
from seed.reader.explained import Explained
from seed.reader.frame import FRAMED
from seed.reader.name_lists import Assignment
from seed.reader.reading import Question, Reading, ReadSection, ReadTask
from seed.reader.statements import Found
from seed.reader.text import Span


def as_json(reading: Reading) -> dict[str, Any]:
    """The members in the order in which they are documented."""
    period = reading.frame.period
    issued = reading.frame.issued_on
    return {
        "text": reading.text.text,
        "title": reading.frame.title,
        "document_number": reading.frame.document_number,
        "issuer": reading.frame.issuer,
        "issued_on": issued.isoformat() if issued else None,
        "period": {"start_on": period[0].isoformat(), "end_on": period[1].isoformat()}
        if period
        else None,
        "tasks": [_task(task) for task in reading.tasks],
        "targets": [_target(owner, target) for owner, target in reading.targets()],
        "explained": [
            {"text": reading.text[one.span], "span": _span(one.span), "rule": one.rule}
            for one in sorted(
                [*reading.explained, *framed(reading)], key=lambda one: (one.span, one.rule)
            )
        ],
        "questions": [_question(reading, question) for question in reading.questions],
    }


def framed(reading: Reading) -> list[Explained]:
    """Paragraphs around the plan that hold no commitments, each with its name as the rule."""
    return [Explained(p.span, kind) for p, kind in reading.frame.kinds if kind in FRAMED]


def _task(task: ReadTask) -> dict[str, Any]:
    return {
        "code": task.code,
        "label": task.label,
        "title": task.title,
        "level": task.level,
        "section": task.section,
        "parent": task.parent,
        "span": _span(task.span),
        "clauses": [_clause(clause) for clause in task.clauses],
        "by_rule": [_assignment(one) | {"rule": _span(one.rule)} for one in task.by_rule],
    }


def _clause(clause: Clause) -> dict[str, Any]:
    return {
        "text": clause.text,
        "span": _span(clause.span),
        "covers": _span(clause.covers),
        "rule": _span(clause.rule),
        "assignments": [_assignment(one) for one in clause.assignments],
    }


def _assignment(one: Assignment) -> dict[str, Any]:
    return {
        "name": one.name,
        "agency": one.agency,
        "role": one.role,
        "as_written": one.as_written,
    }


def _target(owner: ReadSection | ReadTask, target: Found) -> dict[str, Any]:
    return {
        "task": owner.code if isinstance(owner, ReadTask) else None,
        "kind": target.kind,
        "metric": target.metric,
        "statement": target.statement,
        "span": _span(target.span),
        "value": _number(target.value),
        "value_upper": _number(target.value_upper),
        "unit": target.unit,
        "comparator": target.comparator,
        "direction": target.direction,
        "scope": target.scope,
        "is_cumulative": target.is_cumulative,
        "is_average": target.is_average,
        "baseline": _number(target.baseline),
        "due_on": target.due_on.isoformat() if target.due_on else None,
        "due_basis": target.due_basis,
        "recurrence": target.recurrence,
        "recurs_on": list(target.recurs_on),
        "strength": target.strength,
    }


def _question(reading: Reading, question: Question) -> dict[str, Any]:
    return {
        "kind": question.kind,
        "text": question.text,
        "span": _span(question.span),
        "line": reading.text.line_of(question.span.start) if question.span else None,
        "expected": question.expected,
        "proposal": question.proposal,
    }


def _span(span: Span | None) -> dict[str, int] | None:
    return {"start": span.start, "end": span.end} if span else None


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
