"""The parameters and orders that lists share."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field
from sqlalchemy import bindparam, select, union

from app.db.models import Agency, CollectiveMember, Delegation, Succession
from app.enums import TableHeader
from app.http.media_types import HEADER, ListFormat
from app.http.parameters import (
    Boolean,
    CursorText,
    Moment,
    PageLimit,
    ShortText,
    many,
)
from app.http.problems import FieldError, Message
from app.reading.filters import Filter, Widening, filter_value, one_of
from app.reading.governments import GovernmentFilters
from app.reading.names import Lookup

PLAN = many("Plan ID.", examples=[["gd-dg-2022"]])
TASK = many("Task ID.", examples=[["gd-dg-2022-t17.2"]])
AGENCY_BY_NAME = many(
    "Agency ID, or any registered name of the agency in Simplified or Traditional Chinese.",
    examples=[["省公安厅"]],
)
Q = (
    "Search words, separated by spaces: at most 12, all of which must match, in Simplified or "
    'Traditional Chinese; a word has at least one character, and `"…"` is one word. Quotes, '
    "brackets, 、, · and + between Chinese characters are ignored. A citation, label, document "
    "number or ID finds the resource that it identifies."
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
# What agencies came from, through any number of reorganisations.
_BEFORE = (
    select(Succession.predecessor_id)
    .where(Succession.successor_id.in_(bindparam("ids", expanding=True)))
    .cte("before", recursive=True)
)
_BEFORE = _BEFORE.union(
    select(Succession.predecessor_id).join(
        _BEFORE, Succession.successor_id == _BEFORE.c.predecessor_id
    )
)
PREDECESSORS = select(_BEFORE.c.predecessor_id)


def only_with_agency(parameter: str) -> FieldError:
    """The error of a parameter that adds to `agency`, without it."""
    return FieldError(
        "query",
        parameter,
        Message(
            f"{parameter}=true 须与 agency 一同使用。",
            f"{parameter}=true can only be used together with agency.",
        ),
    )


class PageInfo(BaseModel):
    """Pagination."""

    limit: int = Field(description="Maximum number of rows per page.", examples=[100])
    total: int = Field(description="Exact number of rows in the whole list.", examples=[76])
    next: str | None = Field(description="`cursor` of the next page; null on the last page.")
    missing: list[str] = Field(description="IDs requested by `id` that do not exist.")


class Filters(GovernmentFilters):
    """The filters that every list has."""

    id: Annotated[list[ShortText], OF_ID] = many(
        "Only resources with these IDs; IDs that do not exist are ignored."
    )
    changed_since: Annotated[Moment | None, CHANGED_SINCE] = Field(
        default=None,
        description="Only resources changed at this time or later (RFC 3339; the offset may omit "
        "its colon).",
        examples=["2022-02-28T00:00:00Z"],
    )

    @property
    def resolved_defaults(self) -> str:
        """Defaults that the rows depend on although they are not in the URL, such as today."""
        return ""


class ListQuery(Filters):
    """The parameters that every list has."""

    id: Annotated[list[ShortText], OF_ID] = many(
        "Only resources with these IDs; IDs that do not exist are listed in `page.missing`."
    )
    limit: PageLimit = Field(default=100, description="Maximum number of rows per page.")
    cursor: CursorText | None = Field(
        default=None, description="`page.next` of the previous page, unchanged."
    )
    format: ListFormat | None = Field(
        default=None,
        description="Response format; overrides the Accept header. Without `limit`, every format "
        "but `json` returns the whole list.",
    )
    header: TableHeader | None = Field(default=None, description=HEADER)


class SearchableFilters(Filters):
    """The filters of a list that can be searched."""

    q: ShortText | None = Field(
        default=None,
        description=Q,
        examples=["数据"],
    )


CollectivesToo = Annotated[
    Boolean | None,
    Field(
        description="If true, `agency` also matches assignments to the collectives that the agency "
        "belongs to; requires `agency`."
    ),
    Widening(AGENCY, COLLECTIVES, only_with_agency("collectives")),
]
SuccessionToo = Annotated[
    Boolean | None,
    Field(
        description="If true, `agency` also matches assignments to its predecessors, which went "
        "over into it by renaming, merger or division; requires `agency`."
    ),
    Widening(AGENCY, PREDECESSORS, only_with_agency("succession")),
]


class ListSort(StrEnum):
    """Sort order; a leading - reverses it."""

    NOTICE = "notice"
    NOTICE_REVERSED = "-notice"
    TITLE = "title"
    TITLE_REVERSED = "-title"
    CHANGED_AT = "changed_at"
    CHANGED_AT_REVERSED = "-changed_at"


class SearchableSort(StrEnum):
    """Sort order of a searchable list; `relevance` requires `q`. A leading - reverses it."""

    NOTICE = "notice"
    NOTICE_REVERSED = "-notice"
    TITLE = "title"
    TITLE_REVERSED = "-title"
    CHANGED_AT = "changed_at"
    CHANGED_AT_REVERSED = "-changed_at"
    RELEVANCE = "relevance"
    RELEVANCE_REVERSED = "-relevance"


class CommitmentSort(StrEnum):
    """Order of tasks and targets; `relevance` requires `q`, a leading - reverses it."""

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
