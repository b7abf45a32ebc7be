"""A whole plan as it was at the end of a past day."""

import json
from collections.abc import Mapping
from datetime import date

from sqlalchemy import bindparam, select

from app.db.engine import Reader
from app.db.models import Plan
from app.kinds.document import Document
from app.kinds.kind import Kind
from app.projections.change_feed import FEED_HEAD
from app.projections.plan_contents import (
    CORRECTIONS,
    PARTS,
    PLAN_CONTENTS,
    TEXT,
    as_contents,
)
from app.reading.one import past_document
from app.reading.versions import version_at, versions_at
from app.resources.plans.download import FACTS, Download
from app.resources.plans.queries import text_of


async def read_past_download(reader: Reader, plan_id: str, day: date) -> Download:
    """The plan, its text and all parts; two statements for each part, and thirteen more.

    Its position in the feed is that of the newest version in it, so that a mirror can go on from
    there.  Raises NotFoundError if the plan was not held then, GoneError if it was withdrawn.
    """
    plan = await past_document(reader, Plan, plan_id, day)
    version = await version_at(reader, PLAN_CONTENTS, plan_id, day)
    contents = version.content(await _current_contents(reader, plan_id))
    seqs, parts = [version.row.seq], {}
    for kind in PARTS:
        ids = contents.get(kind.plural, [])  # [] if a release before this kind recorded them
        documents = select(kind.model.id, kind.model.document).where(
            kind.model.id.in_(bindparam("ids", expanding=True))
        )
        rows = {row.id: row.document for row in await reader.execute(documents, {"ids": ids})}
        current = {id_: rows[id_] for id_ in ids}  # in their order then
        parts[kind], of_part = await _past_documents(reader, kind, current, day)
        seqs += of_part
    for kind, statement in FACTS.items():
        found = await reader.execute(statement, {"plan": plan_id})
        current = {row.id: row.document for row in found}
        parts[kind], of_part = await _past_documents(reader, kind, current, day)
        seqs += of_part
    epoch, _ = (await reader.execute(FEED_HEAD)).one()
    return Download(max(seqs), epoch, plan, text_of(plan_id, contents), parts)


async def _past_documents(
    reader: Reader, kind: Kind, current: Mapping[str, str], day: date
) -> tuple[list[str], list[int]]:
    """The documents of a part that the service held, and the numbers of their changes."""
    versions = await versions_at(reader, kind.name, current, day)
    held = {id_: versions[id_] for id_ in current if id_ in versions}
    documents = [
        version.document(json.loads(current[id_]), kind)
        for id_, version in held.items()
        if not version.is_withdrawn
    ]
    return documents, [version.row.seq for version in held.values()]


async def _current_contents(reader: Reader, plan_id: str) -> Document:
    plan = {"plan": plan_id}
    text = (await reader.execute(TEXT, plan)).one()
    corrections = (await reader.execute(CORRECTIONS, plan)).all()
    parts = {
        kind: (await reader.execute(statement, plan)).all() for kind, statement in PARTS.items()
    }
    return as_contents(text, corrections, parts)
