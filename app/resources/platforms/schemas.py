"""JSON shapes of platforms."""

from pydantic import BaseModel, Field

from app.enums import PlatformKind
from app.http.parameters import ShortText, many
from app.reading.listing import ListQuery, PageInfo, SearchableFilters, SearchableSort
from app.schemas.notice import Platform


class PlatformPage(BaseModel):
    """A page of platforms."""

    data: list[Platform]
    page: PageInfo


class PlatformListQuery(SearchableFilters, ListQuery):
    """Filters of the list of platforms."""

    plan: list[ShortText] = many("id of a plan that names it")
    kind: list[PlatformKind] = many("kind of thing")
    sort: SearchableSort = Field(
        default=SearchableSort.NOTICE,
        description="order, `notice` is that of the registry; - reverses it",
    )
