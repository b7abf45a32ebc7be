"""What a plan's download has beside the documents: the text, its corrections, the ids of each part.

A later reading overwrites them, so each state is recorded, as the versions of documents are.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, insert, or_, select
from sqlalchemy.orm import Session

from app.db.models import (
    Agency,
    Assignment,
    Correction,
    DocumentVersion,
    Jurisdiction,
    Mention,
    Plan,
    Platform,
    Section,
    Target,
    Task,
)
from app.enums import VersionCause
from app.http.etags import entity_tag
from app.kinds.agency import AGENCY
from app.kinds.document import Document
from app.kinds.jurisdiction import JURISDICTION
from app.kinds.kind import Kind
from app.kinds.platform import PLATFORM
from app.kinds.section import SECTION
from app.kinds.target import TARGET
from app.kinds.task import TASK
from app.projections.change_feed import LAST_SEQ
from app.projections.feed_entries import changed_members
from app.projections.json_text import as_json
from app.projections.versions import last_version, version_row

PLAN_CONTENTS = "plan_contents"  # the resource of these versions; no kind has this name
OF_PLAN: BindParameter[str] = bindparam("plan")
IN_TASKS = (
    select(Assignment.agency_id)
    .join(Task, Task.id == Assignment.task_id)
    .where(Task.plan_id == OF_PLAN, Task.withdrawn_at.is_(None))
)
NAMED = select(Mention.platform_id).where(Mention.plan_id == OF_PLAN)


def _live(table: Any, condition: Any, *order: Any) -> Select[Any]:
    columns = table.id, table.document
    return select(*columns).where(condition, table.withdrawn_at.is_(None)).order_by(*order)


# Ids and documents of the parts, in the order in which they refer to each other.
PARTS: dict[Kind, Select[Any]] = {
    JURISDICTION: _live(
        Jurisdiction,
        or_(
            Jurisdiction.id.in_(select(Plan.jurisdiction_code).where(Plan.id == OF_PLAN)),
            Jurisdiction.id.in_(select(Agency.jurisdiction_code).where(Agency.id.in_(IN_TASKS))),
        ),
        Jurisdiction.id,
    ),
    SECTION: _live(Section, Section.plan_id == OF_PLAN, Section.ordinal),
    AGENCY: _live(Agency, Agency.id.in_(IN_TASKS), Agency.position),
    PLATFORM: _live(Platform, Platform.id.in_(NAMED), Platform.position),
    TASK: _live(Task, Task.plan_id == OF_PLAN, Task.span_start, Task.id),
    TARGET: _live(Target, Target.plan_id == OF_PLAN, Target.span_start, Target.ordinal),
}
TEXT = select(Plan.text, Plan.text_sha256).where(Plan.id == OF_PLAN)
CORRECTIONS = (
    select(*(c for c in Correction.__table__.columns if c.name not in ("plan_id", "position")))
    .where(Correction.plan_id == OF_PLAN)
    .order_by(Correction.position)
)


def contents_of(session: Session, plan_id: str) -> Document:
    """The contents of a plan as they are stored now; empty if there is no such plan."""
    plan = {"plan": plan_id}
    text = session.execute(TEXT, plan).one_or_none()
    if text is None:
        return {}
    corrections = session.execute(CORRECTIONS, plan).all()
    parts = {kind: session.execute(statement, plan).all() for kind, statement in PARTS.items()}
    return as_contents(text, corrections, parts)


def as_contents(
    text: Any, corrections: Sequence[Row[Any]], parts: Mapping[Kind, Sequence[Row[Any]]]
) -> Document:
    """The contents of a plan, from the rows of these statements."""
    return {
        **text._mapping,
        "corrections": [dict(row._mapping) for row in corrections],
        **{kind.plural: [row.id for row in rows] for kind, rows in parts.items()},
    }


def record_contents(session: Session, plan_id: str, before: Document, now: datetime) -> None:
    """Record the contents of a plan after a reading, if they differ from those before."""
    after = contents_of(session, plan_id)
    if after != before:
        _record(session, plan_id, before, after, now, VersionCause.READING)


def begin_contents(session: Session, plan_id: str, now: datetime) -> None:
    """Record the contents of a plan of an earlier release, if none are recorded."""
    if not last_version(session, PLAN_CONTENTS, plan_id):
        _record(session, plan_id, {}, contents_of(session, plan_id), now, VersionCause.SHAPE)


def _record(
    session: Session,
    plan_id: str,
    before: Document,
    after: Document,
    now: datetime,
    cause: VersionCause,
) -> None:
    about = {
        "resource": PLAN_CONTENTS,
        "id": plan_id,
        "version": last_version(session, PLAN_CONTENTS, plan_id) + 1,
        "at": now,
        "seq": session.scalar(LAST_SEQ),
        "etag": entity_tag(as_json(after).encode()),
    }
    changed = changed_members(before, after) if before else []
    row = version_row(before, after, about, cause=cause, changed=changed, shape=0)
    session.execute(insert(DocumentVersion), [row])
