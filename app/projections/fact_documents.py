"""The public documents of facts: what agencies, coordinators and assessors have said.

Each kind of fact is one statement, so that a list of any length costs the same.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, aliased

from app.db.models import (
    Agency,
    Assessment,
    Bulletin,
    Measurement,
    Milestone,
    Region,
    Report,
    Said,
    Target,
    Task,
    Withdrawal,
)
from app.enums import ReferenceKind, SubjectKind, labelled
from app.projections.json_text import Document, task_ref


def fact_documents(
    session: Session, fact: type[Said], scope: Any
) -> Iterator[tuple[str, Document]]:
    """Id and document of the facts of a kind that a condition holds for."""
    statement, document_of = KINDS[fact]
    now = {"populate_existing": True}  # whatever has been written in this session
    for row in session.execute(statement.where(scope), execution_options=now):
        yield row[0].id, document_of(row)


def standing(fact: Any, withdrawal: Any, replaced_by: str | None) -> Document:
    """The members that every fact ends with: whether it holds, and what took its place."""
    return {
        "evidence": fact.evidence,
        **labelled("state", fact.state),
        "replaces": fact.replaces_id,
        "replaced_by": replaced_by,
        "withdrawal": withdrawal
        and {"reason": withdrawal.reason, "withdrawn_at": moment(withdrawal.withdrawn_at)},
        "recorded_at": moment(fact.recorded_at),
    }


def moment(at: datetime) -> str:
    """RFC 3339 in UTC."""
    return at.isoformat().replace("+00:00", "Z")


def _with_standing(fact: Any, *columns: Any) -> Select[Any]:
    """A fact, its withdrawal, and what replaces it."""
    later = aliased(fact)
    return (
        select(fact, Withdrawal, later.id, *columns)
        .outerjoin(
            Withdrawal,
            and_(Withdrawal.resource == fact.__tablename__, Withdrawal.id == fact.id),
        )
        .outerjoin(later, later.replaces_id == fact.id)
    )


def _report(row: Any) -> Document:
    report, withdrawal, replaced_by, task, agency = row
    return {
        "id": report.id,
        "plan": report.plan_id,
        "task": task_ref(task),
        "agency": {"id": agency.id, "name": agency.name},
        **labelled("role", report.role),
        "as_of": report.as_of,
        **labelled("status", report.status),
        "summary": report.summary,
        "reason": report.reason,
        **standing(report, withdrawal, replaced_by),
    }


def _measurement(row: Any) -> Document:
    measurement, withdrawal, replaced_by, task, target, agency = row
    return {
        "id": measurement.id,
        "plan": measurement.plan_id,
        "task": task_ref(task),
        "target": {"id": target.id, "metric": target.metric, "statement": target.statement},
        "agency": {"id": agency.id, "name": agency.name},
        **labelled("role", measurement.role),
        "as_of": measurement.as_of,
        "value": measurement.value,
        "unit": measurement.unit,
        "method": measurement.method,
        **standing(measurement, withdrawal, replaced_by),
    }


def _milestone(row: Any) -> Document:
    milestone, task, agency = row
    return {
        "id": milestone.id,
        "plan": milestone.plan_id,
        "task": task_ref(task),
        "agency": {"id": agency.id, "name": agency.name},
        "title": milestone.title,
        "due_on": milestone.due_on,
        "first_due_on": milestone.first_due_on,
        **labelled("status", milestone.status),
        "done_on": milestone.done_on,
        "changes": [
            {
                **labelled("kind", change.kind),
                "day": change.day,
                "reason": change.reason,
                "recorded_at": moment(change.recorded_at),
            }
            for change in milestone.changes
        ],
        "recorded_at": moment(milestone.recorded_at),
    }


def _assessment(row: Any) -> Document:
    assessment, withdrawal, replaced_by, agency, region = row
    if agency:
        kind, id_, name = SubjectKind.AGENCY, agency.id, agency.name
    else:
        kind, id_, name = SubjectKind.REGION, region.code, region.name
    score = {"value": assessment.score, "maximum": assessment.score_maximum}
    return {
        "id": assessment.id,
        "plan": assessment.plan_id,
        "subject": {**labelled("kind", kind), "id": id_, "name": name},
        "period": {"from": assessment.period_from, "to": assessment.period_to},
        "grade": assessment.grade,
        "score": None if assessment.score is None else score,
        "findings": assessment.findings,
        "method": assessment.method,
        "assessor": assessment.assessor,
        **standing(assessment, withdrawal, replaced_by),
    }


def _bulletin(row: Any) -> Document:
    bulletin, withdrawal, replaced_by = row
    return {
        "id": bulletin.id,
        "plan": bulletin.plan_id,
        "title": bulletin.title,
        "body": bulletin.body,
        "published_on": bulletin.published_on,
        "refers_to": [
            {
                # Each by name: JSONB has an order of its own.
                **labelled("resource", ReferenceKind(one["resource"])),
                "id": one["id"],
                "path": f"/v1/{one['resource']}s/{one['id']}",
            }
            for one in bulletin.refers_to
        ],
        **standing(bulletin, withdrawal, replaced_by),
    }


KINDS: Mapping[type[Said], tuple[Any, Callable[[Any], Document]]] = {
    Report: (
        _with_standing(Report, Task, Agency)
        .join(Task, Task.id == Report.task_id)
        .join(Agency, Agency.id == Report.agency_id),
        _report,
    ),
    Measurement: (
        _with_standing(Measurement, Task, Target, Agency)
        .join(Task, Task.id == Measurement.task_id)
        .join(Target, Target.id == Measurement.target_id)
        .join(Agency, Agency.id == Measurement.agency_id),
        _measurement,
    ),
    Milestone: (
        select(Milestone, Task, Agency)
        .join(Task, Task.id == Milestone.task_id)
        .join(Agency, Agency.id == Milestone.agency_id),
        _milestone,
    ),
    Assessment: (
        _with_standing(Assessment, Agency, Region)
        .outerjoin(Agency, Agency.id == Assessment.agency_id)
        .outerjoin(Region, Region.code == Assessment.region_code),
        _assessment,
    ),
    Bulletin: (_with_standing(Bulletin), _bulletin),
}
