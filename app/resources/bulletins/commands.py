"""Writing bulletins."""

from collections.abc import Sequence

from sqlalchemy import select

from app.db.models import Bulletin
from app.http.problems import FieldError, InvalidParametersError, Message
from app.kinds.bulletin import REFERRED
from app.resources.bulletins.schemas import BulletinSubmission, ReferenceSubmission
from app.writing.facts import (
    fact_columns,
    named_plan,
    next_ordinal,
    not_later_than_today,
    replaced_row,
    store,
)
from app.writing.unit_of_work import Write, WriteResult

NAMED_TWICE = Message("此项已列出。", "It is already listed.")


def add_bulletin(write: Write, new: BulletinSubmission) -> WriteResult:
    """Add a bulletin."""
    session = write.session
    plan = named_plan(write, new.plan)
    not_later_than_today(write, new.published_on, "published_on")
    _require_existing(write, new.refers_to)
    replaced = None
    if new.replaces is not None:
        replaced = replaced_row(write, Bulletin, new.replaces, plan_id=plan.id)
    ordinal = next_ordinal(session, Bulletin, plan_id=plan.id)
    bulletin = Bulletin(
        id=f"{plan.id}-b{ordinal}",
        **fact_columns(write, new.evidence, replaced),
        plan_id=plan.id,
        ordinal=ordinal,
        title=new.title,
        body=new.body,
        published_on=new.published_on,
        refers_to=[one.model_dump() for one in new.refers_to],
    )
    return store(write, bulletin)


def _require_existing(write: Write, references: Sequence[ReferenceSubmission]) -> None:
    """One statement per kind; raises InvalidParametersError for the first missing reference."""
    there = set()
    for kind, referred in REFERRED.items():
        fact = referred.model
        ids = [one.id for one in references if one.resource is kind]
        askable = [id_ for id_ in ids if id_.isascii() and id_.isprintable()]
        found = write.session.scalars(select(fact.id).where(fact.id.in_(askable)))
        there |= {(kind, id_) for id_ in found}
    for index, one in enumerate(references):
        if one in references[:index]:
            place = f"refers_to.{index}"
            raise InvalidParametersError(errors=[FieldError("body", place, NAMED_TWICE)])
        if (one.resource, one.id) not in there:
            place = REFERRED[one.resource].path
            message = Message(
                f"没有这个编号；全部列在 {place}。", f"There is no such id; {place} lists all."
            )
            raise InvalidParametersError(
                errors=[FieldError("body", f"refers_to.{index}.id", message)]
            )
