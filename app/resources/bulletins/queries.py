"""Reading bulletins."""

from datetime import date, datetime

from sqlalchemy import ColumnElement

from app.db.models import Bulletin, Plan
from app.reading.listing import Given, Listing, Sorts, one_of, value_of
from app.reading.names import Filter

SORTS: Sorts = {
    "recorded_at": [(Bulletin.recorded_at, datetime)],
    "published_on": [(Bulletin.published_on, date)],
    "changed_at": [(Bulletin.changed_at, datetime)],
}
PLAIN = {"plan": Bulletin.plan_id, "state": Bulletin.state}


def matching(given: Given) -> list[ColumnElement[bool]]:
    """One condition a filter."""
    conditions = [one_of(column, name) for name, column in PLAIN.items() if name in given]
    day = Bulletin.published_on
    if "published_from" in given:
        conditions.append(day >= value_of("published_from", day.type))
    if "published_to" in given:
        conditions.append(day <= value_of("published_to", day.type))
    return conditions


BULLETINS = Listing(Bulletin, matching, SORTS, (Filter("plan", Plan.id),))
