"""The charts of `/monitoring` and `/targets` as files: `/monitoring/sections.svg`, `….csv`.

An image stands alone, so it has its colours from the style sheet and its numbers beside the bars.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from app.enums import AttainmentStatus, ProgressStatus, labelled
from app.formats.columns import Column, Table, closed_set, day, inside, number, reference
from app.http.problems import NotFoundError
from app.kinds.document import Document
from app.pages.assets import FILES
from app.pages.filters import reached
from app.pages.reading import Api
from app.pages.rendering import TableView, View
from app.pages.views.lists import targets_of
from app.pages.views.monitoring import STATUSES, MonitoringView, Stage, monitoring

SVG_TYPE = "image/svg+xml"
COUNTS = inside("status", *(number(one, ProgressStatus(one).label) for one in STATUSES))
PAST = [
    number("overdue", "超期"),
    number("period_ended", "期满"),
    number("missed_milestones", "错过节点"),
]


@dataclass(frozen=True)
class Bar:
    """A bar of one or more parts, each in the colour of its status."""

    label: str
    parts: Mapping[str, float]
    whole: float
    note: Document | None = None  # a status beside the label, in place of the numbers of the parts


@dataclass(frozen=True, kw_only=True)
class ChartView(View):
    """An image of a chart."""

    media_type: ClassVar = SVG_TYPE
    heading: str
    about: str  # title of the plan; empty: of all
    as_of: str | None
    colours: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class BarsView(ChartView):
    """Bars below one another."""

    template: ClassVar = "bars.svg"
    bars: Sequence[Bar]
    legend: Sequence[Document]  # the statuses, each with its label


@dataclass(frozen=True, kw_only=True)
class CourseView(ChartView):
    """A plan over time."""

    template: ClassVar = "course.svg"
    course: Sequence[Stage]


Bars = Callable[[Sequence[Document]], list[Bar]]


@dataclass(frozen=True)
class Chart:
    """A chart of `/monitoring`: its heading, its rows, their columns, and its bars."""

    heading: str
    rows: Callable[[Document], list[Document]]  # of a standing, which has the course, too
    columns: Sequence[Column]
    bars: Bars | None = None  # None: a line


def _statuses(standing: Document) -> list[Document]:
    status = standing["status"]
    return [{**labelled("status", ProgressStatus(one)), "tasks": status[one]} for one in STATUSES]


def _one_bar(rows: Sequence[Document]) -> list[Bar]:
    tasks = {row["status"]: row["tasks"] for row in rows}
    return [Bar("", tasks, sum(tasks.values()))]


def _related(list_: str, member: str) -> Callable[[Document], list[Document]]:
    return lambda standing: [row for row in standing[list_] if row[member]]


def _bar_each(member: str, name: str) -> Bars:
    return lambda rows: [Bar(row[member][name], row["status"], row["tasks"]) for row in rows]


CHARTS: Mapping[str, Chart] = {
    "status": Chart(
        "全部任务",
        _statuses,
        [*closed_set("status", "状态"), number("tasks", "任务")],
        _one_bar,
    ),
    "course": Chart(
        "历程",
        lambda standing: list(standing["course"]),
        [day("day", "日期"), number("tasks", "任务"), *COUNTS],
    ),
    "sections": Chart(
        "按部分",
        _related("sections", "section"),
        [*reference("section", "部分"), number("tasks", "任务"), *COUNTS, *PAST],
        _bar_each("section", "title"),
    ),
    "agencies": Chart(
        "按单位",
        _related("agencies", "agency"),
        [*reference("agency", "机构", "name"), number("tasks", "任务"), *COUNTS, *PAST],
        _bar_each("agency", "name"),
    ),
}


@dataclass(frozen=True)
class _Drawn:
    """A chart, and what it shows of a plan at a day."""

    chart: Chart
    view: MonitoringView
    standing: Document
    rows: Sequence[Document]


async def _drawn(api: Api, name: str) -> _Drawn:
    """A chart of `/monitoring`; raises NotFoundError if there is none, or nothing in it."""
    chart = CHARTS.get(name)
    if chart is None:
        raise NotFoundError
    view = await monitoring(api, with_course=chart.bars is None)
    if view.standing is None:
        raise NotFoundError
    standing = {**view.standing, "course": [vars(one) for one in view.course]}
    rows = chart.rows(standing)
    if not rows:
        raise NotFoundError
    return _Drawn(chart, view, standing, rows)


async def monitoring_image(api: Api, name: str) -> View:
    """`/monitoring/{name}.svg`."""
    drawn = await _drawn(api, name)
    common: dict[str, Any] = {
        "heading": drawn.chart.heading,
        "about": drawn.view.plan["title"] if drawn.view.plan else "",
        "as_of": drawn.standing["as_of"],
        "colours": colours(),
    }
    if drawn.chart.bars is None:
        return CourseView(course=drawn.view.course, **common)
    legend = [labelled("status", ProgressStatus(one)) for one in STATUSES]
    return BarsView(bars=drawn.chart.bars(drawn.rows), legend=legend, **common)


async def monitoring_table(api: Api, name: str) -> View:
    """`/monitoring/{name}.csv`."""
    drawn = await _drawn(api, name)
    table = Table(drawn.chart.heading, drawn.chart.columns)
    return TableView(file=f"{drawn.standing['plan']}-{name}", table=table, rows=drawn.rows)


async def targets_image(api: Api) -> View:
    """`/targets/attainment.svg`: the targets of the page of the same parameters."""
    found = await targets_of(api)
    bars = [
        Bar(
            one["statement"],
            {one["attainment"]["status"]: share} if (share := reached(one)) is not None else {},
            100,
            one["attainment"],
        )
        for one in found.rows
    ]
    if not bars:
        raise NotFoundError
    legend = [labelled("status", one) for one in AttainmentStatus if one in colours()]
    return BarsView(
        heading="目标", about="", as_of=None, bars=bars, legend=legend, colours=colours()
    )


@cache
def colours() -> Mapping[str, str]:
    """Status → its colour on white, as in the style sheet."""
    style = (FILES / "style.css").read_text()
    values = dict(re.findall(r"--(\w+): (#\w+);", style[: style.index("@media")]))
    found = {}
    for selectors, name in re.findall(r"((?:\.c-\w+,? )+)\{ fill: var\(--(\w+)\); \}", style):
        for status in re.findall(r"\.c-(\w+)", selectors):
            found[status] = values[name]
    return found
