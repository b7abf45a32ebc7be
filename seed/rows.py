"""A notice as rows: which value goes into which column.  Pure; `load.py` stores them."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from app.enums import PRINTED, LineageRelation
from seed.notice_files import ReadNotice
from seed.plan import Plan, Section, Span, Target, Task
from seed.registry import Agency, Registry

Row = dict[str, Any]


def region_rows(registry: Registry, codes: Collection[str]) -> Iterator[Row]:
    """The governments of these codes, those above first."""
    chosen = [one for one in registry.governments if one.code in codes]
    for government in sorted(chosen, key=lambda one: len(registry.chain(one.code))):
        yield {
            "code": government.code,
            "name": government.name,
            "level": government.level,
            "parent_code": government.parent,
            "path": "/".join(one.code for one in reversed(registry.chain(government.code))),
            "aliases": list(government.aliases),
            "is_example": government.is_example,
        }


def agency_rows(registry: Registry, ids: Collection[str]) -> Iterator[Row]:
    for position, agency in enumerate(registry.everyone):
        if agency.id in ids:
            yield {
                "id": agency.id,
                "position": position,
                "name": agency.name,
                "official_name": agency.official_name,
                "english_name": agency.english_name,
                "kind": agency.kind,
                "jurisdiction_code": agency.region,
                "names": [
                    {
                        "name": one.name,
                        "valid_from": one.valid_from and one.valid_from.isoformat(),
                        "valid_to": one.valid_to and one.valid_to.isoformat(),
                    }
                    for one in agency.dated_names
                ],
                "aliases": list(agency.aliases),
            }


def succession_rows(registry: Registry, ids: Collection[str]) -> Iterator[Row]:
    for agency in registry.everyone:
        for before in agency.predecessors:
            if {agency.id, before.agency} <= set(ids):
                yield {
                    "successor_id": agency.id,
                    "predecessor_id": before.agency,
                    "happened_on": before.on,
                    "kind": before.how,
                }


def member_rows(registry: Registry, ids: Collection[str]) -> Iterator[Row]:
    """The members of each collective for which the registry has a rule."""
    for agency in registry.everyone:
        for collective in collectives_of(registry, agency):
            if {agency.id, collective.id} <= set(ids):
                yield {"collective_id": collective.id, "agency_id": agency.id}


def collectives_of(registry: Registry, agency: Agency) -> list[Agency]:
    """The collectives that an agency belongs to by a rule of the registry."""
    parent = registry.by_code[agency.region].parent
    return registry.collectives.get((parent, agency.kind), [])


def platform_rows(registry: Registry) -> Iterator[Row]:
    for position, platform in enumerate(registry.platforms):
        yield {
            "id": platform.id,
            "position": position,
            "name": platform.name,
            "kind": platform.kind,
            "scope_code": platform.region,
            "aliases": list(platform.aliases),
        }


def plan_row(notice: ReadNotice) -> Row:
    plan = notice.plan
    return {
        "id": plan.id,
        "jurisdiction_code": plan.jurisdiction,
        "title": plan.title,
        "document_number": plan.document_number,
        "issuer": plan.issuer,
        "issued_on": plan.issued_on,
        "period_start_on": plan.period and plan.period.start_on,
        "period_end_on": plan.period and plan.period.end_on,
        "year": plan.period and plan.period.year,
        "kind": plan.kind,
        "series": plan.series,
        "supersedes_id": plan.supersedes,
        "addressees": plan.addressees,
        "preamble": plan.preamble,
        "closing": plan.closing,
        "status": plan.status,
        "received_script": notice.restored.received_script,
        "raw_sha256": notice.raw_sha256,
        "text": notice.restored.text,
        "text_sha256": notice.text_sha256,
        "source_address": notice.address,
        "source_retrieved_on": notice.retrieved_on,
        **source_columns(notice),
        **asdict(plan.reading),
    }


def _period(plan: Plan) -> str:
    """The first and the last year of a plan's period, or nothing if it has none."""
    return f"{plan.period.start_on:%Y}-{plan.period.end_on:%Y}" if plan.period else ""


def source_columns(notice: ReadNotice) -> Row:
    """The columns of a plan that say where its words stand in a PDF."""
    source = notice.source
    if not source.pages:
        return {"source_pages": None, "source_lines": None}
    images = {page: sha256(image).hexdigest() for page, image in source.images.items()}
    pages = [{**asdict(page), "image": images.get(page.number)} for page in source.pages]
    return {"source_pages": pages, "source_lines": [[*line] for line in source.lines]}


def image_rows(notice: ReadNotice) -> Iterator[Row]:
    for number, content in notice.source.images.items():
        yield {"plan_id": notice.plan.id, "number": number, "content": content}


def year_rows(plan: Plan) -> Iterator[Row]:
    if plan.period:
        for year in range(plan.period.start_on.year, plan.period.end_on.year + 1):
            yield {"plan_id": plan.id, "year": year}


def correction_rows(notice: ReadNotice) -> Iterator[Row]:
    for position, correction in enumerate(notice.restored.corrections, 1):
        yield {
            "plan_id": notice.plan.id,
            "position": position,
            "kind": correction.kind,
            "raw": correction.raw,
            "text": correction.text,
            "certainty": correction.certainty,
            "reason": correction.reason,
            "span_start": correction.start,
            "span_end": correction.end,
        }


def _span(span: Span) -> Row:
    return {"span_start": span.start, "span_end": span.end}


def continuation_rows(plan: Plan) -> Iterator[Row]:
    for position, one in enumerate(plan.continues, 1):
        yield {
            "plan_id": plan.id,
            "position": position,
            "earlier_plan_id": one.plan,
            "task_id": one.here and f"{plan.id}-t{one.here}",
            "continues_id": one.there and f"{one.plan}-t{one.there}",
            "relation": one.relation and LineageRelation(one.relation),
        }


def section_rows(plan: Plan) -> Iterator[Row]:
    for section in plan.sections:
        yield {
            "id": section.id,
            "plan_id": plan.id,
            "period": _period(plan),
            "ordinal": section.ordinal,
            "code": section.code,
            "label": section.label,
            "title": section.title,
            "intro": section.intro,
            **_span(section.span),
        }


def task_rows(plan: Plan) -> Iterator[Row]:
    for section, item in _items(plan):
        yield from _task_rows(plan, section, item, None)


def _items(plan: Plan) -> Iterator[tuple[Section | None, Task]]:
    for section in plan.sections:
        yield from ((section, item) for item in section.items)
    yield from ((None, item) for item in plan.items)


def _task_rows(
    plan: Plan, section: Section | None, task: Task, parent: Task | None
) -> Iterator[Row]:
    """A task, and behind it those below it."""
    yield {
        "id": task.id,
        "plan_id": plan.id,
        "period": _period(plan),
        "section_id": section.id if section else None,
        "parent_id": parent.id if parent else None,
        "code": task.code,
        "code_key": code_key(task.code),
        "ordinal": task.ordinal,
        "label": task.label,
        "level": task.level,
        "is_leaf": task.is_leaf,
        "title": task.title,
        "body": task.body,
        "assignment_clauses": [asdict(clause) for clause in task.clauses],
        "due_on": min((target.due_on for target in task.targets if target.due_on), default=None),
        "stated_due_on": min(
            (one.due_on for one in task.targets if one.due_on and one.due_basis in PRINTED),
            default=None,
        ),
        **_span(task.span),
    }
    for part in task.sub_items:
        yield from _task_rows(plan, section, part, task)


def code_key(code: str) -> str:
    """A text that sorts as the code with its numbers as numbers.

    Each number stands behind the number of its digits: 9 is 019, 10 is 0210.  A hyphen sorts behind a
    point, so that 1-1 comes behind 1.1 and all else of 1.
    """
    return re.sub(r"\d+", lambda number: f"{len(number[0]):02}{number[0]}", code).replace("-", "~")


def assignment_rows(plan: Plan) -> Iterator[Row]:
    for task in plan.tasks():
        for position, assignment in enumerate(task.assignments, 1):
            yield {
                "task_id": task.id,
                "position": position,
                "agency_id": assignment.agency,
                "role": assignment.role,
                "as_written": assignment.as_written,
                "clause": assignment.clause,
                "rule_start": assignment.rule.start if assignment.rule else None,
                "rule_end": assignment.rule.end if assignment.rule else None,
            }


def place_rows(plan: Plan) -> Iterator[Row]:
    for task in plan.tasks():
        for position, code in enumerate(task.places, 1):
            yield {"task_id": task.id, "region_code": code, "position": position}


def mention_rows(plan: Plan) -> Iterator[Row]:
    owners: list[Plan | Section | Task] = [plan, *plan.sections, *plan.tasks()]
    for owner in owners:
        for mention in owner.mentions:
            yield {
                "plan_id": plan.id,
                "platform_id": mention.platform,
                "task_id": owner.id if isinstance(owner, Task) else None,
                "as_written": mention.as_written,
                "span_start": mention.start,
                "span_end": mention.end,
                "mode": mention.mode,
            }


def target_rows(plan: Plan) -> Iterator[Row]:
    for section in plan.sections:
        yield from _target_rows(plan, section, None, section.targets)
    for section_or_none, item in _items(plan):
        for task in item.walk():
            yield from _target_rows(plan, section_or_none, task, task.targets)


def _target_rows(
    plan: Plan, section: Section | None, task: Task | None, targets: Sequence[Target]
) -> Iterator[Row]:
    for ordinal, target in enumerate(targets, 1):
        yield _target_row(plan, section, task, target, ordinal)


def _target_row(
    plan: Plan, section: Section | None, task: Task | None, target: Target, ordinal: int
) -> Row:
    return {
        "id": target.id,
        "plan_id": plan.id,
        "period": _period(plan),
        "section_id": section.id if section else None,
        "task_id": task.id if task else None,
        "code_key": code_key(task.code) if task else "",
        "ordinal": ordinal,
        "metric": target.metric,
        "statement": target.statement,
        "kind": target.kind,
        "comparator": target.comparator,
        "value": target.value,
        "value_upper": target.value_upper,
        "unit": target.unit,
        "as_written": target.as_written,
        "is_cumulative": target.is_cumulative,
        "is_average": target.is_average,
        "direction": target.direction,
        "scope": target.scope,
        "baseline": target.baseline.value if target.baseline else None,
        "baseline_on": target.baseline.as_of if target.baseline else None,
        "strength": target.strength,
        "due_on": target.due_on,
        "due_basis": target.due_basis,
        "recurrence": target.recurrence,
        "recurs_on": list(target.recurs_on),
        **_span(target.span),
    }
