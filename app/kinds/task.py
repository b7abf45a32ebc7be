"""Tasks and the agencies assigned to them."""

from collections.abc import Iterable

from app.db import models
from app.enums import Role, TaskLevel
from app.formats.columns import (
    CHANGED,
    ID,
    PLAN,
    SPAN,
    WHOSE,
    Column,
    Document,
    Table,
    closed_set,
    day,
    flag,
    inside,
    listed,
    number,
    prose,
    reference,
    text,
)
from app.kinds.kind import Count, NoticeKind, Searched
from app.schemas.notice import Task

LABEL = "任务"
PROGRESS = inside("progress", *closed_set("status", "进展"), day("reported_on", "截至"))


def _with_role(role: Role, label: str) -> Column:
    """A column with the names of the agencies in a role, each once."""

    def value(row: Document) -> str:
        named = (a["agency"]["name"] for a in row["assignments"] if a["role"] == role)
        return "、".join(dict.fromkeys(named))

    return Column(role, label, value, width=28)


def _leaf(task: Document) -> Iterable[Document]:
    return (task,) if task["is_leaf"] else ()


def _by_rule(task: Document) -> str:
    """The agencies that a rule of the document names or gives their role."""
    return "、".join(a["agency"]["name"] for a in task["assignments"] if a["rule"])


def _group(task: Document) -> Iterable[Document]:
    return () if task["is_leaf"] else (task,)


def _assignments(task: Document) -> Iterable[Document]:
    """One row per assignment, for pivot tables."""
    return ({"task": task, **assignment} for assignment in task["assignments"])


COLUMNS = [
    ID,
    PLAN,
    text("code", "序号", width=8),
    text("label", "原文序号", width=12),
    *closed_set("level", "层级"),
    flag("is_leaf", "独立任务"),
    *reference("section", "所属部分"),
    *reference("parent", "所属事项"),
    text("title", "任务", width=40),
    prose("body", "内容"),
    _with_role(Role.LEAD, "牵头单位"),
    _with_role(Role.RESPONSIBLE, "责任单位"),
    _with_role(Role.SUPPORT, "配合单位"),
    _with_role(Role.GUIDE, "指导单位"),
    Column(
        "agency_ids",
        "单位编号",
        lambda row: " ".join(dict.fromkeys(a["agency"]["id"] for a in row["assignments"])),
        width=28,
    ),
    Column(
        "assignment_clause",
        "分工原文",
        lambda row: "\n".join(clause["text"] for clause in row["assignment_clauses"]) or None,
        width=40,
    ),
    Column("agencies_by_rule", "依全文规则的单位", _by_rule, width=28),
    listed("targets", "目标", "targets", "statement", "；"),
    listed("platforms", "平台", "platforms", "name"),
    listed("places", "地方", "places", "name"),
    *SPAN,
    text("citation", "引用格式", width=50),
    *PROGRESS,
    *WHOSE,
    *CHANGED,
]
ASSIGNMENTS = Table(
    "分工",
    [
        *inside("agency", text("id", "单位编号", width=20), text("name", "单位", width=28)),
        *closed_set("role", "角色"),
        text("as_written", "原文写法", width=24),
        number("position", "次序"),
        number("clause", "分工句序"),
        *inside(
            "task",
            text("id", "任务编号", width=20),
            PLAN,
            text("code", "序号", width=8),
            text("title", "任务", width=40),
            *reference("section", "所属部分"),
            *PROGRESS,
        ),
    ],
    _assignments,
)
TASK = NoticeKind(
    model=models.Task,
    schema=Task,
    has_page=True,
    label=LABEL,
    tag="任务。Tasks and the agencies assigned to them.",
    title=lambda task: str(task["title"]),
    message=lambda task: ([("进展", task["progress"]["status_label"])], task["citation"]),
    agencies=lambda task: [one["agency"]["id"] for one in task["assignments"]],
    search=Searched(
        mark="t", title="title", body=("body",), references=("citation", "label", "code", "id")
    ),
    counts=[
        Count(30, "items", "Numbered items （一）….", f"{TaskLevel.ITEM} % %"),
        Count(66, "tasks", "Leaf tasks: tasks without sub-tasks.", "% true %"),
    ],
    columns=COLUMNS,
    more_sheets={"assignment": ASSIGNMENTS},
    sheets_in_plan={
        "task": Table(LABEL, COLUMNS, _leaf),
        "group": Table("事项", COLUMNS, _group),
        "assignment": ASSIGNMENTS,
    },
)
