"""Pairs of plans that no notice has."""

from typing import Any

import pytest

from app.enums import LineageRelation
from app.projections.comparison.compared import ComparedPlan
from app.projections.comparison.document import Compared
from app.projections.comparison.pairing import LEAST, paired


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


# Two years that say the same work in other words, the later one more briefly, as a government may.
BEFORE = [
    ("深化政务服务事项管理", "全面推出高频主题集成服务，优化升级事项管理系统，建设全省事项运营中心，推动各类业务系统对接联通，实现证照免提交闭环管理。"),
    ("拓展热线服务渠道", "健全咨询投诉服务体系，推动省级热线与各市平台互联互通，开展多渠道运营，强化智能客服和智能质检，分析研判群众反映的问题。"),
    ("构建教育数据应用体系", "推动线上线下融合教学，完善优质资源服务体系，加强教育数据分析，探索新时代学生评价改革，助力教育决策精准科学。"),
    ("提升办税缴费便利度", "提升网上税务局服务水平，实现政策精准推送，推动涉税数据一次采集、共享共用，推进征管智能改造，加快发票全环节电子化。"),
    ("强化智慧水利管理", "推进智慧水利一期项目，提升江河和水利工程感知监测能力，加强水利资源集约汇聚，提升水旱灾害防御和河湖管理水平。"),
    ("深化行政执法监督", "完善执法两平台功能，推动各级执法主体全面应用，打造执法分析应用，加强层级监督，为乡镇综合执法提供指挥协同。"),
    ("发展智能算力", "布局建设智能算力中心，培育云服务企业，支持中小企业上云用云，建设行业算力调度平台，降低企业用算成本。"),
    ("引进领军人才", "简化人才评审论证程序，对特殊人才随到随评，放宽年龄和资历条件，按绩效给予科研补助，支持组建创新团队。"),
    ("丰富文化活动", "组织群众歌咏展演和全民阅读活动，开放博物馆夜间参观，培育乡村文艺队伍，建设城市书房。"),
]  # fmt: skip
AFTER = [
    ("推进事项集成办理", "再推出一批集成服务，完善事项管理系统，扩大证照免提交范围。"),
    ("提高热线质效", "统一全省热线标准，推广智能客服，及时发现群众反映的问题。"),
    ("实施教育数字化行动", "建设智慧教育平台，扩大优质资源供给，开展学生评价改革试点。"),
    ("建设智慧税务", "推行电子发票，推动税费数据共享，政策精准推送到企业。"),
    ("建设数字孪生流域", "完成智慧水利一期项目，提升水旱灾害防御能力。"),
    ("规范基层执法", "推广执法两平台，加强乡镇综合执法指挥协同。"),
    ("用好智能算力", "扩大云服务供给，支持中小企业用云，统一算力调度。"),
    ("完善人才评价", "特殊人才随到随评，按绩效补助创新团队。"),
    ("防范电信诈骗", "开展反诈宣传进社区，建立快速止付机制。"),
]  # fmt: skip


def test_work_in_other_and_fewer_words_is_paired_and_not_called_narrowed() -> None:
    found = paired(plan("b", *AFTER), plan("a", *BEFORE))
    assert [(one.here, one.there) for one in found] == [(place, place) for place in range(8)]
    assert min(one.similarity for one in found) < LEAST
    narrowed = [one.here for one in found if one.relation == LineageRelation.NARROWED]
    assert len(narrowed) <= 2


def test_what_is_faintly_like_several_tasks_goes_on_from_none() -> None:
    here, there = plan("b", *AFTER, AFTER[5]), plan("a", *BEFORE, BEFORE[5])
    found = {(one.here, one.there) for one in paired(here, there)}
    assert found == {(place, place) for place in range(8) if place != 5}
