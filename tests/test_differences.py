"""Differences of texts: complete, shortest, readable, and bounded whatever the texts."""

import random
from collections.abc import Sequence
from unittest.mock import Mock

import pytest

from app.chinese import differences as module
from app.chinese.differences import MOST_WORK, differences, work_of

A = "推进“粤商通”平台建设，完成3至5个行业专题服务提升行动。2022年底前实现全覆盖。"
B = "推进“粤商通”平台应用，开展3至8个行业专题服务优化行动。2023年底前基本实现全覆盖。"


def parts(a: str, b: str) -> list[tuple[str, str]]:
    return [(one.operation, a[slice(*one.a)] or b[slice(*one.b)]) for one in differences(a, b)]


def test_words_are_characters_latin_words_and_numbers() -> None:
    assert parts(A, B) == [
        ("equal", "推进“粤商通”平台"),
        ("deleted", "建设"), ("inserted", "应用"),
        ("equal", "，"),
        ("deleted", "完成"), ("inserted", "开展"),
        ("equal", "3至"),
        ("deleted", "5"), ("inserted", "8"),
        ("equal", "个行业专题服务"),
        ("deleted", "提升"), ("inserted", "优化"),
        ("equal", "行动。"),
        ("deleted", "2022"), ("inserted", "2023"),
        ("equal", "年底前"),
        ("inserted", "基本"),
        ("equal", "实现全覆盖。"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b", "found"),
    [
        ("", "", []),
        ("", "数据", [("inserted", "数据")]),
        ("数据", "", [("deleted", "数据")]),
        ("数据", "数据", [("equal", "数据")]),
        ("改善数据局", "开放据说", [("deleted", "改善数据局"), ("inserted", "开放据说")]),
        ("report 12.5", "reports 12", [
            ("deleted", "report"), ("inserted", "reports"), ("equal", " "),
            ("deleted", "12.5"), ("inserted", "12"),
        ]),
    ],
)  # fmt: skip
def test_edges(a: str, b: str, found: list[tuple[str, str]]) -> None:
    """One character that is the same by chance divides nothing."""
    assert parts(a, b) == found


def longest(a: Sequence[str], b: Sequence[str]) -> int:
    """The length of the longest common subsequence, by the textbook."""
    row = [0] * (len(b) + 1)
    for x in a:
        before = row
        row = [0]
        for j, y in enumerate(b):
            row.append(before[j] + 1 if x == y else max(before[j + 1], row[j]))
    return row[-1]


def test_parts_make_up_both_texts_and_what_is_equal_is_longest() -> None:
    chance = random.Random(5)  # noqa: S311 - the same each time
    for _ in range(2000):
        a, b = ("".join(chance.choices("甲乙丙1，", k=chance.randrange(12))) for _ in "ab")
        found = differences(a, b)
        assert "".join(a[slice(*one.a)] for one in found) == a
        assert "".join(b[slice(*one.b)] for one in found) == b
        for one in found:
            same = a[slice(*one.a)] == b[slice(*one.b)]
            assert same == (one.operation == "equal")
        words = [module.WORD.findall(text) for text in (a, b)]
        assert len(module._pairs(*words, is_bounded=True)) == longest(*words)


def test_beyond_the_bound_only_beginning_and_end_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = Mock(wraps=module._pairs_between)
    monkeypatch.setattr(module, "_pairs_between", calls)
    a, b = "首" + "甲乙" * 6000 + "尾", "首" + "乙丙甲" * 5000 + "尾"
    assert work_of(a, b) > MOST_WORK
    assert [one.operation for one in differences(a, b)] == ["equal", "deleted", "inserted", "equal"]
    assert calls.call_count == 0
    differences(a[:4000], b[:4000])
    assert calls.call_count == 1
