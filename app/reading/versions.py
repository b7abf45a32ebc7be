"""Documents as they were: at the end of a day in China, or as a numbered version."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from fastapi import Request
from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.sql.selectable import Subquery

from app.clock import CHINA, day_in_china
from app.db.columns import Instant
from app.db.engine import Reader
from app.db.models import DocumentVersion
from app.db.revision import changes_apart
from app.http.problems import (
    FieldError,
    GoneError,
    InvalidParametersError,
    Message,
    NotFoundError,
)
from app.kinds.document import Document
from app.kinds.kind import Kind
from app.projections.json_text import as_json
from app.projections.versions import WHOLE_EVERY, as_served, undone

# A past day never changes (RFC 8246).
IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
ONE_DAY = timedelta(days=1)
AT_ONCE = 1000  # documents of one statement
OF_DOCUMENTS = (
    DocumentVersion.resource == bindparam("resource"),
    DocumentVersion.id.in_(bindparam("ids", expanding=True)),
)


@dataclass(frozen=True)
class PastVersion:
    """A version of a document, and those after it that have to be undone."""

    row: Row[Any]
    later: list[Row[Any]]

    @property
    def is_withdrawn(self) -> bool:
        return self.row.etag is None

    def content(self, current: Document) -> Document:
        """The content, as it was recorded; `current` is that of the newest version."""
        return undone(current, self.later)

    def document(self, current: Document, kind: Kind) -> str:
        """The document in today's shape, as JSON."""
        return as_json(as_served(self.content(current), kind, self.row))


def _from(held: Subquery) -> Select[Any]:
    """The held version of each document, and those after it, up to a whole one at the latest."""
    columns = DocumentVersion.__table__.columns
    return (
        select(*columns)
        .join(held, DocumentVersion.id == held.c.id)
        .where(
            DocumentVersion.resource == bindparam("resource"),
            DocumentVersion.version >= held.c.version,
            DocumentVersion.version <= held.c.version + WHOLE_EVERY,
        )
        .order_by(DocumentVersion.id, DocumentVersion.version)
    )


# The versions of documents that were there before a moment; and those with a number.
BEFORE = _from(
    select(DocumentVersion.id, func.max(DocumentVersion.version).label("version"))
    .where(*OF_DOCUMENTS, DocumentVersion.at < bindparam("moment", type_=Instant()))
    .group_by(DocumentVersion.id)
    .subquery()
)
NUMBERED = _from(
    select(DocumentVersion.id, DocumentVersion.version)
    .where(*OF_DOCUMENTS, DocumentVersion.version == bindparam("version"))
    .subquery()
)
FIRST = select(func.min(DocumentVersion.at, type_=Instant())).where(*OF_DOCUMENTS)


def is_past(request: Request, day: date) -> bool:
    """Whether a day is over in China; raises InvalidParametersError if it has not begun.

    The state of today still changes, and is the current one.
    """
    today = day_in_china(request.app.state.writer.clock())
    if day > today:
        message = Message(
            f"不得晚于今天（{today}，北京时间）。",
            f"It must not be later than today, {today} in China.",
        )
        raise InvalidParametersError(errors=[FieldError("query", "at", message)])
    if day == today:  # another response tomorrow, if only by its Cache-Control
        changes_apart(request.scope, end_of(day) - ONE_DAY, end_of(day))
    return day < today


def end_of(day: date) -> datetime:
    """The moment at which a day ends in China."""
    return datetime.combine(day + ONE_DAY, time(), CHINA).astimezone(UTC)  # no moment before year 1


async def versions_at(
    reader: Reader, resource: str, ids: Collection[str], day: date
) -> dict[str, PastVersion]:
    """The version that each document had at the end of a day; one statement for 1,000 documents."""
    found: dict[str, PastVersion] = {}
    listed = list(ids)
    for start in range(0, len(listed), AT_ONCE):
        values = {"ids": listed[start : start + AT_ONCE], "moment": end_of(day)}
        found |= await _read(reader, BEFORE, {"resource": resource, **values})
    return found


async def version_at(reader: Reader, resource: str, id_: str, day: date) -> PastVersion:
    """The version that a document had at the end of a day.

    Raises NotFoundError if the service did not hold it then, GoneError if it was withdrawn.
    """
    if version := (await versions_at(reader, resource, [id_], day)).get(id_):
        if version.is_withdrawn:
            raise GoneError
        return version
    values = {"resource": resource, "ids": [id_]}
    first = (await reader.execute(FIRST, values)).scalar_one()
    if first is None:
        raise NotFoundError
    held = day_in_china(first)
    raise NotFoundError(
        Message(
            f"本服务在 {day} 尚未收录；最早收录于 {held}。",
            f"The service did not hold it on {day}; it was first held on {held}.",
        )
    )


async def numbered_version(reader: Reader, resource: str, id_: str, number: int) -> PastVersion:
    """A version by its number; raises NotFoundError, or GoneError if it is a withdrawal."""
    values = {"resource": resource, "ids": [id_], "version": number}
    version = (await _read(reader, NUMBERED, values)).get(id_)
    if version is None:
        raise NotFoundError(
            Message(
                f"没有 {id_} 的第 {number} 版；全部版本见其 versions。",
                f"There is no version {number} of {id_}; its versions are listed under `versions`.",
            )
        )
    if version.is_withdrawn:
        raise GoneError
    return version


async def _read(
    reader: Reader, statement: Select[Any], values: Mapping[str, Any]
) -> dict[str, PastVersion]:
    rows = (await reader.execute(statement, values)).all()
    found = {}
    for id_, of_document in groupby(rows, attrgetter("id")):
        first, *later = of_document
        found[id_] = PastVersion(first, later)
    return found
