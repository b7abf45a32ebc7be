"""Reading platforms."""

from datetime import datetime

from sqlalchemy import ColumnElement, select

from app.db.models import Mention, Plan, Platform
from app.reading.listing import Given, Listing, Sorts, one_of
from app.reading.names import Filter

SORTS: Sorts = {
    "notice": [(Platform.position, int)],
    "title": [(Platform.name, str)],
    "changed_at": [(Platform.changed_at, datetime)],
}


def matching(given: Given) -> list[ColumnElement[bool]]:
    """One condition a filter."""
    conditions: list[ColumnElement[bool]] = []
    if "plan" in given:
        named = select(Mention.platform_id).where(one_of(Mention.plan_id, "plan"))
        conditions.append(Platform.id.in_(named))
    if "kind" in given:
        conditions.append(one_of(Platform.kind, "kind"))
    return conditions


PLATFORMS = Listing(Platform, matching, SORTS, (Filter("plan", Plan.id),))
