"""Pairs of plans that no notice has."""

from typing import Any

import pytest

from app.enums import LineageRelation
from app.projections.comparison.compared import ComparedPlan
from app.projections.comparison.document import Compared
from app.projections.comparison.pairing import paired


def task(plan: str, code: str, title: str, body: str = "", **more: Any) -> dict[str, Any]:
    ids = {"id": f"{plan}-t{code}", "code": code, "title": title}
    return {**ids, "parent": None, "body": body, "assignments": [], "targets": [], **more}


def plan(name: str, *tasks: tuple[str, str]) -> ComparedPlan:
    return ComparedPlan(
        name, [task(name, str(code), *one) for code, one in enumerate(tasks, 1)], []
    )


CLOUD = ("扩大省级政务云规模", "省级政务云资源规模达到12万核，云资源平均使用率不低于55%。")
COURT = ("推进退役军人服务", "完善退役军人就业信息库，推广电子优待证。")


def test_a_plan_with_the_same_words_is_paired_task_by_task_and_nothing_changed() -> None:
    found = Compared(plan("b", CLOUD, COURT), plan("a", CLOUD, COURT)).document()
    assert [(one["here"]["id"], one["there"]["id"]) for one in found["pairs"]] == [
        ("b-t1", "a-t1"),
        ("b-t2", "a-t2"),
    ]
    assert {one["similarity"] for one in found["pairs"]} == {1}
    assert [one["changes"] for one in found["pairs"]] == [[], []]


@pytest.mark.parametrize(
    ("here", "there", "pairs"),
    [([CLOUD], [CLOUD], 1), ([CLOUD], [COURT], 0), ([], [CLOUD], 0), ([CLOUD], [], 0), ([], [], 0)],
)
def test_the_smallest_plans(here: Any, there: Any, pairs: int) -> None:
    assert len(paired(plan("b", *here), plan("a", *there))) == pairs


def test_titles_of_figures_alone_are_like_nothing() -> None:
    assert paired(plan("b", ("2025", "")), plan("a", ("2025", ""))) == []


def test_a_task_is_not_split_into_a_group_and_a_task_inside_it() -> None:
    there = plan("a", ("完善应急指挥平台", "接入气象、水利监测数据，完善应急指挥平台。"))
    group = task("b", "1", "健全应急指挥体系")
    part = task("b", "1.1", *CLOUD, parent={"id": "b-t1"})
    words = "接入气象、水利、交通监测数据，建设指挥平台。"
    same = task("b", "1.2", "完善应急指挥平台", words, parent={"id": "b-t1"})
    here = ComparedPlan("b", [group, part, same], [])
    assert [(one.here, one.relation) for one in paired(here, there)] == [
        (2, LineageRelation.CONTINUED)
    ]
