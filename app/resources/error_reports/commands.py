"""Receiving and resolving error reports."""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.clock import day_in_china
from app.db.models import ErrorReport, Platform, ReceivedError, Region
from app.http.problems import ConflictError, Message, NotFoundError, UnavailableError
from app.resources.error_reports.queries import within_reach
from app.resources.error_reports.schemas import ResolutionSubmission, Subject
from app.writing.audit_log import Event
from app.writing.facts import common_columns, store
from app.writing.group import Group
from app.writing.reach import foreign
from app.writing.unit_of_work import Write, WriteResult
from app.writing.writer import Writer

MOST_OPEN = 1000
DAY = 24 * 60 * 60  # seconds; coordinators resolve reports on working days
READERS = "readers"  # the writer's queue counts them as one key
FULL = Message(
    f"待处理的错误报告已有 {MOST_OPEN} 份，暂停接收；请过些日子再试。",
    f"{MOST_OPEN} error reports are open, so no more are accepted for now; "
    "try again in a few days.",
)
RESOLVED = Message("这份报告已经答复。", "This report is already resolved.")
NO_REPORT = Message(
    "没有这份待处理的报告；全部列在 /v1/error-reports?state=open。",
    "There is no such open report; /v1/error-reports?state=open lists all.",
)


async def receive(writer: Writer, subject: Subject, message: str) -> None:
    """Store a reader's report; raises UnavailableError if there are too many open ones."""
    await writer.in_turn(READERS, _receive, subject, message)


def _receive(group: Group, subject: Subject, message: str) -> None:
    """Runs in the writer's thread; the same report twice is one."""
    with group.shared.one_write() as statements:
        session = statements.session
        same = select(ReceivedError.id).where(
            ReceivedError.about_resource == subject.resource,
            ReceivedError.about_id == subject.id,
            ReceivedError.message == message,
        )
        if session.scalar(same.limit(1)):
            return
        if (session.scalar(select(func.count()).select_from(ReceivedError)) or 0) >= MOST_OPEN:
            raise UnavailableError(FULL, DAY)
        now = group.moment()
        ordinal = _next_ordinal(session)
        columns = {**subject.columns, "message": message, "received_at": now}
        if subject.resource == Platform.__tablename__:
            columns["jurisdiction_code"] = _owner_of_platform(session, subject.id)
        session.add(ReceivedError(id=f"error-{ordinal}", ordinal=ordinal, **columns))
    group.record(Event("receiveErrorReport", "accepted", path="/errors"), now)


def _owner_of_platform(session: Session, id_: str) -> str | None:
    """The government of a platform, which its document does not name; None if it is not known."""
    owner = select(Region.code).join(Platform, Platform.scope_code == Region.code)
    return session.scalar(owner.where(Platform.id == id_))


def _next_ordinal(session: Session) -> int:
    """An ordinal that no open and no resolved report has; ids are never reused."""
    last = [session.scalar(select(func.max(one.ordinal))) for one in (ReceivedError, ErrorReport)]
    return max(one or 0 for one in last) + 1


def resolve_report(write: Write, id_: str, new: ResolutionSubmission) -> WriteResult:
    """Resolve an open report, which publishes it."""
    session = write.session
    is_printed = id_.isascii() and id_.isprintable()
    received = session.get(ReceivedError, id_) if is_printed else None
    if received is None:
        if is_printed and session.get(ErrorReport, id_) is not None:
            raise ConflictError(RESOLVED)
        raise NotFoundError(NO_REPORT)
    reached = select(ReceivedError.id).where(ReceivedError.id == id_, within_reach(write.caller))
    if session.scalar(reached) is None:
        raise foreign(session, write.caller.jurisdiction_code or "", received.jurisdiction_code)
    columns = {
        name: getattr(received, name)
        for name in ErrorReport.recorded
        if hasattr(ReceivedError, name)
    }
    report = ErrorReport(
        **columns | ({} if new.publish_message else {"message": None}),
        **common_columns(write),
        received_on=day_in_china(received.received_at),
        outcome=new.outcome,
        answer=new.answer,
    )
    session.execute(delete(ReceivedError).where(ReceivedError.id == id_))
    return store(write, report)
