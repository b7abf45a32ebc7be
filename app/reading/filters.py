"""Filters of lists, each declared once, in the annotation of its parameter.

    plan: Annotated[list[ShortText], among(Task.plan_id, lookup=Lookup(Plan.id))]

declares the parameter, its SQL condition, and the table in which its values are looked up.
Conditions refer to the value by a bound parameter of the same name, so that a statement is built
once for each set of active filters.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, and_, bindparam, not_

from app.http.problems import FieldError
from app.reading.names import Lookup

Condition = Callable[[Any, str], ColumnElement[bool]]  # listed table, parameter → condition
# Names of the filters in a request, each with False if its condition is to be negated.
Active = frozenset[tuple[str, bool]]


@dataclass(frozen=True, eq=False)
class Filter:
    """How the value of a parameter filters a list.

    `lookup`: the ids or names that the parameter takes.  `through`: the related rows, such as
    assignments, that the condition is about.  `is_selective`: few rows meet the condition.
    Without a condition, the value is used by the conditions of other filters.
    """

    condition: Condition | None
    lookup: Lookup | None = None
    through: "Through | None" = None
    is_selective: bool = True

    def on(self, table: Any) -> Condition:
        """The condition for the rows of a table, whichever table is listed."""
        if self.condition is None:
            raise ValueError("a filter without a condition")
        condition = self.condition
        return lambda _, name: condition(table, name)


@dataclass(frozen=True, eq=False)
class Through:
    """Related rows of a listed row; one of them must meet all filters through them.

    `rows` selects one column, which equals `key` of the listed row.  `counted_from`: if a listed row
    has many, counting all listed rows starts from the related ones.
    """

    key: Any
    rows: Select[Any]
    counted_from: bool = False

    def condition(
        self, table: Any, filters: Mapping[str, Filter], *, counting: bool = False
    ) -> ColumnElement[bool]:
        """The condition that a listed row has a related row that meets these filters.

        Selective filters start from the related rows; others probe each listed row, since nearly
        all have one.
        """
        rows = self.rows.where(*conditions_of(table, filters))
        is_from_rows = counting and self.counted_from
        if is_from_rows or any(one.is_selective for one in filters.values()):
            found: ColumnElement[bool] = self.key.in_(rows)
            return found
        (link,) = rows.selected_columns
        return rows.where(link == self.key).correlate(self.key.class_).exists()


@dataclass(frozen=True, eq=False)
class Widening:
    """A parameter that adds to the ids of another: those that `statement` selects for its `ids`."""

    lookup: Lookup  # of the other parameter
    statement: Any
    alone: FieldError  # if the other parameter is missing


def one_of(column: Any, parameter: str) -> ColumnElement[bool]:
    """The condition that a column equals one of the values of a parameter."""
    condition: ColumnElement[bool] = column.in_(
        bindparam(parameter, expanding=True, type_=column.type)
    )
    return condition


def filter_value(parameter: str, type_: Any) -> Any:
    """The value of a parameter, bound with the type of a column."""
    return bindparam(parameter, type_=type_)


def among(
    column: Any,
    *,
    lookup: Lookup | None = None,
    through: Through | None = None,
    is_selective: bool = True,
) -> Filter:
    """Rows whose column equals one of the values."""
    return Filter(lambda _, name: one_of(column, name), lookup, through, is_selective)


def at_least(column: Any) -> Filter:
    """Rows whose column is not null and at least the value."""
    return Filter(lambda _, name: column >= filter_value(name, column.type))


def at_most(column: Any) -> Filter:
    """Rows whose column is not null and at most the value."""
    return Filter(lambda _, name: column <= filter_value(name, column.type))


def all_of(*filters: Filter) -> Filter:
    """Rows that meet the conditions of several filters by the same value."""
    return Filter(lambda table, name: and_(*(one.on(table)(table, name) for one in filters)))


def holds(condition: ColumnElement[bool]) -> Filter:
    """Rows that meet a condition if the value is true, all others if it is false."""
    return Filter(lambda *_: condition)


@cache
def declared(params: type[BaseModel]) -> dict[str, Filter]:
    """Parameter → filter, for the parameters of an operation."""
    return {
        name: mark
        for name, field in params.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, Filter)
    }


@cache
def widenings(params: type[BaseModel]) -> dict[str, Widening]:
    """Parameter → widening of another parameter."""
    return {
        name: mark
        for name, field in params.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, Widening)
    }


def conditions_of(table: Any, filters: Mapping[str, Filter]) -> list[ColumnElement[bool]]:
    """The conditions of filters, one for each."""
    return [one.condition(table, name) for name, one in filters.items() if one.condition]


def conditions(
    table: Any, filters: Mapping[str, Filter], active: Active, *, counting: bool = False
) -> list[ColumnElement[bool]]:
    """The conditions of the active filters; filters through the same rows share one."""
    separate: list[ColumnElement[bool]] = []
    together: dict[Through, dict[str, Filter]] = {}
    for name, is_true in sorted(active):
        one = filters[name]
        if one.through:
            together.setdefault(one.through, {})[name] = one
        elif one.condition:
            condition = one.condition(table, name)
            separate.append(condition if is_true else not_(condition))
    return separate + [
        through.condition(table, those, counting=counting) for through, those in together.items()
    ]
