"""Plans: notices and their texts."""

from app.db import models
from app.formats.columns import CHANGED, ID, WHOSE, closed_set, day, inside, number, text
from app.kinds.kind import Count, NoticeKind, Searched
from app.schemas.plan import Plan

PLAN = NoticeKind(
    model=models.Plan,
    schema=Plan,
    has_page=True,
    label="工作要点",
    tag="工作要点：通知及其全文。Plans: notices and their full texts.",
    title=lambda plan: str(plan["title"]),
    message=lambda plan: ([("文号", plan["document_number"])], ""),
    plan_member="id",
    search=Searched(
        mark="p",
        title="title",
        body=("document_number", "preamble", "closing"),
        references=("document_number", "id"),
    ),
    counts=[Count(example=1)],
    columns=[
        ID,
        text("title", "标题", width=44),
        *closed_set("kind", "类别"),
        text("document_number", "文号", width=22),
        text("issuer", "发文机关", width=24),
        day("issued_on", "发文日期"),
        *inside("period", day("start_on", "起始日期"), day("end_on", "截止日期")),
        number("year", "年度"),
        text("series", "系列", width=22),
        text("supersedes", "取代", width=14),
        text("superseded_by", "被取代于", width=14),
        *closed_set("status", "状态"),
        *inside(
            "counts",
            number("sections", "部分数"),
            number("items", "事项数"),
            number("tasks", "任务数"),
            number("assignments", "分工数"),
            number("agencies", "机构数"),
            number("targets", "目标数"),
        ),
        *inside(
            "source",
            text("address", "来源网址", width=30),
            day("retrieved_on", "取得日期"),
            number("text_length", "全文字数"),
            text("text_sha256", "全文 SHA-256", width=24),
            text("raw_sha256", "来件 SHA-256", width=24),
        ),
        *inside(
            "reading",
            day("read_on", "录入日期"),
            text("read_by", "录入人"),
            day("checked_on", "核对日期"),
            text("checked_by", "核对人"),
            number("explained_share", "按规则解释的比例"),
            number("set_aside_share", "搁置的比例"),
            number("signs_acknowledged", "已确认的疑点"),
        ),
        *WHOSE,
        *CHANGED,
    ],
)
