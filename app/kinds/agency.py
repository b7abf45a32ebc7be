"""Agencies and their names."""

from app.db import models
from app.formats.columns import CHANGED, ID, WHOSE, closed_set, flag, inside, listed, number, text
from app.kinds.kind import Count, NoticeKind, Searched
from app.schemas.notice import Agency

AGENCY = NoticeKind(
    model=models.Agency,
    schema=Agency,
    has_page=True,
    label="机构",
    tag="机构。Agencies and their names.",
    title=lambda agency: str(agency["name"]),
    message=lambda agency: ([], agency["official_name"]),
    agencies=lambda agency: [agency["id"]],
    search=Searched(
        mark="a", title="name", body=("official_name", "english_name", "names", "aliases")
    ),
    counts=[Count(example=38)],
    columns=[
        ID,
        text("name", "名称", width=28),
        text("official_name", "全称", width=36),
        text("english_name", "英文名", width=28),
        *closed_set("kind", "类别"),
        flag("is_collective", "集合名称"),
        listed("collectives", "所属统称", "collectives", "name"),
        listed("collective_ids", "统称编号", "collectives", "id", " "),
        listed("collective_basis_labels", "所属依据", "collectives", "basis_label"),
        listed("names", "正式名称", "names", "name"),
        listed("aliases", "其他名称", "aliases"),
        *inside(
            "counts",
            number("lead", "牵头项数"),
            number("responsible", "负责项数"),
            number("support", "配合项数"),
            number("guide", "指导项数"),
        ),
        *WHOSE,
        *CHANGED,
    ],
)
