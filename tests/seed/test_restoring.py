"""A damaged copy is made whole; a clean one stays as it is; nothing goes unrecorded."""

import random
import re
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.chinese.scripts import converter
from app.enums import Certainty, CorrectionKind
from seed.editorial import read_editorial
from seed.notice_files import NOTICES, ReadNotice
from seed.refusals import NoticeRefusedError
from seed.restore import decode, restore
from seed.shifted_runs import Decision, readings

RAW = (NOTICES / "gd-dg-2022" / "raw.txt").read_bytes()
# What the copies insert, as they do: bytes in the text, whether or not a character begins there.
MARKS = "，。、；！："
DOUBLED = "數據監業網統現發聯區規優創協環態續鄉醫執節經鎮戰穩衛養"


def damaged(text: str, chance: random.Random, *, share: float = 1.0) -> str:
    """Damage as it happened: inserts into the bytes of GBK, read as cp936, brackets folded."""
    data = text.encode("gbk")
    marks = {mark.encode("gbk"): b"," + mark.encode("gbk") for mark in MARKS}
    doubled = {
        c.encode("gbk"): c.encode("gbk") + f"({min(readings(c))})".encode("gbk") for c in DOUBLED
    }
    inserts = {**marks, **doubled}
    pattern = re.compile(b"|".join(re.escape(key) for key in inserts))
    data = pattern.sub(lambda m: inserts[m[0]] if chance.random() < share else m[0], data)
    out, position = [], 0
    while position < len(data):
        byte = data[position]
        if byte < 0x80:
            out.append(chr(byte))
            position += 1
        elif byte == 0x80:
            out.append("€")
            position += 1
        elif position + 1 < len(data) and data[position + 1] >= 0x40:
            out.append(data[position : position + 2].decode("gbk", "ignore"))
            position += 2
        else:
            out.append("?")
            position += 2
    folded = str.maketrans("（），：；！", "(),:;!")
    return "".join(out).translate(folded)


def shifts(text: str) -> bool:
    """Whether some insert would fall inside a character."""
    position, boundaries = 0, set()
    data = text.encode("gbk")
    for character in text:
        boundaries.add(position)
        position += len(character.encode("gbk"))
    return any(
        match.start() not in boundaries
        for key in MARKS + DOUBLED
        for match in re.finditer(b"(?=" + re.escape(key.encode("gbk")) + b")", data)
    )


def test_all_damage_of_the_first_notice_is_repaired(notice: ReadNotice) -> None:
    kinds = Counter(correction.kind for correction in notice.restored.corrections)
    assert kinds[CorrectionKind.PINYIN] == 874
    assert kinds[CorrectionKind.COMMA] == 475
    assert kinds[CorrectionKind.SHIFTED_RUN] == 5
    assert kinds[CorrectionKind.FOLDED] == 307
    text = notice.restored.text
    assert not re.search(r"[(),?:;!€\u3000]|[a-zà-üāǎēěīǐōǒūǔ]", text)
    for passage in (
        "发布政务版个人和企业数据空间",
        "社保基金、就业创业资金补贴",
        "确保粤澳通关凭证稳定运行",
        "\n（十七）深化“粤系列”政务服务平台应用。\n",
        "深化“互联网+医保”服务。",
        "两个着力点",
        "能力成熟度评估模型（PDMM），支持",
        "“管理1+N”模式",
    ):
        assert passage in text


def test_what_no_byte_proves_is_marked_as_decided(notice: ReadNotice) -> None:
    assert {one.certainty for one in notice.restored.corrections} == set(Certainty)
    for correction in notice.restored.corrections:
        proven = correction.certainty is Certainty.CERTAIN
        assert proven == (correction.reason is None)
        assert proven == (
            correction.kind
            not in (CorrectionKind.LOST_CHARACTER, CorrectionKind.LINE_BREAK, CorrectionKind.SCRIPT)
        )


def test_nothing_goes_that_is_not_in_the_corrections(notice: ReadNotice) -> None:
    """Outside corrections, the copy's characters are the text's, in their order."""
    restored = notice.restored
    covered: set[int] = set()
    for correction in restored.corrections:
        assert restored.text[correction.start : correction.end] == correction.text
        covered.update(range(correction.start, correction.end))
    left = Counter(c for i, c in enumerate(restored.text) if i not in covered)
    received = Counter(converter("t2s").convert(decode(RAW)))
    excerpts = Counter(converter("t2s").convert("".join(c.raw for c in restored.corrections)))
    missing = received - left - excerpts
    assert not missing, missing


def test_without_a_decision_the_lost_characters_are_refused() -> None:
    with pytest.raises(NoticeRefusedError, match="line 47: .*read one byte off"):
        restore(decode(RAW))


def test_restoring_twice_changes_nothing(notice: ReadNotice) -> None:
    again = restore(notice.restored.text)
    assert again.text == notice.restored.text
    assert again.corrections == ()


@pytest.mark.parametrize("share", [0.0, 0.2, 0.7, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_other_damaged_copies_of_the_notice_come_out_the_same(
    notice: ReadNotice, share: float, seed: int
) -> None:
    decisions = read_editorial(NOTICES / "gd-dg-2022" / "editorial.yaml").lost
    whole = converter("s2t").convert(notice.restored.text)
    copy = damaged(whole, random.Random(seed), share=share)  # noqa: S311 (no secret)
    assert restore(copy, decisions).text == notice.restored.text


def test_a_copy_whose_bytes_do_not_say_is_refused_and_not_guessed(notice: ReadNotice) -> None:
    """Indented items: every （ is struck, and with it characters that vanish whole."""
    text = converter("s2t").convert(notice.restored.text)
    indented = "\n".join(f"　{line}" for line in text.split("\n"))
    with pytest.raises(NoticeRefusedError, match="line 11: .*read one byte off"):
        restore(damaged(indented, random.Random(1)))  # noqa: S311 (no secret)


@settings(max_examples=200)
@given(
    st.lists(
        st.text(
            alphabet="數據監業的了在發展協同平臺服務一二（）“”《》，。、；：！0159%", min_size=1
        ),
        min_size=1,
        max_size=5,
    ),
    st.randoms(use_true_random=False),
)
def test_clean_text_survives_any_damage(paragraphs: list[str], chance: random.Random) -> None:
    text = "\n".join(p.strip("，、；：！。") or "數" for p in paragraphs)
    # Marks stand alone in a clean text, and never where no mark may stand.
    text = re.sub(r"([，。、；：！])[，。、；：！]+", r"\1", text)
    text = re.sub(
        r"(?<=[（“《])[，。、；：！]+|[，。、；：！]+(?=[）”》（])|(?m:^[，。、；：！]+)", "", text
    )
    text = re.sub(r"\n\n+", "\n", text).strip("\n") or "數"
    if shifts(text) or not text.strip():
        return
    clean = restore(text)
    assert restore(clean.text).text == clean.text
    assert restore(damaged(text, chance)).text == clean.text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
@example(", 0")
def test_any_text_is_restored_or_refused(text: str) -> None:
    try:
        once = restore(text).text
    except NoticeRefusedError:
        return
    assert restore(once).text == once


@pytest.mark.parametrize(
    ("raw", "restored"),
    [
        ("數(shù)據(jù)", "数据"),
        ("平臺(PDMM),,支持", "平台（PDMM），支持"),
        ("模型（app）與平臺(app)", "模型（app）与平台（app）"),
        ("投入1,000萬元,增長", "投入1,000万元，增长"),
        ("上午10:30開會:議題", "上午10:30开会：议题"),
        ("見http://example.org,謝謝", "见http://example.org，谢谢"),
        ("數據,、平臺、,服務", "数据、平台、服务"),
        ("《通知》,,已經", "《通知》，已经"),
        ("數據,。(省財政廳牽頭)", "数据。（省财政厅牵头）"),
        ("\ufeff　　數據\r\n\r\n　平臺\r\n", "数据\n平台\n"),
        ("着力、著名", "着力、著名"),
        (",　數據", "数据"),
    ],
)
def test_each_repair(raw: str, restored: str) -> None:
    assert restore(raw).text == restored


def test_pinyin_that_is_no_reading_of_its_character_is_refused() -> None:
    with pytest.raises(NoticeRefusedError, match=r"line 2: 數\(bā\); expected one of the readings"):
        restore("據\n數(bā)")


def test_a_decision_must_fit_the_bytes() -> None:
    wrong = Decision("對社會救助、就業創業資金補貼", "wrong on purpose")
    with pytest.raises(NoticeRefusedError, match="line 47"):
        restore(decode(RAW), [wrong])


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        ("广东省".encode("gb18030"), "line 1: byte 0xB9 is not UTF-8"),
        ("第一行\n".encode() + b"\xff", "line 2: byte 0xFF"),
        (b"<!DOCTYPE html><html>", "line 1: HTML"),
        ("标题\n<p>正文</p>".encode(), "line 2: HTML"),
        ("标\x00题".encode(), "U\\+0000"),
        ("标\ufffd题".encode(), "U\\+FFFD"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, found: str) -> None:
    with pytest.raises(NoticeRefusedError, match=found):
        decode(data)
