"""What a list is: its table, its filters and its orders, and the statements made of them.

A statement is made once for each shape of request (which filters are given, which order) and gets
the values at each execution: making it costs several times what executing it does.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Select, bindparam, func, select, tuple_

from app.db.engine import Reader
from app.db.models import Assignment
from app.db.revision import READ_REVISION
from app.enums import TableHeader
from app.http.media_types import HEADER, ListFormat
from app.http.parameters import (
    Boolean,
    CursorText,
    IsoDate,
    Moment,
    PageLimit,
    Query,
    ShortText,
    many,
)
from app.http.problems import FieldError, InvalidParametersError, Words
from app.reading.bounded import BoundedMap, digest
from app.reading.cursors import NOT_FILTERS
from app.reading.names import COLLECTIVES, MOST_SHAPES, Filter, resolve

Given = AbstractSet[str]  # names of the filters that a request has
Values = Mapping[str, Any]  # parameter → its value, or the ids that its values mean
Sorts = Mapping[str, Sequence[tuple[Any, type]]]  # name → expressions and their types
MOST_BYTES_OF_TOTALS = 1 << 20
ONLY_WITH_AGENCY = FieldError(
    "query",
    "collectives",
    Words(
        "collectives=true 须与 agency 一同使用。",
        "collectives=true can only be used together with agency.",
    ),
)
TOTAL = 100  # bytes of a total and its key


class PageInfo(BaseModel):
    """Where a page stands in its list."""

    limit: int = Field(description="rows on a page, at the most", examples=[100])
    total: int = Field(description="rows of the whole list, exact", examples=[76])
    next: str | None = Field(description="`cursor` of the next page; null on the last one")
    missing: list[str] = Field(description="ids that were asked for by `id` and do not exist")


class Filters(Query):
    """The filters that every list has."""

    id: list[ShortText] = many("only these; ids that do not exist are left aside")
    changed_since: Moment | None = Field(
        default=None,
        description="only what changed at this moment or later; any moment of RFC 3339, also with "
        "an offset without a colon",
        examples=["2022-02-28T00:00:00Z"],
    )

    def given(self) -> dict[str, Any]:
        """The filters that a request has, by name; `q` and `sort` are none of them."""
        named = self.model_fields_set.difference(NOT_FILTERS, ("q", "sort"))
        return {name: value for name in named if (value := getattr(self, name)) not in (None, [])}


class ListQuery(Filters):
    """The parameters that every list has."""

    id: list[ShortText] = many("fetch these; ids that do not exist are named in page.missing")
    limit: PageLimit = Field(default=100, description="rows on a page, at the most")
    cursor: CursorText | None = Field(
        default=None, description="`page.next` of the page before, as it is"
    )
    format: ListFormat | None = Field(
        default=None,
        description="in place of the Accept header; all but `json` give the whole list where "
        "no `limit` is given",
    )
    header: TableHeader | None = Field(default=None, description=HEADER)


class SearchableFilters(Filters):
    """The filters of a list that can be searched."""

    q: ShortText | None = Field(
        default=None,
        description="words that must all match, in either script, from one character up; quotes, brackets, 、, · "
        "and + between Chinese characters make no difference; "
        '`"…"` is one word, of at most 12; a citation, a label, a document number or an id finds what it names',
        examples=["数据"],
    )


CollectivesToo = Annotated[
    Boolean | None,
    Field(
        description="true, with `agency`: also what is assigned to the collectives that it belongs "
        "to, see `collectives` of an agency"
    ),
]


class OverdueFilters(Filters):
    """The filters of what has a date: tasks and targets."""

    overdue: Boolean | None = Field(
        default=None,
        description="true: due before today in China (UTC+8), or before `overdue_on`, by a date that "
        "the notice states, and not reported completed, or measured as met; false: only the others",
    )
    period_ended: Boolean | None = Field(
        default=None,
        description="true: not completed, or not met, and past only by the end of the plan's period "
        "(`due_basis` is `plan_year`), before today in China or `overdue_on`; false: only the others",
    )
    overdue_on: IsoDate | None = Field(
        default=None,
        description="the day for `overdue` and `period_ended`; where neither is given, `overdue` is "
        "true",
    )

    def settle(self, today: Callable[[], date]) -> None:
        if self.overdue_on is None and (self.overdue, self.period_ended) != (None, None):
            self.overdue_on = today()

    def given(self) -> dict[str, Any]:
        values = super().given()
        day = values.pop("overdue_on", None)
        overdue, ended = values.pop("overdue", None), values.pop("period_ended", None)
        if day and (overdue, ended) == (None, None):
            overdue = True
        if overdue is not None:
            values["overdue_on" if overdue else "in_time_on"] = day
        if ended is not None:
            values["period_ended_on" if ended else "period_open_on"] = day
        return values


# The names under which `OverdueFilters` gives its day.
DAYS = ("overdue_on", "in_time_on", "period_ended_on", "period_open_on")


class ListSort(StrEnum):
    """Order of a list; a leading - reverses it."""

    NOTICE = "notice"
    NOTICE_REVERSED = "-notice"
    TITLE = "title"
    TITLE_REVERSED = "-title"
    CHANGED_AT = "changed_at"
    CHANGED_AT_REVERSED = "-changed_at"


class SearchableSort(StrEnum):
    """Order of a list that can be searched; `relevance` goes with `q`, a leading - reverses."""

    NOTICE = "notice"
    NOTICE_REVERSED = "-notice"
    TITLE = "title"
    TITLE_REVERSED = "-title"
    CHANGED_AT = "changed_at"
    CHANGED_AT_REVERSED = "-changed_at"
    RELEVANCE = "relevance"
    RELEVANCE_REVERSED = "-relevance"


class CommitmentSort(StrEnum):
    """Order of tasks and targets; `relevance` goes with `q`, a leading - reverses."""

    NOTICE = "notice"
    NOTICE_REVERSED = "-notice"
    CODE = "code"
    CODE_REVERSED = "-code"
    TITLE = "title"
    TITLE_REVERSED = "-title"
    DUE_ON = "due_on"
    DUE_ON_REVERSED = "-due_on"
    CHANGED_AT = "changed_at"
    CHANGED_AT_REVERSED = "-changed_at"
    RELEVANCE = "relevance"
    RELEVANCE_REVERSED = "-relevance"


def one_of(column: Any, parameter: str) -> ColumnElement[bool]:
    """The condition that a column has one of the values of a parameter."""
    condition: ColumnElement[bool] = column.in_(
        bindparam(parameter, expanding=True, type_=column.type)
    )
    return condition


def assigned_to(task_id: Any, assigned: Select[str], given: Given) -> ColumnElement[bool]:
    """That a task has an assignment.

    Found from the agency where one is given, as it has few; looked for at each task where only a
    role or a kind is, as nearly all have that.
    """
    if "agency" in given:
        condition: ColumnElement[bool] = task_id.in_(assigned)
        return condition
    return assigned.where(Assignment.task_id == task_id).correlate(task_id.class_).exists()


def value_of(parameter: str, type_: Any) -> Any:
    """The value of a parameter, as a column of this type holds it."""
    return bindparam(parameter, type_=type_)


@dataclass(frozen=True, eq=False)
class Listing:
    """A resource's list.

    `matching` gives the conditions of the filters that are given, whose values are parameters;
    `look_ups` are the filters that take ids or names.
    """

    table: Any
    matching: Callable[[Given], Sequence[ColumnElement[bool]]]
    sorts: Sorts
    look_ups: tuple[Filter, ...] = ()

    async def values(self, reader: Reader, wanted: Filters) -> dict[str, Any]:
        """What the filters of a request mean; one statement, where there are ids or names.

        One more where `agency` means its collectives, too.
        """
        given = wanted.given()
        with_collectives = given.pop("collectives", False)
        if with_collectives and "agency" not in given:
            raise InvalidParametersError(errors=[ONLY_WITH_AGENCY])
        values = {**given, **await resolve(reader, self.look_ups, given)}
        if with_collectives:
            found = await reader.execute(COLLECTIVES, {"agency": values["agency"]})
            values["agency"] = [*values["agency"], *found.scalars()]
        return values

    def conditions(self, given: Given) -> list[ColumnElement[bool]]:
        """The conditions of all filters that are given; what is withdrawn is in no list."""
        table = self.table
        conditions = [table.withdrawn_at.is_(None)]
        if "id" in given:
            conditions.append(one_of(table.id, "id"))
        if "changed_since" in given:
            moment = value_of("changed_since", table.changed_at.type)
            conditions.append(table.changed_at >= moment)
        return [*conditions, *self.matching(given)]

    def keys(self, sort: str) -> Sequence[tuple[Any, type]]:
        """The expressions of an order, which the id makes total, and their types."""
        return [*self.sorts[sort.removeprefix("-")], (self.table.id, str)]


@lru_cache(MOST_SHAPES)
def page_statement(listing: Listing, given: Given, sort: str, *, after: bool) -> Select[Any]:
    """Documents and their sort keys, `rows` at the most, after `after_0`, `after_1`… if asked."""
    expressions = [expression for expression, _ in listing.keys(sort)]
    descending = sort.startswith("-")
    page = select(listing.table.document, *expressions).where(*listing.conditions(given))
    if after:
        here = tuple_(*expressions)
        last = tuple_(*(value_of(f"after_{i}", e.type) for i, e in enumerate(expressions)))
        page = page.where(here < last if descending else here > last)
    page = page.order_by(*(e.desc() if descending else e.asc() for e in expressions))
    return page.limit(bindparam("rows"))


@lru_cache(MOST_SHAPES)
def count_statement(listing: Listing, given: Given) -> Select[Any]:
    """How many rows the whole list has."""
    counted = select(func.count()).select_from(listing.table)
    return counted.where(*listing.conditions(given))


class Totals:
    """Lengths of lists that were counted, by version of the data: counting costs by length."""

    def __init__(self) -> None:
        self.counted: BoundedMap[bytes, int] = BoundedMap(MOST_BYTES_OF_TOTALS)

    async def of(self, reader: Reader, filters: bytes, counted: Select[Any], values: Values) -> int:
        """The length of the list with these filters, as the reader sees it; two statements.

        The version is that of the reader's snapshot: others may count another one meanwhile.
        """
        version = (await reader.execute(READ_REVISION)).one()
        key = digest(*version, filters)
        total = self.counted.get(key)
        if total is None:
            total = int((await reader.execute(counted, values)).scalar_one())
            self.counted.put(key, total, TOTAL)
        return total


@lru_cache(MOST_SHAPES)
def existing_statement(listing: Listing) -> Select[Any]:
    """Which of the ids of `id` exist."""
    table = listing.table
    return select(table.id).where(one_of(table.id, "id"), table.withdrawn_at.is_(None))
