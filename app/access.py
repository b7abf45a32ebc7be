"""The session of a request: one transaction, over before the answer leaves."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker


async def open_session(request: Request) -> AsyncIterator[AsyncSession]:
    """A read-only transaction: count and page see the same data."""
    sessions: async_sessionmaker[AsyncSession] = request.app.state.sessions
    async with sessions.begin() as session:
        yield session


# "function" scope ends the transaction before the response is sent, so that no connection waits
# for a slow client, and a write that fails to commit is never answered as done.
SessionDep = Annotated[AsyncSession, Depends(open_session, scope="function")]
