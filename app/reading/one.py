"""Reading one resource: its stored document, 404, or 410 if it was withdrawn."""

from functools import lru_cache
from typing import Annotated, Any

from fastapi import Path, Request, Response
from sqlalchemy import Row, Select, bindparam, select

from app.db.engine import Reader
from app.http.paths import list_path, prefixed
from app.http.problems import GoneError, Message, NotFoundError
from app.settings import base

# No pattern: an id that cannot exist returns 404, as does any other unknown id.
ResourceId = Annotated[str, Path(description="Opaque, case-sensitive ID.")]


async def one_row(reader: Reader, table: Any, id_: str, *columns: Any) -> Row[Any]:
    """Columns of the row with this id; one statement.

    Raises NotFoundError, or GoneError if it was withdrawn.
    """
    row = None
    if id_.isascii() and id_.isprintable():
        found = _row_statement(table, columns)
        row = (await reader.execute(found, {"id": id_})).one_or_none()
    if row is None:
        place = list_path(table)
        raise NotFoundError(
            Message(f"没有这个编号；全部列在 {place}。", f"There is no such id; {place} lists all.")
        )
    if row.withdrawn_at:
        raise GoneError
    return row


@lru_cache
def _row_statement(table: Any, columns: tuple[Any, ...]) -> Select[Any]:
    return select(table.withdrawn_at, *columns).where(table.id == bindparam("id"))


def base_of(request: Request) -> str:
    """The base of absolute links: the public URL, else the prefix alone."""
    return base(request.app.state.public_url, prefixed(request.scope, ""))


async def one_document(reader: Reader, table: Any, id_: str) -> Response:
    """The stored document of a row, byte for byte as in lists."""
    row = await one_row(reader, table, id_, table.document)
    return Response(row.document, media_type="application/json")
