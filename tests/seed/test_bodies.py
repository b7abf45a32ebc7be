"""Who is meant by a name: bodies of the notice's own chain, and no others."""

import pytest

from seed.reader.bodies import Bodies
from seed.registry import FOLDER, Government, Platform, Registry, read_registry
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
