"""The service with one guarantee broken, named by CHAOS_SABOTAGE; as it is if that is empty."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from unittest.mock import patch

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.orm import Session

LATER = 0.05  # seconds
committing: list[Thread] = []


@contextmanager
def early_transaction(engine: Engine) -> Iterator[Session]:
    """The response is sent before the commit, which may fail."""
    while committing:
        committing.pop().join()
    session = Session(engine)
    try:
        yield session
    except BaseException:
        session.close()
        raise

    def commit() -> None:
        time.sleep(LATER)
        try:
            session.commit()
        finally:
            session.close()

    committing.append(Thread(target=commit))
    committing[0].start()


def early() -> None:
    """Acknowledge before the commit."""
    from app.writing import writer

    patch.object(writer, "transaction", early_transaction).start()


def patient() -> None:
    """Wait a minute for a silent PostgreSQL."""
    from app.db import postgresql

    postgresql.SILENCE = postgresql.LONGEST_READ = postgresql.LONGEST_WRITE = 60


def blind() -> None:
    """Never look whether the file of SQLite is still in its place."""
    from app.db.sqlite_file import FileConnection

    patch.object(FileConnection, "is_in_place", lambda _: True).start()


def careless() -> None:
    """Never wait for the disk."""
    from sqlalchemy import event
    from sqlalchemy.pool import Pool

    @event.listens_for(Pool, "checkout")
    def on_checkout(connection: Any, record: Any, proxy: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")


SABOTAGES: dict[str, Callable[[], None]] = {
    "early": early,
    "patient": patient,
    "blind": blind,
    "careless": careless,
}


def create_worker() -> FastAPI:
    """The service, after the sabotage."""
    from app.main import create_worker as unbroken

    if name := os.environ["CHAOS_SABOTAGE"]:
        SABOTAGES[name]()
    return unbroken()


def main(arguments: list[str] | None = None) -> int:
    """`python -m app`, which serves the app of this module."""
    from app.__main__ import main as run

    unbroken = uvicorn.run
    uvicorn.run = lambda _, **options: unbroken("chaos.sabotaged:create_worker", **options)
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
