"""Comparisons that nobody asked for before: computed in a thread, once, few at a time, then stored.

The result depends on the two plans alone, so that storing it is no change that readers see.
"""

import asyncio
import logging
from datetime import datetime
from functools import partial

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.db.engine import Reader
from app.db.models import Comparison
from app.http.problems import (
    ApiError,
    FieldError,
    InvalidParametersError,
    Message,
    UnavailableError,
)
from app.projections.comparison.storing import (
    INPUTS,
    Rows,
    compared_plan,
    read_inputs,
    store_comparison,
)
from app.projections.comparison.storing import MOST_TASKS as MOST_WHEN_LOADED
from app.projections.json_text import as_json
from app.writing.writer import Writer

MOST_AT_ONCE = 2  # of one worker; each takes some hundred milliseconds of its thread
MOST_TASKS = 300  # of a plan
LONGEST_TEXTS = 30_000  # code points of the titles and texts of a plan
UNTIL_INSTALLED = 24 * 60 * 60  # seconds after which it is worth another attempt
BUSY = Message(
    "正在比较的工作要点较多；请按 Retry-After 稍后再试。",
    "Several plans are being compared now; try again after Retry-After seconds.",
)
NOT_HERE = Message(
    "本服务只提供已有的比较结果（未安装 requirements-loader.txt）。",
    "This service provides only the comparisons that are stored; "
    "requirements-loader.txt is not installed.",
)
TOO_LARGE = Message(
    f"两份工作要点过大，不能即时比较（每份最多 {MOST_TASKS} 项任务）；"
    f"同一系列的相邻年度在载入时比较（每份最多 {MOST_WHEN_LOADED} 项）。",
    f"These plans are too large to be compared at a request (at most {MOST_TASKS} tasks each); "
    f"neighbours in a series are compared when they are loaded, with at most {MOST_WHEN_LOADED} each.",
)
Inputs = tuple[tuple[str, Rows], tuple[str, Rows]]  # id and rows of both plans
log = logging.getLogger("app")


class Computing:
    """The comparisons that a worker is computing or storing."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.running: dict[Inputs, asyncio.Task[str]] = {}
        # For a request that looked for it in the store just before it was there.
        self.latest: tuple[Inputs, str] | None = None
        self.storing: set[asyncio.Task[None]] = set()

    async def comparison(self, reader: Reader, plan_id: str, earlier_id: str) -> str:
        """The document; requests for the same one wait for it together.

        Raises UnavailableError if others are being computed, InvalidParametersError if it is too much.
        """
        inputs = (
            (plan_id, await _rows(reader, plan_id)),
            (earlier_id, await _rows(reader, earlier_id)),
        )
        if self.latest and self.latest[0] == inputs:
            return self.latest[1]
        if inputs not in self.running:
            if len(self.running) >= MOST_AT_ONCE:
                raise UnavailableError(BUSY)
            self.running[inputs] = asyncio.create_task(asyncio.to_thread(_document, inputs))
            storing = asyncio.create_task(self._store(inputs))
            self.storing.add(storing)
            storing.add_done_callback(self.storing.discard)
        return await asyncio.shield(self.running[inputs])

    async def close(self) -> None:
        """Finish the work in progress."""
        await asyncio.gather(*self.storing, return_exceptions=True)

    async def _store(self, inputs: Inputs) -> None:
        """Store the document when it is there; nobody waits for that, and it may fail."""
        try:
            document = await self.running[inputs]
            await self.writer.run(partial(_store_if_unchanged, inputs, document))
            self.latest = (inputs, document)
        except ApiError:  # for those who wait for the document
            return
        except SQLAlchemyError as error:
            log.warning("A comparison was not stored: %s", error)
        finally:
            del self.running[inputs]


async def _rows(reader: Reader, plan_id: str) -> Rows:
    found = [await reader.execute(one, {"plan": plan_id}) for one in INPUTS.values()]
    return tuple(tuple(map(tuple, rows)) for rows in found)


def _document(inputs: Inputs) -> str:
    """In a thread: the comparison of two plans."""
    here, there = (compared_plan(*one) for one in inputs)
    for plan in (here, there):
        if len(plan.tasks) > MOST_TASKS or plan.length > LONGEST_TEXTS:
            raise InvalidParametersError(errors=[FieldError("query", "with", TOO_LARGE)])
    try:
        from app.projections.comparison.document import Compared  # numpy takes 20 MB
    except ImportError:
        raise UnavailableError(NOT_HERE, UNTIL_INSTALLED) from None
    return as_json(Compared(here, there).document())


def _store_if_unchanged(inputs: Inputs, document: str, session: Session, now: datetime) -> None:
    """Store it, unless another worker has, or a plan was loaded meanwhile."""
    (plan_id, _), (earlier_id, _) = inputs
    is_current = all(read_inputs(session, id_) == rows for id_, rows in inputs)
    if is_current and not session.get(Comparison, (plan_id, earlier_id)):
        store_comparison(session, (plan_id, earlier_id), document, links=None)
