"""The parameters and orders that lists share."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field
from sqlalchemy import bindparam, select, union

from app.db.models import Agency, CollectiveMember, Delegation
from app.enums import TableHeader
from app.http.media_types import HEADER, ListFormat
from app.http.parameters import (
    Boolean,
    CursorText,
    Moment,
    PageLimit,
    Query,
    ShortText,
    many,
)
from app.http.problems import FieldError, Message
from app.reading.filters import Filter, Widening, filter_value, one_of
from app.reading.names import Lookup

PLAN = many("id of a plan", examples=[["gd-dg-2022"]])
TASK = many("id of a task", examples=[["gd-dg-2022-t17.2"]])
AGENCY_BY_NAME = many(
    "id of an agency, or any known name of it in either script", examples=[["省公安厅"]]
)
OF_ID = Filter(lambda table, name: one_of(table.id, name))
CHANGED_SINCE = Filter(
    lambda table, name: table.changed_at >= filter_value(name, table.changed_at.type)
)
AGENCY = Lookup(Agency.id)
# The collectives that agencies belong to.
COLLECTIVES = union(
    *(
        select(link.collective_id).where(link.agency_id.in_(bindparam("ids", expanding=True)))
        for link in (CollectiveMember, Delegation)
    )
)
ONLY_WITH_AGENCY = FieldError(
    "query",
    "collectives",
    Message(
        "collectives=true 须与 agency 一同使用。",
        "collectives=true can only be used together with agency.",
    ),
)


class PageInfo(BaseModel):
    """Where a page stands in its list."""

    limit: int = Field(description="rows on a page, at the most", examples=[100])
    total: int = Field(description="rows of the whole list, exact", examples=[76])
    next: str | None = Field(description="`cursor` of the next page; null on the last one")
    missing: list[str] = Field(description="ids that were asked for by `id` and do not exist")


class Filters(Query):
    """The filters that every list has."""

    id: Annotated[list[ShortText], OF_ID] = many("only these; ids that do not exist are left aside")
    changed_since: Annotated[Moment | None, CHANGED_SINCE] = Field(
        default=None,
        description="only what changed at this moment or later; any moment of RFC 3339, also with "
        "an offset without a colon",
        examples=["2022-02-28T00:00:00Z"],
    )

    @property
    def beside_url(self) -> str:
        """What the rows depend on beside the URL and the data; nothing, unless a subclass says so."""
        return ""


class ListQuery(Filters):
    """The parameters that every list has."""

    id: Annotated[list[ShortText], OF_ID] = many(
        "fetch these; ids that do not exist are named in page.missing"
    )
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
    Widening(AGENCY, COLLECTIVES, ONLY_WITH_AGENCY),
]


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
