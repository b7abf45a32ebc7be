"""Platforms, brands and initiatives that notices mention."""

from app.db import models
from app.formats.columns import CHANGED, EXAMPLE, ID, closed_set, listed, number, text
from app.kinds.kind import Count, NoticeKind, Searched
from app.schemas.notice import Platform

PLATFORM = NoticeKind(
    model=models.Platform,
    schema=Platform,
    has_page=True,
    label="平台",
    tag="平台、品牌和举措。Platforms, brands and initiatives.",
    title=lambda platform: str(platform["name"]),
    message=lambda platform: ([], ""),
    search=Searched(mark="f", title="name"),
    counts=[Count(example=166)],
    columns=[
        ID,
        text("name", "名称", width=28),
        *closed_set("kind", "类别"),
        number("mentions", "提及次数"),
        listed("task_ids", "任务编号", "tasks", "id", " "),
        *EXAMPLE,
        listed("task_modes", "任务用途", "tasks", "mode_label"),
        number("tasks_total", "任务总数"),
        *CHANGED,
    ],
)
