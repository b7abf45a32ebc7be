"""Reading one resource: its document now or at the end of a past day; 404, or 410 if withdrawn."""

import json
from datetime import date
from functools import lru_cache
from typing import Annotated, Any

from fastapi import Path, Request, Response
from fastapi import Query as QueryParameters
from pydantic import Field
from sqlalchemy import Row, Select, bindparam, select

from app.db.engine import Reader
from app.http.media_types import JSON_TYPE
from app.http.parameters import IsoDate, Query
from app.http.paths import list_path, prefixed
from app.http.problems import GoneError, Message, NotFoundError
from app.kinds import BY_NAME
from app.reading.versions import IMMUTABLE, is_past, version_at
from app.settings import base

# No pattern: an id that cannot exist returns 404, as does any other unknown id.
ResourceId = Annotated[str, Path(description="Opaque, case-sensitive ID.")]
AT = (
    "State at the end of this day in China, as this service held it; not later than today. 404 if "
    "the service did not hold the resource then, 410 if it was withdrawn."
)


class DocumentQuery(Query):
    """The parameters of a single resource."""

    at: IsoDate | None = Field(default=None, description=AT, examples=["2026-03-31"])


DocumentParams = Annotated[DocumentQuery, QueryParameters()]


async def one_row(reader: Reader, table: Any, id_: str, *columns: Any) -> Row[Any]:
    """Columns of the row with this id; one statement.

    Raises NotFoundError, or GoneError if it was withdrawn.
    """
    row = await any_row(reader, table, id_, *columns)
    if row.withdrawn_at:
        raise GoneError
    return row


async def any_row(reader: Reader, table: Any, id_: str, *columns: Any) -> Row[Any]:
    """The same, also for a resource that was withdrawn."""
    row = None
    if id_.isascii() and id_.isprintable():
        found = _row_statement(table, columns)
        row = (await reader.execute(found, {"id": id_})).one_or_none()
    if row is None:
        place = list_path(table)
        raise NotFoundError(
            Message(f"没有这个编号；全部列在 {place}。", f"There is no such id; {place} lists all.")
        )
    return row


@lru_cache
def _row_statement(table: Any, columns: tuple[Any, ...]) -> Select[Any]:
    return select(table.withdrawn_at, *columns).where(table.id == bindparam("id"))


def base_of(request: Request) -> str:
    """The base of absolute links: the public URL, else the prefix alone."""
    return base(request.app.state.public_url, prefixed(request.scope, ""))


async def one_document(
    request: Request, reader: Reader, table: Any, id_: str, params: DocumentQuery
) -> Response:
    """The stored document of a row, byte for byte as in lists, or that of a past day."""
    if params.at is not None and is_past(request, params.at):
        document = await past_document(reader, table, id_, params.at)
        return Response(document, media_type=JSON_TYPE, headers=IMMUTABLE)
    row = await one_row(reader, table, id_, table.document)
    return Response(row.document, media_type=JSON_TYPE, headers=page_link(request, row.document))


def page_link(request: Request, document: str) -> dict[str, str]:
    """The `Link` header with the page of a document, which `html_url`, near its end, names."""
    path = document.rpartition('"html_url":"')[2].partition('"')[0]
    target = prefixed(request.scope, path)
    return {"Link": f'<{target}>; rel="alternate"; type="text/html"'}


async def past_document(reader: Reader, table: Any, id_: str, day: date) -> str:
    """The document of a row at the end of a day; two statements. Raises NotFoundError, GoneError."""
    row = await any_row(reader, table, id_, table.document)
    kind = BY_NAME[table.__tablename__]
    version = await version_at(reader, kind.name, id_, day)
    return version.document(json.loads(row.document), kind)
