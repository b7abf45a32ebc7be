"""Governments of an operator that do not agree with the others are refused with what would be right."""

from pathlib import Path

import pytest

from seed.refusals import NoticeRefusedError
from seed.registry import read_registry
from seed.sources import EXAMPLES

PROVINCE = ("980000", "演示省", "province", "100000", "demo")
CITY = ("980100", "演示市", "city", "980000", "demo-a")
OTHER = ("980200", "演范市", "city", "980000", "demo-b")
DISTRICT = ("980102", "示范区", "county", "980100", "demo-a-x")


def line(code: str, name: str, level: str, parent: str | None, prefix: str) -> str:
    above = "null" if parent is None else f'"{parent}"'
    return (
        f'- {{code: "{code}", name: {name}, level: {level}, parent: {above}, prefix: {prefix}, '
        "aliases: [], is_example: true}"
    )


def governments(folder: Path, *given: tuple[str, str, str, str | None, str]) -> list[str]:
    """The codes of a registry that these are added to."""
    (folder / "governments.yaml").write_text("\n".join(line(*one) for one in given), "utf-8")
    return [
        one.code for one in read_registry(additions=[folder, EXAMPLES / "registry"]).governments
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([("980100", "演示市", "city", "980000", "demo-a")],
         ("governments.yaml: 980100 演示市 has the parent 980000, which no government has as its code; "
         "expected the code of the government above it, or null")),
        ([("980100", "演示市", "city", "980100", "demo-a")],
         "governments.yaml: parents in a circle: 980100 above 980100; expected as `parent` the code"),
        ([("980000", "演示省", "province", "980102", "demo"), CITY, DISTRICT],
         "parents in a circle: .* above .* above .* above "),
        ([("980100", "演示市", "city", "980000", "demo-a"), ("980000", "演示省", "city", "100000", "demo")],
         ("980100 演示市 has the level city, below 980000 演示省 of level city; "
         "expected a level below city, or another parent")),
        ([("980000", "演示省", "province", "330100", "demo")],
         "980000 演示省 has the level province, below 330100 杭州市 of level city; expected a level below city"),
        ([("980000", "演示国", "nation", "100000", "demo")], "has the level nation, below 100000 中华人民共和国"),
        ([PROVINCE, CITY, ("980200", "演示市", "city", "980000", "demo-b")],
         ("980200 演示市 has the name of 980100 演示市, below the same government; "
         "expected a name of its own there; if it is the same government, its code")),
        ([("980000", "浙江省", "province", "100000", "demo")],
         "980000 浙江省 has the name of 330000 浙江省, below the same government"),
        ([("980000", "演示省", "province", "100000", "zj")],
         ("980000 演示省 has the prefix zj, which is that of 330000 浙江省; "
         "expected a prefix that no other government has")),
        ([("980000", "演示省", "province", "100000", "Demo_1")],
         "has the prefix Demo_1; expected a-z, 0-9 and -, such as zj-hangzhou"),
        ([("980000", "演示省", "state", "100000", "demo")],
         "has the level state; expected one of nation, province, city, county"),
    ],
)  # fmt: skip
def test_a_government_without_a_place_a_name_or_a_prefix_of_its_own_is_refused(
    tmp_path: Path, given: list[tuple[str, str, str, str | None, str]], reason: str
) -> None:
    with pytest.raises(NoticeRefusedError, match=reason):
        governments(tmp_path, *given)


@pytest.mark.parametrize(
    "given",
    [
        [DISTRICT, CITY, PROVINCE],  # in any order
        [PROVINCE, CITY, OTHER, DISTRICT, ("980202", "示范区", "county", "980200", "demo-b-x")],
        [("980000", "演示省", "province", None, "demo")],
        [PROVINCE, ("980001", "演示县", "county", "980000", "demo-c")],  # of no city
        [PROVINCE, ("980300", "杭州市", "city", "980000", "demo-hangzhou")],
        [("900009", "演示国", "nation", None, "demo")],
    ],
)  # fmt: skip
def test_what_exists_is_accepted_as_are_two_districts_of_one_name_below_two_cities(
    tmp_path: Path, given: list[tuple[str, str, str, str | None, str]]
) -> None:
    assert {one[0] for one in given} <= set(governments(tmp_path, *given))
