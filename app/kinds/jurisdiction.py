"""Governments that have plans or agencies."""

from app.db import models
from app.formats.columns import CHANGED, EXAMPLE, ID, closed_set, inside, listed, number, text
from app.kinds.kind import Count, NoticeKind, Searched
from app.schemas.notice import Jurisdiction

JURISDICTION = NoticeKind(
    model=models.Jurisdiction,
    schema=Jurisdiction,
    label="政府",
    has_page=True,
    tag="政府。Governments that have plans or agencies.",
    title=lambda jurisdiction: str(jurisdiction["name"]),
    message=lambda jurisdiction: ([("层级", jurisdiction["level_label"])], ""),
    search=Searched(mark="j", title="name", body=("aliases",)),
    counts=[Count(example=2)],
    columns=[
        ID,
        text("code", "区划代码", width=10),
        text("name", "名称", width=20),
        *closed_set("level", "层级"),
        listed("aliases", "其他名称", "aliases"),
        *EXAMPLE,
        *inside("parent", text("code", "上级代码", width=10), text("name", "上级")),
        listed("children", "下级", "children", "name"),
        *inside(
            "counts",
            number("plans", "工作要点数"),
            number("tasks", "任务数"),
            number("targets", "目标数"),
            number("agencies", "机构数"),
        ),
        *CHANGED,
    ],
)
