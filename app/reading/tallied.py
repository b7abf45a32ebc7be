"""Totals from the tallies of plans, and from what rows themselves hold, for filters that most rows meet."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select

from app.db.engine import Reader
from app.db.models import Tally, Task
from app.projections.held import BY_ITSELF, is_held
from app.projections.tallies import ITSELF, PARTS, matching_rows
from app.reading.filters import conditions_of, declared
from app.reading.governments import GovernmentFilters
from app.reading.names import MOST_SHAPES

Tallied = Mapping[str, Sequence[str]]  # link → the filters by it, in the order of a member


def counted_as(table: Any, link: str, values: Mapping[str, Any]) -> tuple[str, set[str]]:
    """What tallies have counted as, of rows with these values, and the filters that this is about."""
    if link != ITSELF and "leaf" in values and table is Task:
        return PARTS[values["leaf"]], {"leaf"}
    return table.__tablename__, set()


async def tallied_total(
    reader: Reader, table: Any, tallied: Tallied, values: Mapping[str, Any]
) -> int | None:
    """The total of a list, or None if tallies do not count by these filters; one statement."""
    of_plans = values.keys() & declared(GovernmentFilters).keys()
    for link, names in tallied.items():
        if link == BY_ITSELF:
            if not values.keys() <= {*names}:
                continue
            given = [[*map(str, values.get(name, ()))] for name in names]
            held = await reader.execute(_held(table))
            return sum(int(rows) for text, rows in held if is_held(text, given))
        resource, others = counted_as(table, link, values)
        if values.keys() <= {*of_plans, *others, *names}:
            statement = _tallies(resource, link, tuple(sorted(of_plans)))
            found = (await reader.execute(statement, values)).all()
            return matching_rows(found, [values.get(name) for name in names])
    return None


@lru_cache(MOST_SHAPES)
def _held(table: Any) -> Select[Any]:
    """What rows hold, and how many hold the same."""
    found = select(table.held, func.count()).where(table.withdrawn_at.is_(None))
    return found.group_by(table.held)


@lru_cache(MOST_SHAPES)
def _tallies(resource: str, link: str, of_plans: Sequence[str]) -> Select[Any]:
    """What is held and by how many rows, of all plans or of those that meet the filters."""
    filters = {name: declared(GovernmentFilters)[name] for name in of_plans}
    columns: tuple[Any, ...] = Tally.held, func.sum(Tally.rows)
    of_list = Tally.resource == resource, Tally.link == link
    of_plan = conditions_of(Tally, filters)
    return select(*columns).where(*of_list, *of_plan).group_by(Tally.held)
