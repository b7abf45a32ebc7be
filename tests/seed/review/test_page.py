"""The review page: the whole text, all that was read of it, every question, and nothing from afar."""

import base64
import hashlib
import re
from html import escape, unescape
from pathlib import Path

import pytest

from seed.__main__ import main
from seed.intake.blocks import Extraction, Origin, Paragraph, SetAside
from seed.intake.markdown import read_markdown
from seed.questions.supplied import FORM, TAKES_ONE
from seed.reader.bodies import Bodies, known_from
from seed.reader.files import reading_of
from seed.reader.reading import Question, Reading
from seed.reader.text import Span
from seed.registry import Registry
from seed.review.marks import marks_of, stretches, unread
from seed.review.page import FOLDER, review_page

NOTICE = """示例省人民政府办公厅关于印发示例工作方案的通知
示政办发〔2030〕4号
各市人民政府：
现将《示例工作方案》印发给你们，请认真贯彻落实。
示例省人民政府办公厅
2030年1月2日
示例工作方案
一、推进<script>alert(1)</script>示例
（一）建设平台。到2031年底前，建成示例平台10个以上。（省公安厅牵头，省示例奇怪之厅配合）
（二）优化“服务 & 管理”。推动4A级以上示例。（省财政厅负责）
"""
TAG = re.compile(r"<[^>]+>")


@pytest.fixture(scope="module")
def extraction() -> Extraction:
    return Extraction(
        "text",
        tuple(
            Paragraph(line, Origin(line=number))
            for number, line in enumerate(NOTICE.splitlines(), 1)
        ),
        (SetAside("page number", "— 1 —", Origin(line=4)),),
    )


@pytest.fixture(scope="module")
def reading(extraction: Extraction, registry: Registry) -> Reading:
    return reading_of(extraction, Bodies(known_from(registry), "440000"), None)


@pytest.fixture(scope="module")
def page(reading: Reading, extraction: Extraction) -> str:
    return review_page("zz-example-2030", reading, extraction)


def test_the_page_holds_the_text_and_no_word_of_it_is_markup(page: str) -> None:
    found = re.findall(r'<p class="text">(.*?)</p>', page)
    assert [unescape(TAG.sub("", each)) for each in found] == NOTICE.splitlines()
    assert "<script>alert" not in page


def test_what_was_read_stands_beside_its_paragraph(page: str) -> None:
    row = next(each for each in page.split("<section ") if "（一）" in each)
    assert '<div class="place">9<br>line 9</div>' in row
    assert "任务 task" in row
    assert "牵头 lead: 省公安厅</li>" in row
    assert "配合 support: 省示例奇怪之厅？</li>" in row
    assert re.search(r"指标 .*≥ 10 个.*2031-12-31", row)
    assert '<span class="target figure" title="' in row


def test_every_question_has_a_card_and_its_words_lead_to_it(page: str, reading: Reading) -> None:
    assert reading.questions
    for number, question in enumerate(reading.questions, 1):
        assert f'<article class="question" id="q{number}"' in page
        assert (f'<a href="#q{number}"><span class="' in page) == (question.span is not None)


def test_an_unread_paragraph_is_in_colour(reading: Reading, extraction: Extraction) -> None:
    assert not unread(reading)
    kinds, reading.frame.kinds = reading.frame.kinds, reading.frame.kinds[1:]
    try:
        assert [paragraph.number for paragraph in unread(reading)] == [1]
        page = review_page("zz-example-2030", reading, extraction)
    finally:
        reading.frame.kinds = kinds
    assert '<section class="row open has-unread" id="l1"' in page
    assert 'class="unread" title="no part of the plan">示例省人民政府办公厅' in page


def test_a_question_about_the_whole_stands_at_the_top_and_a_glyph_is_named(
    reading: Reading, extraction: Extraction
) -> None:
    asked = reading.questions
    reading.questions = [
        Question("image", "page 2: an image", None, "what it says"),
        Question("private_use_glyph", "\ue010", Span(0, 3), "the character", "."),
    ]
    try:
        page = review_page("zz-example-2030", reading, extraction)
    finally:
        reading.questions = asked
    assert page.index('id="q1"') < page.index('id="l1"') < page.index('id="q2"')
    assert "2. private_use_glyph: U+E010, …示例省" in page


def test_stretches_are_the_paragraph_however_marks_overlap(reading: Reading) -> None:
    marks = marks_of(reading, range(1, len(reading.questions) + 1))
    text = reading.text.text
    for line in reading.text.paragraphs:
        assert "".join(each.text for each in stretches(text, line.span, marks)) == line.text


def test_the_page_asks_no_other_host_for_anything(page: str) -> None:
    assert not re.search(r"(?:src|action|data)=|url\(|@import|https?://|fetch|XMLHttp", page)
    assert {link[0] for link in re.findall(r'href="([^"]+)"', page)} == {"#"}
    policy = unescape(re.findall(r'Content-Security-Policy" content="([^"]+)"', page)[0])
    assert policy.startswith("default-src 'none'; ")
    for kind, tag in (("css", "style"), ("js", "script")):
        inside = page.split(f"<{tag}>")[-1].split(f"</{tag}>")[0]
        assert inside == (FOLDER / f"page.{kind}").read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_the_keys_that_the_page_names_are_those_it_knows(page: str) -> None:
    script = (FOLDER / "page.js").read_text("utf-8")
    assert re.findall("<kbd>(.)</kbd>", page) == re.findall(r"^  (\w): \(\)", script, re.MULTILINE)


def test_table_rows_have_their_places(registry: Registry) -> None:
    markdown = (
        "# 示例2030年工作任务清单\n\n|序号|重点任务|完成时限|牵头单位|\n|--|--|--|--|\n"
        "|1|建设示例平台。|6月|省公安厅|\n|2|优化示例服务。|12月|省财政厅|\n"
    )
    extraction = read_markdown(markdown.encode())
    reading = reading_of(extraction, Bodies(known_from(registry), "440000"), None)
    page = review_page("zz-table-2030", reading, extraction)
    assert re.findall("<br>(table 1 row . line .)</div>", page) == [
        "table 1 row 3 line 5",
        "table 1 row 4 line 6",
    ]


def test_what_intake_set_aside_is_listed(page: str) -> None:
    assert "<li>page number <small>line 4</small>: — 1 —</li>" in page


def test_seed_review_writes_the_page_beside_the_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKPLAN_NOTICES", str(tmp_path / "notices"))
    (tmp_path / "通知.txt").write_text(NOTICE, "utf-8")
    options = ["--plan", "zz-example-2030", "--jurisdiction", "440000"]
    assert main(["intake", str(tmp_path / "通知.txt"), *options]) == 0
    assert main(["review", "zz-example-2030"]) == 3
    written = tmp_path / "notices" / "zz-example-2030" / "review.html"
    assert "示例工作方案" in written.read_text("utf-8")
    assert str(written) in capsys.readouterr().out


def test_seed_read_lists_all_questions_of_an_imported_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKPLAN_NOTICES", str(tmp_path / "notices"))
    (tmp_path / "通知.txt").write_text(NOTICE.replace("10个", "1\ue0102万个"), "utf-8")
    options = ["--plan", "zz-example-2030", "--jurisdiction", "440000"]
    assert main(["intake", str(tmp_path / "通知.txt"), *options]) == 0
    before = set(tmp_path.rglob("*"))
    capsys.readouterr()
    assert main(["read", "zz-example-2030", "gd-dg-2022"]) == 3
    printed = capsys.readouterr().out
    assert printed.startswith("zz-example-2030: 2 tasks, 1 targets, ")
    assert "private_use_glyph, paragraph 9 (line 9): U+E010, …" in printed
    assert "   proposed: .\n" in printed
    assert "省示例奇怪之厅" in printed
    assert "gd-dg-2022: 76 tasks, 18 targets, 0 questions" in printed
    assert {path.name for path in {*tmp_path.rglob("*")} - before} == {"questions.yaml"}


def test_a_plan_that_cannot_be_read_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKPLAN_NOTICES", str(tmp_path / "notices"))
    (tmp_path / "a.txt").write_text(NOTICE, "utf-8")
    for plan, code in (("zz-first-2030", "999999"), ("zz-second-2030", "440000")):
        options = ["--plan", plan, "--jurisdiction", code]
        assert main(["intake", str(tmp_path / "a.txt"), *options]) == 0
    assert main(["review", "zz-first-2030", "zz-second-2030"]) == 1
    assert "zz-first-2030: jurisdiction 999999" in capsys.readouterr().err
    assert (tmp_path / "notices" / "zz-second-2030" / "review.html").is_file()


@pytest.mark.parametrize("plans", [["zz-none-2030"], ["../elsewhere"], ["."]])
def test_a_plan_that_is_not_there_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plans: list[str]
) -> None:
    monkeypatch.setenv("WORKPLAN_NOTICES", str(tmp_path / "notices"))
    (tmp_path / "notices").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "raw.txt").write_text(NOTICE, "utf-8")
    (tmp_path / "elsewhere" / "editorial.yaml").write_text('jurisdiction: "440000"\n', "utf-8")
    assert main(["review", *plans]) == 1
    assert not list(tmp_path.rglob("review.html"))


def test_every_question_can_be_answered_on_the_page_and_says_how_a_target_is_supplied(
    page: str, reading: Reading
) -> None:
    cards = re.findall(r'<article class="question".*?</article>', page, re.DOTALL)
    assert len(cards) == len(reading.questions)
    assert all('<input type="checkbox">' in card and '<input type="text"' in card for card in cards)
    supplies = [question.kind in TAKES_ONE for question in reading.questions]
    assert [f'placeholder="{escape(FORM)}"' in card for card in cards] == supplies
    assert '<section id="answers" data-plan="zz-example-2030">' in page
