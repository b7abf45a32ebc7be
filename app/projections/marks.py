"""Marks of the entries of the text index: what filters ask for beside the words of `q`.

`year 2025`, `within 440000`, `assignment lead department`: words and marks are in one index, so that
the rows of a year with a word are counted without a look at other rows with it.  Only a load changes
what marks say, as it does what tallies count.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.orm import Session

from app.db.models import (
    Agency,
    Assignment,
    Jurisdiction,
    Mention,
    Plan,
    PlanYear,
    Platform,
    Region,
    Section,
    Target,
    Task,
)
from app.kinds import BY_NAME
from app.projections.ngrams import BETWEEN_MARKS
from app.projections.parts import parts
from app.projections.tallies import ASSIGNED, HAS_TARGETS, MENTIONED, as_held, linked

YEAR, JURISDICTION, WITHIN = "year", "jurisdiction", "within"
# By the names of filters.  A platform may be named in the plans of all governments.
EVERY_MARK: Mapping[str, Sequence[Any]] = {
    YEAR: (Plan, Section, Task, Target, Agency, Platform, Jurisdiction),
    JURISDICTION: (Plan, Section, Task, Target, Agency, Jurisdiction),
    WITHIN: (Plan, Section, Task, Target, Agency, Jurisdiction),
}
COLUMNS: Mapping[Any, Mapping[str, Any]] = {
    Task: {"level": Task.level, "leaf": Task.is_leaf, "has_targets": HAS_TARGETS},
    Target: {
        "kind": Target.kind,
        "comparator": Target.comparator,
        "strength": Target.strength,
        "recurrence": Target.recurrence,
    },
}
LINKS: Mapping[Any, Mapping[str, Select[Any]]] = {
    Task: {link: linked(Task, Task.id, link) for link in (ASSIGNED, MENTIONED)},
    Target: {ASSIGNED: linked(Target, Target.task_id, ASSIGNED)},
}
IDS: BindParameter[Sequence[str]] = bindparam("ids", expanding=True)


def marks_of(session: Session, table: Any, ids: Sequence[str]) -> Mapping[str, str]:
    """The marks of each of these rows, as they are stored."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for part in parts(ids):
        for name, statement in _statements(table).items():
            for id_, *values in session.execute(statement, {"ids": part}):
                found[id_].update(_marks(name, values))
    return {id_: BETWEEN_MARKS.join(sorted(one)) for id_, one in found.items()}


def mark(name: str, *values: Any) -> str:
    """A mark, as it is stored and as it is asked for."""
    return " ".join((name, *map(as_held, values)))


def _marks(name: str, values: Sequence[Any]) -> list[str]:
    if values[0] is None:  # of no link
        return []
    if name != JURISDICTION:
        return [mark(name, *values)]
    codes = values[0].split("/")
    return [mark(JURISDICTION, codes[-1]), *(mark(WITHIN, code) for code in codes)]


def is_marked(table: Any, name: str) -> bool:
    """Whether the rows of a table have marks for a filter of plans."""
    return table in EVERY_MARK.get(name, ())


def has_mark(resource: str, text: str) -> bool:
    """Whether entries of a resource have such marks."""
    name, table = text.partition(" ")[0], BY_NAME[resource].model
    return name not in EVERY_MARK or is_marked(table, name)


@cache
def _statements(table: Any) -> Mapping[str, Select[Any]]:
    """Rows with the values of each kind of mark."""
    rows = select(table.id)
    plan_id, code = getattr(table, "plan_id", None), getattr(table, "jurisdiction_code", None)
    if table is Agency:
        assigned = rows.join(Assignment, Assignment.agency_id == Agency.id)
        plans = assigned.join(Task, Task.id == Assignment.task_id)
        plans, plan_id = plans.where(Task.withdrawn_at.is_(None)).distinct(), Task.plan_id
    elif table is Platform:
        mentioned = rows.join(Mention, Mention.platform_id == Platform.id)
        plans, plan_id = mentioned.where(Mention.task_id.is_not(None)).distinct(), Mention.plan_id
    elif table is Jurisdiction:
        plans, plan_id = rows.join(Plan, Plan.jurisdiction_code == table.id).distinct(), Plan.id
        code = table.id
    elif table is Plan:
        plans, plan_id = rows, Plan.id
    else:
        plans = rows.join(Plan, Plan.id == plan_id)
        rows, code = plans, Plan.jurisdiction_code
    found = {
        YEAR: plans.add_columns(PlanYear.year).join(PlanYear, PlanYear.plan_id == plan_id),
        **{name: select(table.id, column) for name, column in COLUMNS.get(table, {}).items()},
        **LINKS.get(table, {}),
    }
    if is_marked(table, JURISDICTION):
        found[JURISDICTION] = rows.add_columns(Region.path).join(Region, Region.code == code)
    return {name: statement.where(table.id.in_(IDS)) for name, statement in found.items()}
