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
from app.pages.views.monitoring import STATUSES, MonitoringView, monitoring

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
    course: Sequence[Any]


@dataclass(frozen=True)
class Chart:
    """A chart of `/monitoring`: its heading, its rows, their columns, and the bar of each."""

    heading: str
    rows: Callable[[MonitoringView], Sequence[Document]]
    columns: Sequence[Column]
    bar: Callable[[Document], Bar] | None = None  # None: a line


def _by(member: str, name: str) -> Callable[[Document], Bar]:
    return lambda row: Bar(row[member][name], row["status"], row["tasks"])


def _standings(list_: str, member: str) -> Callable[[MonitoringView], list[Document]]:
    return lambda view: [row for row in (view.standing or {})[list_] if row[member]]


def _whole(view: MonitoringView) -> list[Document]:
    status = (view.standing or {})["status"]
    return [
        {
            **labelled("status", ProgressStatus(one)),
            "tasks": status[one],
            "of": sum(status.values()),
        }
        for one in STATUSES
    ]


CHARTS: Mapping[str, Chart] = {
    "status": Chart(
        "全部任务",
        _whole,
        [*closed_set("status", "状态"), number("tasks", "任务")],
        lambda row: Bar(row["status_label"], {row["status"]: row["tasks"]}, row["of"]),
    ),
    "course": Chart(
        "历程",
        lambda view: [vars(one) for one in view.course],
        [day("day", "日期"), number("tasks", "任务"), *COUNTS],
    ),
    "sections": Chart(
        "按部分",
        _standings("sections", "section"),
        [*reference("section", "部分"), number("tasks", "任务"), *COUNTS, *PAST],
        _by("section", "title"),
    ),
    "agencies": Chart(
        "按单位",
        _standings("agencies", "agency"),
        [*reference("agency", "机构", "name"), number("tasks", "任务"), *COUNTS, *PAST],
        _by("agency", "name"),
    ),
}


async def _chart(api: Api, name: str) -> tuple[Chart, MonitoringView, list[Document]]:
    """A chart of `/monitoring`, its page and its rows; raises NotFoundError if there are none."""
    chart = CHARTS.get(name)
    if chart is None:
        raise NotFoundError
    view = await monitoring(api, with_course=chart.bar is None)
    rows = chart.rows(view) if view.standing else []
    if not rows:
        raise NotFoundError
    return chart, view, [*rows]


async def monitoring_image(api: Api, name: str) -> View:
    """`/monitoring/{name}.svg`."""
    chart, view, rows = await _chart(api, name)
    common: dict[str, Any] = {
        "heading": chart.heading,
        "about": view.plan["title"] if view.plan else "",
        "as_of": (view.standing or {})["as_of"],
        "colours": colours(),
    }
    if chart.bar is None:
        return CourseView(course=view.course, **common)
    legend = [labelled("status", ProgressStatus(one)) for one in STATUSES]
    return BarsView(bars=[chart.bar(row) for row in rows], legend=legend, **common)


async def monitoring_table(api: Api, name: str) -> View:
    """`/monitoring/{name}.csv`."""
    chart, view, rows = await _chart(api, name)
    file = f"{(view.standing or {})['plan']}-{name}"
    return TableView(file=file, table=Table(chart.heading, chart.columns), rows=rows)


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
