"""The versions of documents, each recorded in the transaction that makes it.

A version holds what it changed as it was before, so an earlier document is the current one with
later changes undone; a document that never changes takes no second copy.  At every `WHOLE_EVERY`th
version, and where the names of members change or the document is withdrawn, `before` is the whole
document, so at most `WHOLE_EVERY` versions are read.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from app.db.compiled import Storing
from app.db.models import DocumentVersion
from app.enums import VersionCause
from app.http.etags import entity_tag
from app.kinds.document import Document, moment
from app.kinds.kind import Kind
from app.projections.change_feed import LAST_SEQ
from app.projections.feed_entries import NOT_CONTENT
from app.projections.json_text import as_json

WHOLE_EVERY = 32
RECORD = insert(DocumentVersion)


def record_versions(
    to: Storing,
    cause: VersionCause,
    changes: Iterable[Mapping[str, Any]],
    documents: Iterable[tuple[Kind, Document, Document]],
) -> None:
    """Record the versions that changes made, from the documents before and after each."""
    rows = [
        version_row(
            before,
            after if change["etag"] else {},
            {name: change[name] for name in ("resource", "id", "version", "at", "seq", "etag")},
            cause=cause,
            changed=change["changed"],
            shape=kind.shape,
        )
        for change, (kind, before, after) in zip(changes, documents, strict=True)
    ]
    if rows:
        to.execute(RECORD, rows)


def version_row(
    before: Document, after: Document, about: Mapping[str, Any], **more: Any
) -> dict[str, Any]:
    """The row of a version; `before` is empty where there is none, `after` where it is withdrawn."""
    before, after = content(before), content(after)
    is_whole = list(before) != list(after) or about["version"] % WHOLE_EVERY == 0
    undo = before if is_whole else {k: v for k, v in before.items() if v != after[k]}
    return {
        **about,
        **more,
        "is_whole": bool(before) and is_whole,
        "before": as_json(undo) if before else None,
    }


def content(document: Document) -> Document:
    """A document without the members that are columns of its version."""
    return {name: value for name, value in document.items() if name not in NOT_CONTENT}


def undone(current: Document, later: Sequence[Any]) -> Document:
    """The content before the versions in `later` (ascending), of which the last made `current`."""
    first_whole = next((at for at, one in enumerate(later) if one.is_whole), None)
    if first_whole is not None:
        later = later[: first_whole + 1]
    made = content(current)
    for one in reversed(later):
        undo = json.loads(one.before or "{}")
        made = undo if one.is_whole else {**made, **undo}
    return made


def as_served(made: Document, kind: Kind, version: Any) -> Document:
    """Content in today's shape, with its version and time."""
    for upgrade in kind.upgrades[version.shape :]:
        made = upgrade(made)
    return {**made, "version": version.version, "changed_at": moment(version.at)}


def begin_versions(session: Session, kind: Kind, scope: Any) -> None:
    """Record the current version of documents that have none, as those of an earlier release."""
    table = kind.model
    recorded = exists().where(DocumentVersion.resource == kind.name, DocumentVersion.id == table.id)
    columns = (table.id, table.document, table.version, table.changed_at, table.withdrawn_at)
    seq = session.scalar(LAST_SEQ)
    rows = [
        {
            "resource": kind.name,
            "id": row.id,
            "version": row.version,
            "at": row.changed_at,
            "seq": seq,
            "cause": VersionCause.SHAPE,
            "changed": [],
            "etag": None if row.withdrawn_at else entity_tag(row.document.encode()),
            "shape": kind.shape,
            "is_whole": False,
            "before": None,
        }
        for row in session.execute(select(*columns).where(scope, ~recorded))
    ]
    if rows:
        session.connection().execute(RECORD, rows)


def last_version(session: Session, resource: str, id_: str) -> int:
    """The number of the newest version; 0 if there is none."""
    newest = (
        select(DocumentVersion.version)
        .where(DocumentVersion.resource == resource, DocumentVersion.id == id_)
        .order_by(DocumentVersion.version.desc())
        .limit(1)
    )
    return session.scalar(newest) or 0
