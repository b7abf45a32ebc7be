"""JSON shapes of agencies."""

from pydantic import BaseModel, Field

from app.enums import AgencyKind, Role
from app.http.parameters import ShortText, many
from app.reading.listing import ListQuery, ListSort, PageInfo
from app.schemas.notice import Agency


class AgencyPage(BaseModel):
    """A page of agencies."""

    data: list[Agency]
    page: PageInfo


class AgencyListQuery(ListQuery):
    """Filters of the list of agencies."""

    name: list[ShortText] = many(
        "any name, short form or alias, in either script; all bodies that share it",
        examples=[["公安厅"]],
    )
    kind: list[AgencyKind] = many("kind of body")
    region: list[ShortText] = many("GB/T 2260 code or name of its region")
    plan: list[ShortText] = many("id of a plan that gives it work")
    role: list[Role] = many("has this role in some task")
    sort: ListSort = Field(
        default=ListSort.NOTICE,
        description="order, `notice` is that of the registry; - reverses it",
    )
