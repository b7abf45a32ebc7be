"""The database of a request: one read-only transaction that ends before the response is sent."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from app.db.engine import Reader


async def open_reader(request: Request) -> AsyncIterator[Reader]:
    """One snapshot: count and page see the same data."""
    async with request.app.state.database.reading() as reader:
        yield reader


# "function" scope ends the transaction before the response is sent, so that no connection waits
# for a slow client.
ReaderDep = Annotated[Reader, Depends(open_reader, scope="function")]
