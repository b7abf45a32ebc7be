"""Targets: quantities, full coverage, deadlines."""

from app.db import models
from app.formats.columns import (
    CHANGED,
    ID,
    PLAN,
    SPAN,
    WHOSE,
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
from app.kinds.document import Document
from app.kinds.kind import About, Count, NoticeKind, Searched
from app.schemas.notice import Target


def _message(target: Document) -> About:
    attained = target["attainment"]["status_label"]
    due = [("期限", target["due_on"])] if target["due_on"] else []
    return [*due, ("完成情况", attained)], target["statement"]


TARGET = NoticeKind(
    model=models.Target,
    schema=Target,
    label="目标",
    tag="目标。Targets: quantities, full coverage, deadlines.",
    title=lambda target: str(target["metric"]),
    message=_message,
    agencies=lambda target: [agency["id"] for agency in target["agencies"]],
    search=Searched(mark="g", title="metric", body=("statement",)),
    counts=[Count(example=18)],
    columns=[
        ID,
        PLAN,
        *reference("section", "所属部分"),
        *reference("task", "任务"),
        text("metric", "指标", width=30),
        prose("statement", "原文"),
        *closed_set("kind", "类别"),
        *closed_set("comparator", "比较"),
        number("value", "数值"),
        number("value_upper", "上限"),
        text("unit", "单位", width=10),
        text("as_written", "原文数值"),
        flag("is_cumulative", "累计"),
        flag("is_average", "平均"),
        *closed_set("direction", "增减"),
        text("scope", "范围", width=24),
        *inside("baseline", number("value", "基数"), day("as_of", "基数日期")),
        *closed_set("strength", "力度"),
        day("due_on", "期限"),
        *closed_set("due_basis", "期限依据"),
        *closed_set("recurrence", "周期"),
        listed("recurs_on", "每年期限", "recurs_on"),
        listed("agencies", "牵头（责任）单位", "agencies", "name"),
        listed("agency_ids", "单位编号", "agencies", "id", " "),
        *SPAN,
        *inside(
            "attainment",
            *closed_set("status", "完成情况"),
            number("latest_value", "最新数值"),
            day("measured_on", "测量日期"),
        ),
        *WHOSE,
        *CHANGED,
    ],
)
