"""Every parameter of a list that narrows it declares its filter."""

from collections.abc import Iterator
from operator import attrgetter

import pytest
from pydantic import BaseModel

import app.main  # noqa: F401 - which imports all resources
from app.reading.filters import declared, widenings
from app.reading.list_params import Filters
from app.reading.overdue import OverdueFilters
from app.resources.changes.queries import ChangeFilters
from app.resources.error_reports.queries import ErrorReportListQuery

# What shapes the response, and words and days that the filters use.
OTHERS = {"lang", "limit", "cursor", "format", "header", "sort", "q", "after", "before", "epoch"}


def below(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in kind.__subclasses__():
        yield one
        yield from below(one)


PARAMS = sorted(
    {*below(Filters), *below(ChangeFilters)}
    - {OverdueFilters},  # tasks and targets say what it means
    key=attrgetter("__name__"),
)


def test_all_lists_are_here() -> None:
    assert {"TaskListQuery", "ReportListQuery", "ChangeQuery"} <= {one.__name__ for one in PARAMS}


@pytest.mark.parametrize("params", PARAMS, ids=attrgetter("__name__"))
def test_every_parameter_has_a_filter(params: type[BaseModel]) -> None:
    filtering = set(params.model_fields) - OTHERS
    if params is ErrorReportListQuery:
        filtering.remove("state")  # which chooses another list, with a key
    assert filtering == {*declared(params), *widenings(params)}
