"""The public documents of plans, sections, tasks and targets."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from app.db.models import (
    Agency,
    Assignment,
    Correction,
    Mention,
    Place,
    Plan,
    Platform,
    Region,
    Section,
    Target,
    Task,
)
from app.enums import Certainty, Role, TaskLevel, labelled
from app.kinds.document import Document, jurisdiction_ref, task_ref
from app.projections.citations import citation


def _span(row: Any) -> Document:
    return {"start": row.span_start, "end": row.span_end}


def _clause(stored: Document) -> Document:
    """A clause with its members in order, which PostgreSQL does not keep."""
    spans = {
        name: {"start": stored[name]["start"], "end": stored[name]["end"]}
        for name in ("span", "covers")
    }
    return {"text": stored["text"], **spans}


def _rule(assignment: Any) -> Document | None:
    if assignment.rule_start is None:
        return None
    return {"start": assignment.rule_start, "end": assignment.rule_end}


class PlanReader:
    """The rows of one plan, read once, and the documents built from them."""

    def __init__(self, session: Session, plan_id: str) -> None:
        self.session = session
        self.plan = session.execute(select(*Plan.__table__.columns).filter_by(id=plan_id)).one()
        region = session.get_one(Region, self.plan.jurisdiction_code)
        self.whose = {"jurisdiction": jurisdiction_ref(region), "is_example": region.is_example}
        in_plan = Task.plan_id == plan_id
        self.sections = {row.id: row for row in self._live(Section, Section.ordinal)}
        # A row can begin where its parent does, which ends later.
        self.tasks = {row.id: row for row in self._live(Task, Task.span_start, -Task.span_end)}
        self.targets = self._live(Target, Target.span_start, Target.ordinal)
        self.assignments = self._by_task(
            select(Assignment, Agency.name)
            .join(Task, Task.id == Assignment.task_id)
            .join(Agency, Agency.id == Assignment.agency_id)
            .where(in_plan)
            .order_by(Assignment.position)
        )
        self.places = self._by_task(
            select(Place, Region.name)
            .join(Task, Task.id == Place.task_id)
            .join(Region, Region.code == Place.region_code)
            .where(in_plan)
            .order_by(Place.position)
        )
        self.mentions = self._by_task(
            select(Mention, Platform.name)
            .join(Platform, Platform.id == Mention.platform_id)
            .where(Mention.plan_id == plan_id, Mention.task_id.is_not(None))
            .order_by(Mention.span_start)
        )

    def _live(self, table: Any, *order: Any) -> list[Row[Any]]:
        columns = [column for column in table.__table__.columns if column.name != "document"]
        return list(
            self.session.execute(
                select(*columns)
                .where(table.plan_id == self.plan.id, table.withdrawn_at.is_(None))
                .order_by(*order)
            )
        )

    def _by_task(self, statement: Any) -> dict[str, list[tuple[Any, str]]]:
        found = defaultdict(list)
        for row, name in self.session.execute(statement):
            found[row.task_id].append((row, name))
        return found

    def plan_document(self) -> Document:
        plan = self.plan
        certainties = dict(
            self.session.execute(
                select(Correction.certainty, func.count())
                .where(Correction.plan_id == plan.id)
                .group_by(Correction.certainty)
            ).all()
        )
        assigned = [a for task in self.tasks for a, _ in self.assignments.get(task, ())]
        return {
            "id": plan.id,
            **self.whose,
            "title": plan.title,
            **labelled("kind", plan.kind),
            "document_number": plan.document_number,
            "issuer": plan.issuer,
            "issued_on": plan.issued_on,
            "period": plan.period_start_on
            and {"start_on": plan.period_start_on, "end_on": plan.period_end_on},
            "year": plan.year,
            "series": plan.series,
            "supersedes": self._loaded(Plan.id == plan.supersedes_id),
            "superseded_by": self._loaded(Plan.supersedes_id == plan.id),
            "addressees": plan.addressees,
            "preamble": plan.preamble,
            "closing": plan.closing,
            **labelled("status", plan.status),
            "source": {
                "address": plan.source_address,
                "retrieved_on": plan.source_retrieved_on,
                **labelled("received_script", plan.received_script),
                "raw_sha256": plan.raw_sha256,
                "text_sha256": plan.text_sha256,
                "text_length": len(plan.text),
                "corrections": {
                    "mechanical": certainties.get(Certainty.CERTAIN, 0),
                    "editorial": certainties.get(Certainty.CONTEXT, 0),
                },
            },
            "reading": {
                "read_on": plan.read_on,
                "read_by": plan.read_by,
                "checked_on": plan.checked_on,
                "checked_by": plan.checked_by,
                "explained_share": plan.explained_share,
                "set_aside_share": plan.set_aside_share,
                "signs_acknowledged": plan.signs_acknowledged,
            },
            "counts": {
                "sections": len(self.sections),
                "items": sum(task.level == TaskLevel.ITEM for task in self.tasks.values()),
                "tasks": sum(task.is_leaf for task in self.tasks.values()),
                "assignments": len(assigned),
                "agencies": len({assignment.agency_id for assignment in assigned}),
                "targets": len(self.targets),
            },
        }

    def _loaded(self, condition: Any) -> str | None:
        """The id of another plan, if it is loaded; the first one where there are several."""
        found = select(Plan.id).where(condition, Plan.withdrawn_at.is_(None)).order_by(Plan.id)
        return self.session.scalar(found.limit(1))

    def section_documents(self) -> dict[str, Document]:
        return {row.id: self._section(row) for row in self.sections.values()}

    def _section(self, section: Any) -> Document:
        tasks = [task for task in self.tasks.values() if task.section_id == section.id]
        return {
            "id": section.id,
            "plan": section.plan_id,
            **self.whose,
            "ordinal": section.ordinal,
            "code": section.code,
            "label": section.label,
            "title": section.title,
            "intro": section.intro,
            "items": sum(task.level == TaskLevel.ITEM for task in tasks),
            "tasks": sum(task.is_leaf for task in tasks),
            "span": _span(section),
        }

    def task_documents(self, stored: Mapping[str, Document]) -> dict[str, Document]:
        """Documents of tasks; each contains the stored documents of its targets, with their versions."""
        targets = defaultdict(list)
        for target in self.targets:
            if target.task_id:
                targets[target.task_id].append(stored[target.id])
        return {row.id: self._task(row, targets[row.id]) for row in self.tasks.values()}

    def _task(self, task: Any, targets: Sequence[Document]) -> Document:
        mentioned = {m.platform_id: name for m, name in self.mentions.get(task.id, ())}
        clauses = [_clause(clause) for clause in task.assignment_clauses]
        return {
            "id": task.id,
            "plan": task.plan_id,
            **self.whose,
            "section": self._section_ref(task.section_id),
            "parent": self._task_ref(task.parent_id),
            "code": task.code,
            "ordinal": task.ordinal,
            "label": task.label,
            **labelled("level", task.level),
            "is_leaf": task.is_leaf,
            "title": task.title,
            "body": task.body,
            "assignments": [
                {
                    "agency": {"id": assignment.agency_id, "name": name},
                    **labelled("role", assignment.role),
                    "as_written": assignment.as_written,
                    "position": assignment.position,
                    "clause": assignment.clause,
                    "rule": _rule(assignment),
                }
                for assignment, name in self.assignments.get(task.id, ())
            ],
            "assignment_clause": clauses[0]["text"] if len(clauses) == 1 else None,
            "assignment_clauses": clauses,
            "targets": targets,
            "platforms": [{"id": key, "name": name} for key, name in mentioned.items()],
            "places": [
                {"code": place.region_code, "name": name}
                for place, name in self.places.get(task.id, ())
            ],
            "span": _span(task),
            "citation": self._citation(task),
            "progress": {
                **labelled("status", task.status),
                "reported_on": task.reported_on,
            },
        }

    def _citation(self, task: Any) -> str:
        chain = [task]
        while chain[0].parent_id:
            chain.insert(0, self.tasks[chain[0].parent_id])
        return citation(self.plan, self.sections.get(task.section_id), chain)

    def target_documents(self) -> dict[str, Document]:
        return {row.id: self._target(row) for row in self.targets}

    def _target(self, target: Any) -> Document:
        baseline = target.baseline
        return {
            "id": target.id,
            "plan": target.plan_id,
            **self.whose,
            "task": self._task_ref(target.task_id),
            "section": self._section_ref(target.section_id),
            "metric": target.metric,
            "statement": target.statement,
            **labelled("kind", target.kind),
            **labelled("comparator", target.comparator),
            "value": target.value,
            "value_upper": target.value_upper,
            "unit": target.unit,
            "as_written": target.as_written,
            "is_cumulative": target.is_cumulative,
            "is_average": target.is_average,
            **labelled("direction", target.direction),
            "scope": target.scope,
            "baseline": baseline and {"value": baseline, "as_of": target.baseline_on},
            **labelled("strength", target.strength),
            "due_on": target.due_on,
            **labelled("due_basis", target.due_basis),
            **labelled("recurrence", target.recurrence),
            "recurs_on": target.recurs_on,
            "agencies": self._agencies_of(target),
            "span": _span(target),
            "attainment": {
                **labelled("status", target.attainment),
                "latest_value": target.latest_value,
                "measured_on": target.measured_on,
            },
        }

    def _agencies_of(self, target: Any) -> list[Document]:
        """The leads of a target, or else the responsible, each once.

        By the clause that covers it, or else by all of the task.
        """
        assigned = self.assignments.get(target.task_id, ())
        clauses = self.tasks[target.task_id].assignment_clauses if target.task_id else ()
        covering = {
            index
            for index, clause in enumerate(clauses)
            if clause["covers"]["start"] <= target.span_start
            and target.span_end <= clause["covers"]["end"]
        }
        here = [one for one in assigned if one[0].clause in covering] or assigned
        for role in (Role.LEAD, Role.RESPONSIBLE):
            if found := {one.agency_id: name for one, name in here if one.role == role}:
                return [{"id": key, "name": name} for key, name in found.items()]
        return []

    def _section_ref(self, section_id: str | None) -> Document | None:
        if section_id is None:
            return None
        section = self.sections[section_id]
        return {"id": section.id, "code": section.code, "title": section.title}

    def _task_ref(self, task_id: str | None) -> Document | None:
        return task_ref(self.tasks[task_id]) if task_id else None
