"""Where the words of a plan stand in its PDF: whatever reading does to them, they keep their place."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seed.__main__ import main
from seed.intake.blocks import Cell, Extraction, Origin, PageSize, Paragraph, Piece, Table
from seed.intake.bounded import images_bounded
from seed.intake.formats import extract
from seed.intake.page_images import page_images
from seed.intake.stored import as_data
from seed.intake.storing import read_paragraphs
from seed.notice_files import GENERATED
from seed.plan_state import state_of
from seed.reader.layout import lay_out
from seed.reader.text import Text
from seed.refusals import NoticeRefusedError
from seed.source_pages import Line, SourcePages, source_pages
from seed.sources import EXAMPLES, Source
from seed.yaml_files import read_yaml, yaml_text
from tests.support.pdf_files import HEIGHT, WIDTH, Item, grid, pdf
from tests.support.pdf_files import Text as Words
from tests.support.reading_small import FRONT

NATION = EXAMPLES / "example-nation-2025"
SIZES = tuple(PageSize(number, 600.0, 800.0) for number in (3, 4, 5))


def origin(page: int, line: int) -> Origin:
    return Origin(page=page, line=line, box=(100.0, 20.0 * line, 500.0, 20.0 * line + 16))


def cell(row: int) -> Origin:
    return replace(origin(4, row), line=None, table=1, row=row)


def located(*blocks: Any, text: str | None = None) -> tuple[str, SourcePages]:
    extraction = Extraction("pdf", blocks, pages=SIZES)
    text = Text.of(lay_out(blocks)).text if text is None else text
    return text, source_pages(Path("no-folder"), extraction, text)


TWO_LINES = Paragraph(
    "推进(示例)工作,建设平台", origin(3, 1), (Piece(0, origin(3, 1)), Piece(7, origin(4, 1)))
)
TABLE = Table(
    ("序号", "任务"),
    (
        (Cell("1", cell(2)), Cell("建设|管理\n平台", cell(3))),
        (Cell("1", cell(2), is_inherited=True), Cell("推广平台", cell(4))),
    ),
    Origin(page=4, table=1, box=(100.0, 30.0, 500.0, 90.0)),
)


def test_lines_and_cells_are_found_in_the_text_that_reading_lays_out() -> None:
    text, found = located(TWO_LINES, TABLE)
    assert text == "推进（示例）工作，建设平台\n|序号|任务|\n|1|建设／管理平台|\n||推广平台|"
    assert [(text[line.start : line.end], line.page, line.y) for line in found.lines] == [
        ("推进（示例）工", 3, 21.9),  # with what stands below the baseline
        ("作，建设平台", 4, 21.9),
        ("1", 4, 40.0),
        ("建设／管理平台", 4, 60.0),
        ("推广平台", 4, 80.0),
    ]
    assert found.lines[0][3:] == (100.0, 21.9, 400.0, 16.0)


def test_pages_are_the_whole_text_and_one_without_words_is_empty() -> None:
    text, found = located(TWO_LINES, TABLE)
    assert [(page.number, page.start, page.end) for page in found.pages] == [
        (3, 0, 7),
        (4, 7, len(text)),
        (5, len(text), len(text)),
    ]


def test_words_that_a_person_changed_have_no_place_and_their_neighbours_keep_theirs() -> None:
    text, found = located(TWO_LINES, text="推进（示例）工作，全面加快平台")
    assert [text[line.start : line.end] for line in found.lines] == [
        "推进（示例）工",
        "作，",
        "平台",
    ]


def test_boxes_end_at_the_edge_of_their_page_and_none_lies_beside_it() -> None:
    boxes = [(-5.0, 790.0, 605.0, 803.0), (620.0, 20.0, 700.0, 36.0), (90.0, 50.0, 80.0, 66.0)]
    lines = [
        Paragraph(word, Origin(page=3, box=box)) for word, box in zip("甲乙丙", boxes, strict=True)
    ]
    text, found = located(*lines, Paragraph("丁", Origin(page=9, box=(1.0, 1.0, 9.0, 9.0))))
    assert text == "甲\n乙\n丙\n丁"
    assert found.lines == (Line(0, 1, 3, 0.0, 791.6, 600.0, 8.4),)


def test_a_file_of_another_kind_has_no_pages() -> None:
    extraction = Extraction("text", (Paragraph("推进示例", Origin(line=1)),))
    assert source_pages(Path("no-folder"), extraction, "推进示例") == SourcePages()


def test_all_words_of_the_example_have_a_place_but_the_names_of_columns() -> None:
    state = state_of(NATION, Source("example", EXAMPLES))
    assert state.notice
    text, source = state.notice.restored.text, state.notice.source
    placed = {at for line in source.lines for at in range(line.start, line.end)}
    left = "".join(c for at, c in enumerate(text) if at not in placed and not c.isspace())
    assert left.replace("|", "") == "序号重点任务完成时限责任单位"
    assert sorted(source.images) == [1, 2, 3, 4, 5]


def test_boxes_count_from_the_corner_of_the_page_wherever_its_coordinates_begin() -> None:
    words: list[Item] = [
        Words(150, 220, "推进示例工作内容说明，加快建设。"),
        *grid([150, 250, 350], [300, 340, 380]),
    ]
    words += [
        Words(160, 325, "甲"),
        Words(260, 325, "乙"),
        Words(160, 365, "丙"),
        Words(260, 365, "丁"),
    ]
    data = pdf(words)
    whole = f"[0 0 {WIDTH} {HEIGHT}]".encode()
    moved = extract(data.replace(whole, f"[50 40 {WIDTH} {HEIGHT - 30}]".encode()), "a.pdf")
    plain = extract(data, "a.pdf")
    assert plain.pages == (PageSize(1, WIDTH, HEIGHT),)
    assert moved.pages == (PageSize(1, WIDTH - 50, HEIGHT - 70),)

    def places(extraction: Extraction) -> list[Line]:
        text = Text.of(lay_out(extraction.blocks)).text
        return list(source_pages(Path("no-folder"), extraction, text).lines)

    assert len(places(plain)) == 3
    assert places(moved) == [
        line._replace(x=round(line.x - 50, 1), y=round(line.y - 30, 1)) for line in places(plain)
    ]


def test_the_rest_of_a_row_that_a_page_break_parts_is_on_the_next_page(tmp_path: Path) -> None:
    lefts, names = (90, 130, 430), ("序号", "重点任务")

    def row(top: float, *texts: str) -> list[Item]:
        return [
            Words(left + 3, top + 16, text, 12)
            for left, text in zip(lefts, texts, strict=False)
            if text
        ]

    first = [*grid(lefts, (700, 730, 760)), *row(700, *names), *row(730, "1", "推进示例应用，")]
    second = [*grid(lefts, (100, 130, 160)), *row(100, *names), *row(130, "", "打造场景。")]
    found = extract(pdf(first, second), "a.pdf")
    (tmp_path / "paragraphs.yaml").write_text(json.dumps(as_data(found)), "utf-8")
    assert read_paragraphs(tmp_path) == found
    text = Text.of(lay_out(found.blocks)).text
    source = source_pages(tmp_path, found, text)
    assert [(text[line.start : line.end], line.page) for line in source.lines] == [
        ("1", 1),
        ("推进示例应用，", 1),
        ("打造场景。", 2),
    ]
    assert [text[page.start : page.end] for page in source.pages][1] == "打造场景。|"


@pytest.fixture
def notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKPLAN_NOTICES", str(tmp_path / "notices"))
    return tmp_path / "notices"


def intake(file: Path, *options: str) -> int:
    given = ["intake", str(file), "--plan", "zz-2030", "--jurisdiction", "990000", *options]
    return main(given)


def test_pictures_are_stored_only_where_the_clerk_allows_them(
    tmp_path: Path, notices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(pdf(*[[Words(90, 120, f"第{n}页的示例工作内容说明。")] for n in "一二三"]))
    assert intake(file) == 0
    assert not list((notices / "zz-2030").glob("page-*"))
    (notices / "zz-2030").rename(tmp_path / "without")
    assert intake(file, "--page-images", "--pages", "2-3") == 0
    assert "pictures of 2 pages" in capsys.readouterr().out
    folder = notices / "zz-2030"
    assert sorted(path.name for path in folder.glob("page-*")) == ["page-2.webp", "page-3.webp"]
    extraction = read_paragraphs(folder)
    source = source_pages(folder, extraction, extraction.text)
    assert {image[:4] + image[8:12] for image in source.images.values()} == {b"RIFFWEBP"}
    (folder / "page-3.webp").write_text("<script>alert(1)</script>", "utf-8")
    with pytest.raises(NoticeRefusedError, match=r"page-3\.webp is no WebP picture"):
        source_pages(folder, extraction, extraction.text)


def test_a_checked_plan_gets_its_pages_by_a_new_intake_and_stays_checked(
    tmp_path: Path, notices: Path
) -> None:
    """The steps of docs/notices.md."""
    body = "一、夯实基础\n（一）建设平台。建成平台3个。（省公安厅牵头）\n（二）完善制度。抓好落实。（省司法厅牵头）"
    front = FRONT.format(issuer="广东省人民政府办公厅", title="广东省数据工作2023年要点")
    lines = enumerate((front + body).splitlines())
    (tmp_path / "raw.pdf").write_bytes(pdf([Words(90, 90 + 30 * n, line) for n, line in lines]))
    folder, before = notices / "zz-2030", tmp_path / "before"
    given = ["--plan", "zz-2030", "--jurisdiction", "440000"]
    assert main(["intake", str(tmp_path / "raw.pdf"), *given]) == 0
    assert main(["read", "zz-2030", "--by", "王芳"]) == 0
    assert main(["approve", "zz-2030", "--by", "李明"]) == 0
    paragraphs = read_yaml(folder / "paragraphs.yaml")
    del paragraphs["pages"]  # as earlier releases wrote it
    (folder / "paragraphs.yaml").write_text(yaml_text(paragraphs), "utf-8")
    operators = Source("operator", notices)
    assert state_of(folder, operators).notice.source.pages == ()  # type: ignore[union-attr]
    folder.rename(before)
    assert main(["intake", str(before / "raw.pdf"), *given]) == 0
    for name in ("editorial.yaml", "questions.yaml", "checked.yaml", *GENERATED):
        shutil.copy(before / name, folder / name)
    assert main(["read", "zz-2030"]) == 0
    notice = state_of(folder, operators).notice
    assert notice is not None
    assert notice.plan.reading.checked_by == "李明"
    assert [page.number for page in notice.source.pages] == [1]
    assert len(notice.source.lines) == len((front + body).splitlines())


def test_pages_that_cannot_be_drawn_are_no_limit() -> None:
    extraction = Extraction("pdf", (), pages=(PageSize(1, 595.0, 842.0), PageSize(2, 595.0, 842.0)))
    with pytest.raises(NoticeRefusedError, match="pages that cannot be drawn"):
        images_bounded(pdf([Words(90, 120, "只有一页。")]), extraction)


def test_a_page_of_any_size_has_a_picture_of_a_bounded_size() -> None:
    whole = f"[0 0 {WIDTH} {HEIGHT}]".encode()
    for size in (b"[0 0 14400 14400]", b"[0 0 1 14400]", b"[0 0 3 3]"):
        ((_, image),) = page_images(pdf([Words(0, 842, "示")]).replace(whole, size), 1, 1)
        assert image[:4] == b"RIFF", size
        assert len(image) < 100_000


def test_only_a_pdf_has_pictures(
    tmp_path: Path, notices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("示例省人民政府关于做好示例工作的通知\n", "utf-8")
    assert intake(tmp_path / "a.txt", "--page-images") == 1
    assert "expected a PDF for --page-images" in capsys.readouterr().err
    assert not notices.exists()


@pytest.mark.parametrize(
    "pages", ["[{number: 0, width: 1, height: 1}]", "[{number: 1, width: -1, height: 1}]",
              "[{number: a, width: 1, height: 1}]", "[{width: 1}]", "7",
              "[{number: 1, width: .inf, height: 1}]", "[{number: 1, width: 1, height: .nan}]"]
)  # fmt: skip
def test_pages_that_somebody_broke_are_refused(tmp_path: Path, pages: str) -> None:
    head = "format: pdf\nencoding: null\nblocks: []\nset_aside: []\nquestions: []\n"
    (tmp_path / "paragraphs.yaml").write_text(f"{head}pages: {pages}\n", "utf-8")
    with pytest.raises(NoticeRefusedError, match="paragraphs.yaml"):
        read_paragraphs(tmp_path)
