"""Filters of lists, each declared once: in the annotation of its parameter.

    plan: Annotated[list[ShortText], among(Task.plan_id, lookup=Lookup(Plan.id))]

says the parameter, the condition that its value makes, and what its values name.  Conditions hold
the value as a bound parameter of the same name, so that a statement is made once for each set of
filters.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, bindparam, not_

from app.http.problems import FieldError
from app.reading.names import Lookup

Condition = Callable[[Any, str], ColumnElement[bool]]  # of the listed table, and the parameter
# Names of the filters that a request has; False beside one that is `false` of a condition.
Active = frozenset[tuple[str, bool]]


@dataclass(frozen=True, eq=False)
class Filter:
    """How the value of a parameter narrows a list.

    `lookup` says what ids or names it takes.  `through` names the rows, such as assignments, that
    the condition is about; where `is_selective`, few rows meet it.  Without a condition it is a
    value that the conditions of other filters use.
    """

    condition: Condition | None
    lookup: Lookup | None = None
    through: "Through | None" = None
    is_selective: bool = True


@dataclass(frozen=True, eq=False)
class Through:
    """Rows that belong to a listed row; all filters through these hold of one of them together.

    `rows` selects one column, which equals `key` of the listed row.
    """

    key: Any
    rows: Select[Any]

    def condition(self, table: Any, filters: Mapping[str, Filter]) -> ColumnElement[bool]:
        """That a row has one that meets these filters.

        Found from that row where few meet them; else looked for at each listed row, as nearly all
        have one.
        """
        rows = self.rows.where(*conditions_of(table, filters))
        if any(one.is_selective for one in filters.values()):
            found: ColumnElement[bool] = self.key.in_(rows)
            return found
        (link,) = rows.selected_columns
        return rows.where(link == self.key).correlate(self.key.class_).exists()


@dataclass(frozen=True, eq=False)
class Widening:
    """A parameter that adds to the ids of another: those that `statement` gives for its `ids`."""

    lookup: Lookup  # of the other one
    statement: Any
    alone: FieldError  # where the other one is missing


def one_of(column: Any, parameter: str) -> ColumnElement[bool]:
    """The condition that a column has one of the values of a parameter."""
    condition: ColumnElement[bool] = column.in_(
        bindparam(parameter, expanding=True, type_=column.type)
    )
    return condition


def filter_value(parameter: str, type_: Any) -> Any:
    """The value of a parameter, as a column of this type holds it."""
    return bindparam(parameter, type_=type_)


def among(
    column: Any,
    *,
    lookup: Lookup | None = None,
    through: Through | None = None,
    is_selective: bool = True,
) -> Filter:
    """Rows whose column has one of the values."""
    return Filter(lambda _, name: one_of(column, name), lookup, through, is_selective)


def at_least(column: Any) -> Filter:
    """Rows whose column has the value or more; rows without a value are none."""
    return Filter(lambda _, name: column >= filter_value(name, column.type))


def at_most(column: Any) -> Filter:
    """Rows whose column has the value or less; rows without a value are none."""
    return Filter(lambda _, name: column <= filter_value(name, column.type))


def holds(condition: ColumnElement[bool]) -> Filter:
    """Rows of which a condition holds where the value is true, all others where it is false."""
    return Filter(lambda *_: condition)


@cache
def declared(params: type[BaseModel]) -> dict[str, Filter]:
    """Parameter → filter, of the parameters of an operation."""
    return {
        name: mark
        for name, field in params.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, Filter)
    }


@cache
def widenings(params: type[BaseModel]) -> dict[str, Widening]:
    """Parameter → what it adds to another one."""
    return {
        name: mark
        for name, field in params.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, Widening)
    }


def conditions_of(table: Any, filters: Mapping[str, Filter]) -> list[ColumnElement[bool]]:
    """The conditions of filters, each by itself."""
    return [one.condition(table, name) for name, one in filters.items() if one.condition]


def conditions(
    table: Any, filters: Mapping[str, Filter], active: Active
) -> list[ColumnElement[bool]]:
    """The conditions of the active filters; those through the same rows are one."""
    made: list[ColumnElement[bool]] = []
    together: dict[Through, dict[str, Filter]] = {}
    for name, is_true in sorted(active):
        one = filters[name]
        if one.through:
            together.setdefault(one.through, {})[name] = one
        elif one.condition:
            condition = one.condition(table, name)
            made.append(condition if is_true else not_(condition))
    return made + [through.condition(table, those) for through, those in together.items()]
