"""A notice as rows: which value goes into which column.  Pure; `load.py` stores them."""

from collections.abc import Collection, Iterator
from dataclasses import asdict
from typing import Any

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
    return [
        collective
        for collective in registry.everyone
        if collective.members == agency.kind and collective.region == parent
    ]


def platform_rows(registry: Registry) -> Iterator[Row]:
    for position, platform in enumerate(registry.platforms):
        yield {
            "id": platform.id,
            "position": position,
            "name": platform.name,
            "kind": platform.kind,
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
        **asdict(plan.reading),
    }


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


def section_rows(plan: Plan) -> Iterator[Row]:
    for section in plan.sections:
        yield {
            "id": section.id,
            "plan_id": plan.id,
            "ordinal": section.ordinal,
            "label": section.label,
            "heading": section.heading,
            "intro": section.intro,
            **_span(section.span),
        }


def task_rows(plan: Plan) -> Iterator[Row]:
    for section in plan.sections:
        for item in section.items:
            yield _task_row(plan, section, item, None)
            for sub_item in item.sub_items:
                yield _task_row(plan, section, sub_item, item)


def _task_row(plan: Plan, section: Section, task: Task, parent: Task | None) -> Row:
    return {
        "id": task.id,
        "plan_id": plan.id,
        "section_id": section.id,
        "parent_id": parent.id if parent else None,
        "code": task.code,
        "item_number": (parent or task).ordinal,
        "sub_number": task.ordinal if parent else 0,
        "label": task.label,
        "level": task.level,
        "is_leaf": task.is_leaf,
        "title": task.title,
        "body": task.body,
        "assignment_clause": task.assignment_clause,
        "due_on": min((target.due_on for target in task.targets), default=None),
        **_span(task.span),
    }


def assignment_rows(plan: Plan) -> Iterator[Row]:
    for task in plan.tasks():
        for position, assignment in enumerate(task.assignments, 1):
            yield {
                "task_id": task.id,
                "agency_id": assignment.agency,
                "role": assignment.role,
                "position": position,
                "as_written": assignment.as_written,
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
            }


def target_rows(plan: Plan) -> Iterator[Row]:
    for section in plan.sections:
        owners: list[Section | Task] = [section, *section.tasks()]
        for owner in owners:
            for ordinal, target in enumerate(owner.targets, 1):
                task = owner if isinstance(owner, Task) else None
                yield _target_row(plan, section, task, target, ordinal)


def _target_row(
    plan: Plan, section: Section, task: Task | None, target: Target, ordinal: int
) -> Row:
    return {
        "id": target.id,
        "plan_id": plan.id,
        "section_id": section.id,
        "task_id": task.id if task else None,
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
        "due_on": target.due_on,
        "due_basis": target.due_basis,
        **_span(target.span),
    }
