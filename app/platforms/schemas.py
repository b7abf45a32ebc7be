"""JSON shapes of platforms."""

from pydantic import BaseModel, Field

from app.listings import ListQuery, PageInfo, SearchableFilters, SearchableSort
from app.parameters import ShortText, many
from app.schemas import Platform
from app.vocabulary import PlatformKind


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
