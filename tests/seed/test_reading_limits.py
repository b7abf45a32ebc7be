"""What no notice has is refused, or costs no more than its length."""

import pytest

from seed.reader.questions import MOST
from seed.reader.text import Span
from seed.refusals import NoticeRefusedError
from tests.support.reading_small import kinds, read_small, task


def test_brackets_thousands_deep_are_one_question() -> None:
    deep = "（" * 9_000 + "省公安厅负责" + "）" * 9_000
    reading = read_small(f"一、工作\n（一）建设。{deep}")
    assert task(reading, "1").clauses == []
    assert kinds(reading).count("bracket") == 1


def test_questions_beyond_some_hundreds_are_counted_and_not_listed() -> None:
    reading = read_small(
        "一、工作\n（一）建设。" + "".join(f"建成{n}喵。" for n in range(MOST + 50))
    )
    assert len(reading.questions) == MOST + 1
    assert reading.questions[-1].text.endswith("(and 49 more of this kind)")


@pytest.mark.parametrize("words", ["建" * 20_001, "建成" + "1" * 31 + "个"])
def test_paragraphs_and_numbers_that_no_notice_has_are_refused(words: str) -> None:
    with pytest.raises(NoticeRefusedError, match="at most"):
        read_small(f"一、工作\n（一）建设。{words}。")


@pytest.mark.parametrize(
    "words", ["建。（省公安厅牵头）", "建3个。（省公安厅牵头，6月底前完成）", "省公安厅牵头。"]
)
def test_twice_as_many_words_are_twice_the_work(
    monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    looks = 0

    def work(count: int) -> int:
        nonlocal looks
        looks = 0
        read_small(f"一、工作\n（一）建设。{words * count}")
        return looks

    def overlaps(one: Span, other: Span) -> bool:
        nonlocal looks
        looks += 1
        return one.start < other.end and other.start < one.end

    monkeypatch.setattr(Span, "overlaps", overlaps)
    once, twice = work(300), work(600)
    assert twice <= 2 * once + 20
