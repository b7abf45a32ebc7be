"""The account asks about whatever a faulty parser drops; each sabotage breaks one part of it."""

from collections.abc import Callable
from typing import Any

import pytest

from seed.reader import commitments, frame, outline, statements
from seed.reader.clauses import Clause, ClauseReader
from seed.reader.markers import marker_of
from seed.reader.reading import Reading
from seed.reader.text import Span
from tests.support.reading_small import kinds, read_small

BODY = """一、夯实基础
（一）建设平台。建成平台3个。（省公安厅牵头）2023年6月底前印发办法。（省财政厅牵头）
（二）完善制度。制定办法。（省教育厅牵头）
推广应用。（省教育厅牵头）
（三）开展培训。抓好落实。（省民政厅牵头）
覆盖率达到95%以上。（省民政厅牵头）"""


def asked(reading: Reading, kind: str) -> list[str]:
    return [question.text for question in reading.questions if question.kind == kind]


def test_a_sound_parser_leaves_nothing_open() -> None:
    assert read_small(BODY).questions == []


def test_a_clause_that_is_dropped_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = ClauseReader.in_bracket

    def drops_the_first(self: ClauseReader, outer: Span, **given: Any) -> Clause | None:
        return (
            None
            if "省公安厅" in self.text[outer.start : outer.end]
            else sound(self, outer, **given)
        )

    monkeypatch.setattr(ClauseReader, "in_bracket", drops_the_first)
    assert asked(read_small(BODY), "bracket") == ["（省公安厅牵头）"]


def test_a_last_paragraph_that_is_dropped_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = outline._Builder._attach

    def drops(self: Any, paragraph: Any) -> None:
        if not paragraph.text.startswith("覆盖率"):
            sound(self, paragraph)

    monkeypatch.setattr(outline._Builder, "_attach", drops)
    reading = read_small(BODY)
    assert asked(reading, "paragraph") == ["覆盖率达到95%以上。（省民政厅牵头）"]
    assert asked(reading, "bracket") == ["（省民政厅牵头）"]
    assert asked(reading, "number")


@pytest.mark.parametrize(("module", "name"), [(commitments, "times"), (commitments, "quantities")])
def test_a_date_or_figure_that_is_dropped_is_asked_about(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    def nothing(*_: Any, **__: Any) -> list[Any]:
        return []

    monkeypatch.setattr(module, name, nothing)
    open_numbers = " ".join(asked(read_small(BODY), "number"))
    assert ("2023年6月" if name == "times" else "平台3个") in open_numbers


def test_a_figure_that_one_rule_drops_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    sound: Callable[..., Any] = statements.figures_of

    def drops_the_last(*given: Any) -> Any:
        return sound(*given)[:-1]

    monkeypatch.setattr(commitments, "figures_of", drops_the_last)
    assert len(asked(read_small(BODY), "number")) == 2


def test_a_paragraph_is_never_closing_without_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    one_each = BODY.replace("\n覆盖", "覆盖").replace("\n推广", "推广")
    assert read_small(one_each).questions == []
    reading = read_small(one_each + "\n做好各项工作。")
    assert reading.frame.texts("closing") == []
    assert asked(reading, "sign_paragraph") == ["做好各项工作。"]
    monkeypatch.setattr(frame, "_kind", lambda *_, **__: None)
    assert "paragraph" in kinds(read_small(BODY))


def test_an_item_inside_its_neighbour_is_a_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    joined = BODY.replace("\n（二）", "（二）")
    assert "sign_inside" in kinds(
        read_small(joined + "\n（三）开展培训。抓好落实。（省民政厅牵头）")
    )

    def not_the_second(text: str) -> Any:
        return None if text.startswith("（二）") else marker_of(text)

    monkeypatch.setattr("seed.reader.outline.marker_of", not_the_second)
    assert "sign_inside" in kinds(read_small(BODY))


@pytest.mark.parametrize(
    ("old", "new", "sign"),
    [
        ("（二）完善", "（三）完善", "sign_jump"),
        ("（二）完善", "（一）完善", "sign_repeat"),
        ("制定办法。", "制定办法 。", "sign_mark"),
        ("制定办法。", "制定办法。。", "sign_mark"),
        ("覆盖率达到95%以上。（省民政厅牵头）", "（三）。", "sign_empty"),
    ],
)
def test_signs_of_a_wrong_reading(old: str, new: str, sign: str) -> None:
    assert old in BODY
    body = BODY.replace(old, new)
    assert sign in kinds(read_small(body))


def test_a_lone_part_below_another_is_a_sign() -> None:
    body = "一、夯实基础\n（一）建设平台。抓好。（省公安厅牵头）\n二、加强保障\n（二）落实。抓好。（省公安厅牵头）\n（三）宣传。抓好。（省公安厅牵头）"
    assert [q.text for q in read_small(body).questions if q.kind == "sign_single"] == [
        "一、夯实基础"
    ]


def test_a_lone_task_without_a_clause_is_a_sign() -> None:
    three = BODY.replace("（省教育厅牵头）", "")
    assert "sign_clause" in kinds(read_small(three))


def test_a_table_of_contents_that_disagrees_is_a_sign() -> None:
    contents = "目录\n一、夯实基础\n二、加强保障\n"
    assert "sign_contents" in kinds(read_small(contents + BODY))
    assert "sign_contents" not in kinds(read_small(contents.replace("二、加强保障\n", "") + BODY))
