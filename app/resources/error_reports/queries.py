"""Reading error reports."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field
from sqlalchemy import ColumnElement, func, select

from app.clock import day_in_china
from app.db.engine import Reader
from app.db.models import ErrorReport as ErrorReportRow
from app.db.models import Plan, ReceivedError
from app.enums import ErrorOutcome, ErrorReportState
from app.http.parameters import ShortText, many
from app.http.problems import FieldError, ForbiddenError, InvalidParametersError, Message
from app.kinds.document import moment
from app.kinds.error_report import ERROR_REPORT, error_document
from app.projections.json_text import as_json
from app.reading.cursors import filters_of, read_cursor, write_cursor
from app.reading.filters import Filter, among, one_of
from app.reading.list_params import PLAN, ListQuery, PageInfo
from app.reading.listing import Listing, Sorts
from app.reading.names import Lookup
from app.reading.paging import links
from app.writing.keys import Caller
from app.writing.reach import NO_JURISDICTION, reaches

WITH_OPEN = {"state", "limit", "cursor", "lang"}  # parameters of the private list
ONLY_RESOLVED = Message(
    "state=open 只能与 limit、cursor、lang 一同使用。",
    "With state=open, only limit, cursor and lang are possible.",
)
OF_OUTCOME = Filter(lambda table, name: one_of(table.outcome, name))
OF_SUBJECT = Filter(lambda table, name: one_of(table.about_id, name))


class ErrorReportSort(StrEnum):
    """Sort order of error reports; a leading - reverses it."""

    RESOLVED_AT = "resolved_at"
    RESOLVED_AT_REVERSED = "-resolved_at"
    CHANGED_AT = "changed_at"
    CHANGED_AT_REVERSED = "-changed_at"


class ErrorReportListQuery(ListQuery):
    """The parameters of the list of error reports."""

    state: ErrorReportState | None = Field(
        default=None,  # a default in the contract would be that of the member of documents, too
        description="Default: `resolved`. `open` needs the key of a coordinator, and allows only "
        "`limit`, `cursor` and `lang` beside it.",
    )
    plan: Annotated[list[ShortText], among(ErrorReportRow.plan_id, lookup=Lookup(Plan.id))] = PLAN
    about: Annotated[list[ShortText], OF_SUBJECT] = many(
        "ID of the resource that the report is about.", examples=[["gd-dg-2022-t17.2"]]
    )
    outcome: Annotated[list[ErrorOutcome], OF_OUTCOME] = many("Outcomes of the report.")
    sort: ErrorReportSort = Field(
        default=ErrorReportSort.RESOLVED_AT, description="Sort order; a leading - reverses it."
    )

    @property
    def is_private(self) -> bool:
        """Open reports are for coordinators."""
        return self.state is ErrorReportState.OPEN


SORTS: Sorts = {
    ErrorReportSort.RESOLVED_AT: [(ErrorReportRow.recorded_at, datetime)],
    ErrorReportSort.CHANGED_AT: [(ErrorReportRow.changed_at, datetime)],
}
ERROR_REPORTS = Listing.of(ErrorReportRow, ErrorReportListQuery, SORTS)


def within_reach(caller: Caller) -> ColumnElement[bool]:
    """The condition that a coordinator resolves an open report: of its governments, or of none.

    Raises ForbiddenError.
    """
    own = caller.jurisdiction_code
    if own is None:
        raise ForbiddenError(NO_JURISDICTION)
    return reaches(own, ReceivedError.jurisdiction_code) | ReceivedError.jurisdiction_code.is_(None)


async def open_reports(
    reader: Reader, request: Request, caller: Caller, params: ErrorReportListQuery
) -> Response:
    """A page of the open reports that the caller reaches, oldest first; two statements."""
    if others := sorted(params.model_fields_set - WITH_OPEN):
        errors = [FieldError("query", name, ONLY_RESOLVED) for name in others]
        raise InvalidParametersError(errors=errors)
    filters, reached = filters_of(request), within_reach(caller)
    found = (
        select(*ReceivedError.__table__.columns)
        .order_by(ReceivedError.ordinal)
        .limit(params.limit + 1)
    )
    found = found.where(reached)
    if params.cursor:
        (after,) = read_cursor(params.cursor, filters, [int])
        found = found.where(ReceivedError.ordinal > after)
    rows = (await reader.execute(found)).all()
    counted = select(func.count()).select_from(ReceivedError).where(reached)
    total = (await reader.execute(counted)).scalar_one()
    cursor = None
    if len(rows) > params.limit:
        rows = rows[: params.limit]
        cursor = write_cursor([rows[-1].ordinal], filters)
    page = PageInfo(limit=params.limit, total=total, next=cursor, missing=[])
    body = as_json({"data": [_open(row) for row in rows], "page": page.model_dump()})
    return Response(body, headers=links(request, cursor))


def _open(row: Any) -> dict[str, object]:
    """An open report in the shape of a resolved one, which is its first version."""
    document = error_document(row, day_in_china(row.received_at))
    received_at = moment(row.received_at)
    html_url = ERROR_REPORT.html_url(document)
    return {**document, "html_url": html_url, "version": 1, "changed_at": received_at}
