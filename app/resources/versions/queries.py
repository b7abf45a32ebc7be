"""The queries of versions."""

import json

from fastapi import Request, Response
from sqlalchemy import bindparam, func, select

from app.db.engine import Reader
from app.db.models import DocumentVersion
from app.enums import labelled
from app.http.media_types import JSON_TYPE
from app.kinds.kind import Kind
from app.reading.cursors import filters_of, read_cursor, write_cursor
from app.reading.list_params import PageInfo
from app.reading.one import any_row
from app.reading.paging import links
from app.reading.versions import numbered_version
from app.resources.versions.schemas import (
    MOST_VERSIONS,
    ResourceVersion,
    ResourceVersionPage,
    VersionListQuery,
)

OF_DOCUMENT = (
    DocumentVersion.resource == bindparam("resource"),
    DocumentVersion.id == bindparam("id"),
)
PAGE = (
    select(
        DocumentVersion.version,
        DocumentVersion.at,
        DocumentVersion.cause,
        DocumentVersion.changed,
        DocumentVersion.etag,
    )
    .where(*OF_DOCUMENT, DocumentVersion.version < bindparam("before"))
    .order_by(DocumentVersion.version.desc())
    .limit(bindparam("rows"))
)
COUNT = select(func.count()).select_from(DocumentVersion).where(*OF_DOCUMENT)


async def list_versions(
    request: Request, reader: Reader, kind: Kind, id_: str, params: VersionListQuery
) -> Response:
    """A page of the versions of a resource, also of a withdrawn one; three statements."""
    await any_row(reader, kind.model, id_)
    filters, before = filters_of(request), MOST_VERSIONS + 1
    if params.cursor:
        (last,) = read_cursor(params.cursor, filters, [int])
        before = max(0, min(last, before))  # anyone can make a cursor with a number of any size
    document = {"resource": kind.name, "id": id_}
    page = {**document, "before": before, "rows": params.limit + 1}
    rows = (await reader.execute(PAGE, page)).all()
    total = (await reader.execute(COUNT, document)).scalar_one()
    cursor = None
    if len(rows) > params.limit:
        rows = rows[: params.limit]
        cursor = write_cursor([rows[-1].version], filters)
    data = [
        ResourceVersion.model_validate({**row._mapping, **labelled("cause", row.cause)})
        for row in rows
    ]
    info = PageInfo(limit=params.limit, total=total, next=cursor, missing=[])
    body = ResourceVersionPage(data=data, page=info).model_dump_json()
    return Response(body, media_type=JSON_TYPE, headers=links(request, cursor))


async def get_version(reader: Reader, kind: Kind, id_: str, number: int) -> Response:
    """The document in one of its versions; two statements."""
    row = await any_row(reader, kind.model, id_, kind.model.document)
    version = await numbered_version(reader, kind.name, id_, number)
    return Response(version.document(json.loads(row.document), kind), media_type=JSON_TYPE)
