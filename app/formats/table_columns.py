"""The tables of exports: each kind's sheets and columns, with names for programs and labels for people.

A table for programs has the names of members in its header, and values with their labels beside.
A table for people has Chinese labels in its header, and of closed sets the labels alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from app.enums import PublishedKind, Role, TableHeader

Document = Mapping[str, Any]
Rows = Callable[[Document], Iterable[Document]]


class Content(Enum):
    """What stands in the cells of a column."""

    TEXT = auto()
    PROSE = auto()  # as long as a paragraph
    CODE = auto()  # a value of a closed set, whose label stands beside it
    NUMBER = auto()
    FLAG = auto()
    DATE = auto()
    MOMENT = auto()


@dataclass(frozen=True)
class Column:
    """One column: `value` takes it out of a row."""

    name: str
    label: str
    value: Callable[[Document], Any]
    content: Content = Content.TEXT
    width: int = 16  # half-width characters


@dataclass(frozen=True)
class Table:
    """A sheet: `rows` makes rows of each document."""

    label: str
    columns: Sequence[Column]
    rows: Rows = lambda document: (document,)

    def columns_of(self, header: TableHeader) -> Sequence[Column]:
        """The columns that a table with such a header has."""
        if header is TableHeader.NAMES:
            return self.columns
        return [column for column in self.columns if column.content is not Content.CODE]

    def values(
        self, documents: Iterable[Document], columns: Sequence[Column]
    ) -> Iterator[list[Any]]:
        """Row by row: text, numbers, truth values, None."""
        for document in documents:
            for row in self.rows(document):
                yield [column.value(row) for column in columns]


def _member(name: str, label: str, content: Content = Content.TEXT, width: int = 16) -> Column:
    return Column(name, label, lambda row: row[name], content, width)


def _prose(name: str, label: str) -> Column:
    return _member(name, label, Content.PROSE, 60)


def _number(name: str, label: str) -> Column:
    return _member(name, label, Content.NUMBER, 10)


def _flag(name: str, label: str) -> Column:
    return _member(name, label, Content.FLAG, 10)


def _date(name: str, label: str) -> Column:
    return _member(name, label, Content.DATE, 12)


def _moment(name: str, label: str) -> Column:
    return _member(name, label, Content.MOMENT, 20)


def _closed(name: str, label: str) -> list[Column]:
    """A value of a closed set, and its label."""
    return [_member(name, label, Content.CODE, 12), _member(f"{name}_label", label, width=12)]


def _inside(name: str, *columns: Column) -> list[Column]:
    """Members of a member: `section` with `title` as `section_title`; empty where there is none."""

    def of(column: Column) -> Column:
        def value(row: Document) -> Any:
            inside = row[name]
            return None if inside is None else column.value(inside)

        return Column(f"{name}_{column.name}", column.label, value, column.content, column.width)

    return [of(column) for column in columns]


def _listed(
    column: str, label: str, name: str, member: str | None = None, between: str = "、"
) -> Column:
    """A list in one cell."""

    def value(row: Document) -> str:
        return between.join(one[member] if member else one for one in row[name])

    return Column(column, label, value, width=28)


def _with_role(role: Role, label: str) -> Column:
    """The names of the agencies that have a role."""

    def value(row: Document) -> str:
        return "、".join(a["agency"]["name"] for a in row["assignments"] if a["role"] == role)

    return Column(role, label, value, width=28)


def _reference(name: str, label: str, member: str = "title", width: int = 30) -> list[Column]:
    return _inside(
        name, _member("id", f"{label}编号", width=18), _member(member, label, width=width)
    )


ID = _member("id", "编号", width=20)
PLAN = _member("plan", "工作要点", width=14)
SPAN = _inside("span", _number("start", "起"), _number("end", "止"))
CHANGED = [_number("version", "版本"), _moment("changed_at", "变更时间")]
STANDING = [  # whether a fact stands
    _listed("evidence", "佐证", "evidence", "url", " "),
    *_closed("state", "效力"),
    _member("replaces", "更正的编号", width=20),
    _member("replaced_by", "更正后的编号", width=20),
    *_inside("withdrawal", _prose("reason", "撤回理由"), _moment("withdrawn_at", "撤回时间")),
    _moment("recorded_at", "提交时间"),
    *CHANGED,
]
PROGRESS = _inside("progress", *_closed("status", "进展"), _date("reported_on", "截至"))
COUNTED_ROLES = (
    _number("lead", "牵头项数"),
    _number("responsible", "负责项数"),
    _number("support", "配合项数"),
    _number("guide", "指导项数"),
)
TASK_COLUMNS = [
    ID,
    PLAN,
    _member("code", "序号", width=8),
    _member("label", "原文序号", width=12),
    *_closed("level", "层级"),
    _flag("is_leaf", "独立任务"),
    *_reference("section", "所属部分"),
    *_reference("parent", "所属事项"),
    _member("title", "任务", width=40),
    _prose("body", "内容"),
    _with_role(Role.LEAD, "牵头单位"),
    _with_role(Role.RESPONSIBLE, "责任单位"),
    _with_role(Role.SUPPORT, "配合单位"),
    _with_role(Role.GUIDE, "指导单位"),
    Column(
        "agency_ids",
        "单位编号",
        lambda row: " ".join(a["agency"]["id"] for a in row["assignments"]),
        width=28,
    ),
    _member("assignment_clause", "分工原文", width=40),
    _listed("targets", "目标", "targets", "statement", "；"),
    _listed("platforms", "平台", "platforms", "name"),
    _listed("places", "地方", "places", "name"),
    *SPAN,
    _member("citation", "引用格式", width=50),
    *PROGRESS,
    *CHANGED,
]


def _leaf(task: Document) -> Iterable[Document]:
    return (task,) if task["is_leaf"] else ()


def _group(task: Document) -> Iterable[Document]:
    return () if task["is_leaf"] else (task,)


def _assignments(task: Document) -> Iterable[Document]:
    """A row for each assignment: what a pivot table counts."""
    return ({"task": task, **assignment} for assignment in task["assignments"])


TABLES: Mapping[str, Table] = {
    "plan": Table(
        PublishedKind.PLAN.label,
        [
            ID,
            _member("title", "标题", width=44),
            _member("document_number", "文号", width=22),
            _member("issuer", "发文机关", width=24),
            _date("issued_on", "发文日期"),
            _number("year", "年度"),
            *_closed("status", "状态"),
            *_inside(
                "counts",
                _number("sections", "部分数"),
                _number("items", "事项数"),
                _number("tasks", "任务数"),
                _number("assignments", "分工数"),
                _number("agencies", "机构数"),
                _number("targets", "目标数"),
            ),
            *_inside(
                "source",
                _number("text_length", "全文字数"),
                _member("text_sha256", "全文 SHA-256", width=24),
                _member("raw_sha256", "来件 SHA-256", width=24),
            ),
            *CHANGED,
        ],
    ),
    "section": Table(
        PublishedKind.SECTION.label,
        [
            ID,
            PLAN,
            _number("ordinal", "次序"),
            _member("code", "序号", width=8),
            _member("label", "原文序号", width=12),
            _member("title", "标题", width=40),
            _prose("intro", "引言"),
            _number("items", "事项数"),
            _number("tasks", "任务数"),
            *SPAN,
            *CHANGED,
        ],
    ),
    "task": Table(PublishedKind.TASK.label, TASK_COLUMNS),
    "agency": Table(
        PublishedKind.AGENCY.label,
        [
            ID,
            _member("name", "名称", width=28),
            _member("official_name", "全称", width=36),
            _member("english_name", "英文名", width=28),
            *_closed("kind", "类别"),
            _flag("is_collective", "集合名称"),
            _listed("collectives", "所属统称", "collectives", "name"),
            _listed("collective_ids", "统称编号", "collectives", "id", " "),
            _listed("collective_basis_labels", "所属依据", "collectives", "basis_label"),
            *_inside("region", _member("code", "区划代码", width=10), _member("name", "地区")),
            _listed("aliases", "其他名称", "aliases"),
            *_inside("counts", *COUNTED_ROLES),
            *CHANGED,
        ],
    ),
    "target": Table(
        PublishedKind.TARGET.label,
        [
            ID,
            PLAN,
            *_reference("section", "所属部分"),
            *_reference("task", "任务"),
            _member("metric", "指标", width=30),
            _prose("statement", "原文"),
            *_closed("kind", "类别"),
            *_closed("comparator", "比较"),
            _number("value", "数值"),
            _number("value_upper", "上限"),
            _member("unit", "单位", width=10),
            _member("as_written", "原文数值"),
            _flag("is_cumulative", "累计"),
            _flag("is_average", "平均"),
            *_closed("direction", "增减"),
            _member("scope", "范围", width=24),
            _date("due_on", "期限"),
            *_closed("due_basis", "期限依据"),
            _listed("agencies", "牵头单位", "agencies", "name"),
            _listed("agency_ids", "单位编号", "agencies", "id", " "),
            *SPAN,
            *_inside(
                "attainment",
                *_closed("status", "完成情况"),
                _number("latest_value", "最新数值"),
                _date("measured_on", "测量日期"),
            ),
            *CHANGED,
        ],
    ),
    "platform": Table(
        PublishedKind.PLATFORM.label,
        [
            ID,
            _member("name", "名称", width=28),
            *_closed("kind", "类别"),
            _number("mentions", "提及次数"),
            _listed("task_ids", "任务编号", "tasks", "id", " "),
            *CHANGED,
        ],
    ),
    "measurement": Table(
        PublishedKind.MEASUREMENT.label,
        [
            ID,
            PLAN,
            *_reference("task", "任务"),
            *_inside(
                "target",
                _member("id", "目标编号", width=20),
                _member("metric", "指标", width=30),
                _prose("statement", "目标原文"),
            ),
            *_reference("agency", "提交机构", "name"),
            *_closed("role", "角色"),
            _date("as_of", "截至"),
            _number("value", "数值"),
            _member("unit", "单位", width=10),
            _prose("method", "统计方法"),
            *STANDING,
        ],
    ),
    "milestone": Table(
        PublishedKind.MILESTONE.label,
        [
            ID,
            PLAN,
            *_reference("task", "任务"),
            *_reference("agency", "提交机构", "name"),
            _member("title", "节点", width=40),
            _date("due_on", "期限"),
            _date("first_due_on", "最初期限"),
            *_closed("status", "状态"),
            _date("done_on", "完成日期"),
            Column(
                "changes", "变动次数", lambda row: len(row["changes"]), Content.NUMBER, width=10
            ),
            _moment("recorded_at", "提交时间"),
            *CHANGED,
        ],
    ),
    "assessment": Table(
        PublishedKind.ASSESSMENT.label,
        [
            ID,
            PLAN,
            *_inside(
                "subject",
                *_closed("kind", "对象类别"),
                _member("id", "对象编号", width=18),
                _member("name", "对象", width=28),
            ),
            *_inside("period", _date("from", "自"), _date("to", "至")),
            _member("grade", "等次", width=10),
            *_inside("score", _number("value", "得分"), _number("maximum", "满分")),
            _prose("findings", "结论"),
            _prose("method", "方法"),
            _member("assessor", "评估方", width=28),
            *STANDING,
        ],
    ),
    "bulletin": Table(
        PublishedKind.BULLETIN.label,
        [
            ID,
            PLAN,
            _member("title", "标题", width=40),
            _prose("body", "正文"),
            _date("published_on", "发布日期"),
            _listed("refers_to", "引用", "refers_to", "path", " "),
            *STANDING,
        ],
    ),
    "report": Table(
        PublishedKind.REPORT.label,
        [
            ID,
            PLAN,
            *_reference("task", "任务"),
            *_reference("agency", "报告机构", "name"),
            *_closed("role", "角色"),
            _date("as_of", "截至"),
            *_closed("status", "进展"),
            _prose("summary", "情况"),
            _prose("reason", "理由"),
            *STANDING,
        ],
    ),
}
# Made of tasks, in files with several sheets.
LEAVES = Table(PublishedKind.TASK.label, TASK_COLUMNS, _leaf)
GROUPS = Table("事项", TASK_COLUMNS, _group)
ASSIGNMENTS = Table(
    "分工",
    [
        *_inside("agency", _member("id", "单位编号", width=20), _member("name", "单位", width=28)),
        *_closed("role", "角色"),
        _member("as_written", "原文写法", width=24),
        _number("position", "次序"),
        *_inside(
            "task",
            _member("id", "任务编号", width=20),
            PLAN,
            _member("code", "序号", width=8),
            _member("title", "任务", width=40),
            *_reference("section", "所属部分"),
            *PROGRESS,
        ),
    ],
    _assignments,
)


def sheets_of(resource: str) -> Mapping[str, Table]:
    """The sheets of a list: its table, and what is worth counting in one of its own."""
    table = TABLES[resource]
    return {"task": table, "assignment": ASSIGNMENTS} if resource == "task" else {resource: table}
