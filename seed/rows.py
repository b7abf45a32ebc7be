"""A notice as rows: which value goes into which column.  Pure; `load.py` stores them."""

from collections.abc import Iterator
from typing import Any

from seed.notice_files import ReadNotice
from seed.plan import Plan, Section, Span, Target, Task
from seed.registry import Registry

Row = dict[str, Any]


def region_rows(registry: Registry) -> Iterator[Row]:
    for region in registry.regions:
        yield {"code": region.code, "name": region.name, "aliases": list(region.aliases)}


def agency_rows(registry: Registry) -> Iterator[Row]:
    for position, agency in enumerate(registry.agencies):
        yield {
            "id": agency.id,
            "position": position,
            "name": agency.name,
            "official_name": agency.official_name,
            "english_name": agency.english_name,
            "kind": agency.kind,
            "region_code": agency.region,
            "aliases": list(agency.aliases),
        }


def member_rows(registry: Registry) -> Iterator[Row]:
    """The members of each collective for which the registry has a rule."""
    for collective in registry.agencies:
        region = collective.region.removesuffix("00").removesuffix("00")
        for agency in registry.agencies:
            if agency.kind == collective.members and agency.region.startswith(region):
                yield {"collective_id": collective.id, "agency_id": agency.id}


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
        "title": plan.title,
        "document_number": plan.document_number,
        "issuer": plan.issuer,
        "issued_on": plan.issued_on,
        "year": plan.year,
        "addressees": plan.addressees,
        "preamble": plan.preamble,
        "closing": plan.closing,
        "status": plan.status,
        "received_script": notice.restored.received_script,
        "raw_sha256": notice.raw_sha256,
        "text": notice.restored.text,
        "text_sha256": notice.text_sha256,
    }


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
