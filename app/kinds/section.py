"""Sections of plans."""

from app.db import models
from app.formats.columns import CHANGED, ID, PLAN, SPAN, WHOSE, number, prose, text
from app.kinds.kind import Count, NoticeKind, Searched
from app.schemas.notice import Section

SECTION = NoticeKind(
    model=models.Section,
    schema=Section,
    label="部分",
    tag="各部分。Sections of plans.",
    title=lambda section: str(section["title"]),
    message=lambda section: ([], section["intro"] or ""),
    search=Searched(mark="s", title="title", body=("intro",)),
    counts=[Count(example=6)],
    columns=[
        ID,
        PLAN,
        number("ordinal", "次序"),
        text("code", "序号", width=8),
        text("label", "原文序号", width=12),
        text("title", "标题", width=40),
        prose("intro", "引言"),
        number("items", "事项数"),
        number("tasks", "任务数"),
        *SPAN,
        *WHOSE,
        *CHANGED,
    ],
)
