"""Who is meant by a name: bodies of the notice's own chain, and no others."""

import pytest

from seed.governments import Government
from seed.reader.bodies import Bodies
from seed.registry import FOLDER, Platform, Registry, read_registry
from seed.yaml_files import read_yaml
from tests.support.reading_small import known


def meant(code: str, name: str) -> str | None:
    body = Bodies(known(), code).find(name)
    return body.id if body else None


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("100000", "发展改革委", "cn-development-reform"),
        ("330000", "发展改革委", None),  # short forms are names inside their own government
        ("330000", "国家发展改革委", "cn-development-reform"),
        ("330000", "财政部", "cn-finance"),
        ("330000", "杭州市政府", "zj-hangzhou"),
        ("330000", "广州市政府", None),
        ("440000", "广州市政府", "gd-guangzhou"),
        ("440000", "省公安厅", "gd-public-security"),
        ("440000", "公安厅", "gd-public-security"),
        ("440300", "省公安厅", "gd-public-security"),
        ("440300", "公安厅", None),
        ("330000", "省公安厅", None),
        ("440300", "广州市政府", None),  # a sibling
        ("100000", "各省级人民政府", "cn-provincial-governments"),
        ("330000", "各地区", None),  # the nation's collective means others here
        ("330000", "各市、县〔市、区〕政府", "zj-cities-counties"),
    ],
)
def test_a_name_means_a_body_of_the_own_chain(code: str, name: str, expected: str | None) -> None:
    assert meant(code, name) == expected


def test_no_name_of_the_nation_means_two_bodies() -> None:
    names = [
        name
        for body in known().bodies
        if body.region == "100000"
        for name in {body.name, body.official_name, *body.aliases}
    ]
    assert len(names) == len(set(names))


def test_the_registry_has_the_governments_that_it_promises() -> None:
    governments = known().governments.values()
    assert sum(one.level == "province" for one in governments) == 31
    assert sum(one.parent == "440000" for one in governments) == 21
    assert sum(one.parent == "330000" for one in governments) == 11
    of_cities = {body.region for body in known().bodies if body.kind == "government"}
    assert {one.code for one in governments if one.level != "nation"} <= of_cities


def test_what_the_reader_knows_is_not_what_is_loaded() -> None:
    """`/v1/agencies` holds what plans refer to; the reader's bodies are in a file of their own."""
    loaded = {agency.id for agency in read_registry().agencies}
    assert loaded == {entry["id"] for entry in read_yaml(FOLDER / "agencies.yaml")}
    assert not loaded & {body.id for body in read_registry().bodies}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("省经信厅", "department"), ("省委组织部", "party_organ"), ("省法院", "court_or_procuratorate"),
        ("省电力公司", "enterprise"), ("各设区市政府", "collective"), ("瓯海区政府", "government"),
        ("之江实验室", "public_institution"), ("省妇联", "mass_organization"),
    ],
)  # fmt: skip
def test_a_proposal_is_a_whole_line_of_the_registry(name: str, expected: str) -> None:
    line = Bodies(known(), "330000").propose(name)
    assert line
    assert f"kind: {expected}," in line
    assert "…" not in line


def test_a_notice_sees_names_of_its_own_chain_by_parents_and_not_by_digits() -> None:
    governments = (
        Government("100000", "国", "nation", None, "cn", ()),
        Government("440000", "甲省", "province", "100000", "jia", ()),
        Government("440200", "乙市", "city", "440000", "yi", ()),
        Government("440300", "丙市", "city", "440000", "bing", ()),
        Government("449900", "丁市", "city", "100000", "ding", ()),
    )
    systems = tuple(Platform(f"p-{c}", f"平台{c}", "platform", (), c) for c in ("440000", "440300"))
    registry = Registry((), (*systems, Platform("p", "平台", "platform", ())), governments)
    city = registry.of_jurisdiction("440200")
    assert [one.name for one in city.governments] == ["国", "甲省", "乙市"]
    assert [one.id for one in city.platforms] == ["p-440000", "p"]
    province = registry.of_jurisdiction("440000")
    assert [one.name for one in province.governments] == ["国", "甲省", "乙市", "丙市"]


def test_bodies_of_the_nation_name_those_that_went_over_into_them() -> None:
    names = {body.id: body.name for body in known().bodies}
    found = {
        body.name: (body.predecessors[0].how, [names[one.agency] for one in body.predecessors])
        for body in known().bodies
        if body.region == "100000" and body.predecessors
    }
    assert found == {
        "金融监管总局": ("renamed_into", ["银保监会"]),
        "银保监会": ("merged", ["银监会", "保监会"]),
        "国家卫生健康委": ("renamed_into", ["国家卫生计生委"]),
        "农业农村部": ("renamed_into", ["农业部"]),
        "生态环境部": ("renamed_into", ["环境保护部"]),
        "自然资源部": ("merged", ["国土资源部", "国家海洋局"]),
        "市场监管总局": ("merged", ["工商总局", "质检总局", "食品药品监管总局"]),
        "文化和旅游部": ("merged", ["文化部", "国家旅游局"]),
        "广电总局": ("split", ["新闻出版广电总局"]),
        "国家新闻出版署": ("split", ["新闻出版广电总局"]),
        "国家乡村振兴局": ("renamed_into", ["国务院扶贫办"]),
        "国家林草局": ("renamed_into", ["国家林业局"]),
        "国家粮食和储备局": ("renamed_into", ["国家粮食局"]),
        "应急部": ("merged", ["安全监管总局"]),
        "司法部": ("merged", ["国务院法制办"]),
        "国铁集团": ("renamed_into", ["中国铁路总公司"]),
    }


@pytest.mark.parametrize(
    "words",
    ["市政府办公室牵头", "市住房局 省牵头单位：省建设厅", "市教育局市财政局", "省商务厅（列第一位的为牵头单位，下同）", "其余由各地", "12",
     "一港五谷（鹿城区政府、龙湾区政府）"],
)  # fmt: skip
def test_words_that_are_no_name_are_not_proposed_as_one(words: str) -> None:
    assert Bodies(known(), "330100").propose(words) is None


def test_a_department_of_the_province_is_proposed_for_the_province() -> None:
    line = Bodies(known(), "330100").propose("省商务厅")
    assert line
    assert 'official_name: 浙江省商务厅, kind: department, region: "330000"' in line


def test_several_further_names_in_brackets_are_further_names_of_one_body() -> None:
    line = Bodies(known(), "330300").propose("市委办公室（市档案局、市国家密码管理局）")
    assert line
    assert "name: 市委办公室, " in line
    assert "aliases: [市档案局, 市国家密码管理局]" in line
    assert Bodies(known(), "330300").propose("相关县（市、区）政府")
