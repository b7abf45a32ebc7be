"""Which filters of a request the text index knows as marks; see `projections/marks.py`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from app.projections.marks import COLUMNS, EVERY_MARK, LINKS, is_marked, mark
from app.projections.tallies import HELD
from app.reading.filters import Filter
from app.reading.tallied import Tallied

MOST_MARKS = 50  # of one group: of more, each row would be compared with all


@dataclass(frozen=True)
class AskedMarks:
    """Groups of marks, of each of which a row has one, and the filters that they are all about."""

    groups: Sequence[Sequence[str]] = ()
    filters: Collection[str] = ()


def marks_for(
    table: Any, filters: Mapping[str, Filter], tallied: Tallied, values: Mapping[str, Any]
) -> AskedMarks:
    """The marks of the rows that meet these filters, as far as there are marks for them."""
    groups: dict[Sequence[str], Sequence[str]] = {
        (name,): [mark(name, value) for value in _listed(values[name])]
        for name in (*EVERY_MARK, *COLUMNS.get(table, ()))
        if name in values and (name in COLUMNS.get(table, ()) or is_marked(table, name))
    }
    for link in LINKS.get(table, ()):
        names = tallied.get(link, ())
        if any(name in values for name in names):
            groups[tuple(names)] = [
                mark(link, *one)
                for one in product(
                    *(
                        values.get(name, column.type.enum_class)
                        for name, column in zip(names, HELD[link], strict=True)
                    )
                )
            ]
    asked = {names: group for names, group in groups.items() if len(group) <= MOST_MARKS}
    # Filters through the same rows are about one of them, which marks know only of each other.
    through = {filters[name].through: names for names in asked for name in names if name in filters}
    covered = {name for names in asked for name in names if name in values}
    for name in values:
        rows = filters[name].through if name in filters else None
        if rows and name not in covered:
            covered -= {*through.get(rows, ())}
    return AskedMarks([*asked.values()], covered)


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]
