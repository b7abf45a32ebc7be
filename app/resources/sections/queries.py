"""Reading sections."""

from datetime import datetime

from sqlalchemy import ColumnElement

from app.db.models import Plan, Section
from app.reading.listing import Given, Listing, Sorts, one_of
from app.reading.names import Filter

SORTS: Sorts = {
    "notice": [(Section.plan_id, str), (Section.ordinal, int)],
    "title": [(Section.heading, str)],
    "changed_at": [(Section.changed_at, datetime)],
}


def matching(given: Given) -> list[ColumnElement[bool]]:
    """One condition a filter."""
    return [one_of(Section.plan_id, "plan")] if "plan" in given else []


SECTIONS = Listing(Section, matching, SORTS, (Filter("plan", Plan.id),))
