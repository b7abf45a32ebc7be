"""JSON shapes of agencies."""

from pydantic import BaseModel, Field

from app.listings import ListQuery, PageInfo, SortBasic
from app.parameters import ShortText, many
from app.schemas import PlaceRef, RoleCounts
from app.vocabulary import AgencyKind, Role


class Agency(BaseModel):
    """A body that notices give work to.

    A collective (各地级以上市政府) stands for bodies that the notice does not list; it is never
    expanded.
    """

    id: str = Field(examples=["gd-public-security"])
    name: str = Field(description="the form of official lists", examples=["省公安厅"])
    official_name: str = Field(examples=["广东省公安厅"])
    english_name: str | None = Field(description="null until the body's own can be cited")
    kind: AgencyKind
    region: PlaceRef
    aliases: list[str] = Field(description="other names in use", examples=[["公安厅"]])
    is_collective: bool
    counts: RoleCounts


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
    sort: SortBasic = Field(
        default="notice", description="order, `notice` is that of the registry; - reverses it"
    )
