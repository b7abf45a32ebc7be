"""The queries of platforms."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import select

from app.db.models import Mention, Plan, Platform
from app.enums import MentionMode, PlatformKind
from app.http.parameters import ShortText, many
from app.reading.filters import Through, among
from app.reading.list_params import ListQuery, SearchableFilters, SearchableSort
from app.reading.listing import Listing, Sorts
from app.reading.names import Lookup

MENTIONED = Through(Platform.id, select(Mention.platform_id))


class PlatformListQuery(SearchableFilters, ListQuery):
    """The parameters of the list of platforms."""

    plan: Annotated[
        list[ShortText], among(Mention.plan_id, lookup=Lookup(Plan.id), through=MENTIONED)
    ] = many("ID of a plan that mentions the platform.")
    mode: Annotated[
        list[MentionMode], among(Mention.mode, through=MENTIONED, is_selective=False)
    ] = many("What at least one task, of `plan` if there is one, does with the platform.")
    kind: Annotated[list[PlatformKind], among(Platform.kind)] = many("Kind of platform.")
    sort: SearchableSort = Field(
        default=SearchableSort.NOTICE,
        description="Order; `notice` is the order of the registry; a leading - reverses it.",
    )


SORTS: Sorts = {
    SearchableSort.NOTICE: [(Platform.position, int)],
    SearchableSort.TITLE: [(Platform.name, str)],
    SearchableSort.CHANGED_AT: [(Platform.changed_at, datetime)],
}
PLATFORMS = Listing.of(Platform, PlatformListQuery, SORTS)
