"""Reading one resource: its stored document, 404, or 410 for what was withdrawn."""

from functools import lru_cache
from typing import Annotated, Any

from fastapi import Path, Request, Response
from sqlalchemy import Row, Select, bindparam, select

from app.db.engine import Reader
from app.http.paths import list_path, prefixed
from app.http.problems import GoneError, Message, NotFoundError
from app.settings import base

# No pattern here: an id that cannot be is not found, it is no mistake in the form of the request.
ResourceId = Annotated[str, Path(description="id, case-sensitive; to be treated as opaque")]


async def one_row(reader: Reader, table: Any, id_: str, *columns: Any) -> Row[Any]:
    """Columns of the row with this id; one statement.

    Raises NotFoundError, or GoneError for what was withdrawn.
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
    """What links begin with that must have a host, where the operator has said which."""
    return base(request.app.state.public_url, prefixed(request.scope, ""))


async def one_document(reader: Reader, table: Any, id_: str) -> Response:
    """The document of a row, exactly as it is in lists."""
    row = await one_row(reader, table, id_, table.document)
    return Response(row.document, media_type="application/json")
