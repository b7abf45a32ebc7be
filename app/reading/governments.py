"""Filters by government, year and series, declared once for all lists.

Rows are those of a plan, or of governments themselves; agencies have a government of their own, and are
in a year or series by an assignment, platforms by a task that mentions them.
"""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Annotated, Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from app.db.models import (
    Agency,
    Assignment,
    ErrorReport,
    Jurisdiction,
    Mention,
    Plan,
    PlanYear,
    Platform,
    Region,
    SearchEntry,
    Task,
)
from app.http.parameters import Query, ShortText, Year, many
from app.reading.filters import Filter, conditions_of, declared, one_of
from app.reading.names import Lookup

GOVERNMENT = Lookup(Region.code)
SERIES = Lookup(Plan.series)


def in_plans(table: Any, plans: Select[Any]) -> ColumnElement[bool]:
    """The condition that a row belongs to one of the plans whose ids are selected."""
    if table is Agency:
        assigned = select(Assignment.agency_id).join(Task, Task.id == Assignment.task_id)
        column, rows = (
            Agency.id,
            assigned.where(Task.plan_id.in_(plans), Task.withdrawn_at.is_(None)),
        )
    elif table is Platform:
        mentioned = select(Mention.platform_id).where(Mention.task_id.is_not(None))
        column, rows = Platform.id, mentioned.where(Mention.plan_id.in_(plans))
    elif table is Jurisdiction:
        of_plans = select(Plan.jurisdiction_code).where(Plan.id.in_(plans))
        column, rows = Jurisdiction.id, of_plans
    else:
        column, rows = (table.id if table is Plan else table.plan_id), plans
    condition: ColumnElement[bool] = column.in_(rows)
    return condition


def of_governments(table: Any, condition: Any) -> ColumnElement[bool]:
    """The condition that the government of a row meets a condition on its code."""
    own = Jurisdiction.id if table is Jurisdiction else getattr(table, "jurisdiction_code", None)
    if own is None:
        of_plans = in_plans(table, select(Plan.id).where(condition(Plan.jurisdiction_code)))
        return or_(of_plans, _about(condition)) if table is ErrorReport else of_plans
    found: ColumnElement[bool] = condition(own)
    return found


def _about(condition: Any) -> ColumnElement[bool]:
    """The condition on error reports about an agency or platform of such a government, or about it."""
    agencies = select(Agency.id).where(condition(Agency.jurisdiction_code))
    platforms = select(Platform.id).where(condition(Platform.scope_code))
    subject = ErrorReport.about_id
    return or_(
        and_(ErrorReport.about_resource == Agency.__tablename__, subject.in_(agencies)),
        and_(ErrorReport.about_resource == Platform.__tablename__, subject.in_(platforms)),
        and_(ErrorReport.about_resource == Jurisdiction.__tablename__, condition(subject)),
    )


@cache
def _within(name: str) -> Select[Any]:
    """The codes of governments and of all below them."""
    tree = select(Region.code).where(one_of(Region.code, name)).cte("within", recursive=True)
    tree = tree.union(select(Region.code).join(tree, Region.parent_code == tree.c.code))
    return select(tree.c.code)


OF_JURISDICTION = Filter(
    lambda table, name: of_governments(table, lambda code: one_of(code, name)), lookup=GOVERNMENT
)
WITHIN = Filter(
    lambda table, name: of_governments(table, lambda code: code.in_(_within(name))),
    lookup=GOVERNMENT,
    is_selective=False,
)
IN_YEAR = Filter(
    lambda table, name: in_plans(table, select(PlanYear.plan_id).where(one_of(PlanYear.year, name)))
)
IN_SERIES = Filter(
    lambda table, name: in_plans(table, select(Plan.id).where(one_of(Plan.series, name))),
    lookup=SERIES,
)


class GovernmentFilters(Query):
    """Filters by government, year and series of the plan."""

    jurisdiction: Annotated[list[ShortText], OF_JURISDICTION] = many(
        "GB/T 2260 code or name of a government.", examples=[["440000"]]
    )
    within: Annotated[list[ShortText], WITHIN] = many(
        "GB/T 2260 code or name of a government: that one and all below it.",
        examples=[["100000"]],
    )
    year: Annotated[list[Year], IN_YEAR] = many(
        "Calendar year that the period of the plan covers or overlaps.", examples=[[2022]]
    )
    series: Annotated[list[ShortText], IN_SERIES] = many(
        "Series of plans that continues from year to year.", examples=[["gd-digital-government"]]
    )


def of_entries(names: Iterable[str], resources: Collection[str]) -> ColumnElement[bool]:
    """The condition that an entry of the text index, of one of these resources, meets filters."""
    filters = {name: declared(GovernmentFilters)[name] for name in names}
    of_plans = select(Plan.id).where(*conditions_of(Plan, filters))
    own = [table for table in (Agency, Platform, Jurisdiction) if table.__tablename__ in resources]
    found = [
        and_(
            SearchEntry.resource == table.__tablename__,
            SearchEntry.id.in_(select(table.id).where(*conditions_of(table, filters))),
        )
        for table in own
    ]
    if len(own) < len(resources):
        found.append(SearchEntry.plan_id.in_(of_plans))
    return or_(*found)
