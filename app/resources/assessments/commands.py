"""Writing assessments."""

from typing import Any

from sqlalchemy import select

from app.db.models import Agency, ApiKey, Assessment, Assignment, Plan, Region, Task
from app.http.problems import FieldError, ForbiddenError, InvalidParametersError, Message
from app.kinds.assessment import SubjectKind
from app.resources.assessments.schemas import AssessmentSubmission, SubjectSubmission
from app.writing.facts import (
    fact_columns,
    named_in_body,
    named_plan,
    next_ordinal,
    not_later_than_today,
    replaced_row,
    store,
)
from app.writing.reach import foreign, reaches
from app.writing.unit_of_work import Write, WriteResult

NO_RESULT = Message("grade 与 score 至少须有一项。", "A grade, a score, or both are required.")
BACKWARDS = Message("不得早于 from。", "It must not be earlier than from.")
TOO_MANY_POINTS = Message("不得大于 maximum。", "It must not exceed maximum.")
NO_AGENCY = Message(
    "没有这个机构；全部列在 /v1/agencies。", "There is no such agency; /v1/agencies lists all."
)
NO_REGION = Message(
    "没有这个地方；请用 GB/T 2260 代码，如 440300。",
    "No such place is known; use a GB/T 2260 code, such as 440300.",
)
NOT_YOURS = Message(
    "该评估由他人提交；只能更正用本密钥或其前身提交的评估。",
    "It was submitted with another key; you can only correct your own, also those of the keys that yours replaced.",
)


def add_assessment(write: Write, new: AssessmentSubmission) -> WriteResult:
    """Add an assessment; it does not change reports, tasks or targets."""
    session = write.session
    plan = named_plan(write, new.plan)
    about = _subject(write, new.subject)
    _refuse_foreign_subject(write, plan, **about)
    _refuse_contradictions(new)
    not_later_than_today(write, new.period.to, "period.to")
    replaced = None
    if new.replaces is not None:
        replaced = replaced_row(write, Assessment, new.replaces, plan_id=plan.id, **about)
        _refuse_other_holders(write, replaced)
    ordinal = next_ordinal(session, Assessment, plan_id=plan.id)
    assessment = Assessment(
        id=f"{plan.id}-a{ordinal}",
        **fact_columns(write, new.evidence, replaced),
        plan_id=plan.id,
        ordinal=ordinal,
        **about,
        period_from=new.period.from_,
        period_to=new.period.to,
        grade=new.grade,
        score=new.score and new.score.value,
        score_maximum=new.score and new.score.maximum,
        findings=new.findings,
        method=new.method,
        assessor=new.assessor,
        key_id=write.caller.key_id,
    )
    agency = about["agency_id"] and session.get(Agency, about["agency_id"])
    region = about["region_code"] and session.get(Region, about["region_code"])
    return store(write, assessment, agency, region)


def _subject(write: Write, subject: SubjectSubmission) -> dict[str, Any]:
    """The columns of the subject: agency or region; the other is null."""
    if subject.kind is SubjectKind.AGENCY:
        agency = named_in_body(write, Agency, subject.id, "subject.id", NO_AGENCY)
        return {"agency_id": agency.id, "region_code": None}
    region = named_in_body(write, Region, subject.id, "subject.id", NO_REGION)
    return {"agency_id": None, "region_code": region.code}


def _refuse_foreign_subject(
    write: Write, plan: Plan, agency_id: str | None, region_code: str | None
) -> None:
    """Allow governments that the key reaches, their agencies, and agencies with tasks of the plan."""
    own = str(write.caller.jurisdiction_code)
    if region_code is not None:
        code, reached = region_code, reaches(own, Region.code)
        found = select(Region.code).where(Region.code == region_code, reached)
    else:
        code = write.session.get_one(Agency, agency_id).jurisdiction_code
        assigned = select(Assignment.agency_id).join(Task, Task.id == Assignment.task_id)
        assigned = assigned.where(Task.plan_id == plan.id, Task.withdrawn_at.is_(None))
        reached = reaches(own, Agency.jurisdiction_code) | Agency.id.in_(assigned)
        found = select(Agency.id).where(Agency.id == agency_id, reached)
    if write.session.scalar(found) is None:
        raise foreign(write.session, own, code)


def _refuse_contradictions(new: AssessmentSubmission) -> None:
    errors = []
    if new.grade is None and new.score is None:
        errors.append(FieldError("body", "grade", NO_RESULT))
    if new.period.to < new.period.from_:
        errors.append(FieldError("body", "period.to", BACKWARDS))
    if new.score and new.score.value > new.score.maximum:
        errors.append(FieldError("body", "score.value", TOO_MANY_POINTS))
    if errors:
        raise InvalidParametersError(errors=errors)


def _refuse_other_holders(write: Write, replaced: Assessment) -> None:
    """A rotated key has the same holder (`python -m app keys rotate`)."""
    session = write.session
    filed_with = session.get_one(ApiKey, replaced.key_id)
    if filed_with.holder != session.get_one(ApiKey, write.caller.key_id).holder:
        raise ForbiddenError(NOT_YOURS)
