"""A file taken in is stored whole or not at all, and never in the place of another."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from seed.__main__ import main
from seed.intake import command, formats, storing
from seed.intake.blocks import (
    Cell,
    Extraction,
    IntakeQuestion,
    Origin,
    Paragraph,
    Piece,
    SetAside,
    Table,
)
from seed.intake.bounded import extract_bounded
from seed.intake.formats import extract
from seed.intake.storing import Source, read_paragraphs, store
from seed.refusals import NoticeRefusedError
from seed.sources import Source as SourceOfPlans
from tests.support.executing import execute
from tests.support.office_files import archive, docx, p
from tests.support.pdf_files import Text, pdf

NOTICE = "示例省人民政府关于做好示例工作的通知\n一、推进示例\n".encode("gb18030")
OPTIONS = ["--plan", "zz-example-2030", "--jurisdiction", "990000"]


@pytest.fixture
def notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKPLAN_NOTICES", str(tmp_path / "notices"))
    return tmp_path / "notices"


def intake(tmp_path: Path, data: bytes, *options: str, name: str = "通知.txt") -> int:
    (tmp_path / name).write_bytes(data)
    return main(["intake", str(tmp_path / name), *(options or OPTIONS)])


def test_a_file_is_stored_as_it_came_with_what_it_says(
    tmp_path: Path, notices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--address", "https://www.example.gov.cn/a?b=1", "--retrieved-on", "2030-02-03"]
    assert intake(tmp_path, NOTICE, *OPTIONS, *more) == 0
    folder = notices / "zz-example-2030"
    assert {path.name for path in folder.iterdir()} == {
        "raw.txt",
        "source.yaml",
        "paragraphs.yaml",
        "editorial.yaml",
    }
    assert (folder / "raw.txt").read_bytes() == NOTICE
    source = yaml.safe_load((folder / "source.yaml").read_text("utf-8"))
    assert source == {
        "file": "通知.txt",
        "stored_as": "raw.txt",
        "sha256": hashlib.sha256(NOTICE).hexdigest(),
        "bytes": len(NOTICE),
        "format": "text",
        "encoding": "gb18030",
        "pages": None,
        "address": "https://www.example.gov.cn/a?b=1",
        "retrieved_on": "2030-02-03",
    }
    editorial = yaml.safe_load((folder / "editorial.yaml").read_text("utf-8"))
    assert editorial == {"jurisdiction": "990000"}
    assert read_paragraphs(folder) == extract(NOTICE, "通知.txt")
    assert "2 paragraphs" in capsys.readouterr().out


def test_pages_of_a_pdf_are_chosen(tmp_path: Path, notices: Path) -> None:
    data = pdf(*[[Text(90, 120, f"第{n}页的示例工作内容说明。")] for n in "一二三"])
    assert intake(tmp_path, data, *OPTIONS, "--pages", "2", name="公报.pdf") == 0
    folder = notices / "zz-example-2030"
    assert read_paragraphs(folder).text == "第二页的示例工作内容说明。\n"
    assert (folder / "raw.pdf").read_bytes() == data


EVERYTHING = Extraction(
    "pdf",
    (
        Paragraph("单行: #注“'\n", Origin(page=2, line=3, box=(78.0, -1.5, 100.25, 9.0))),
        Paragraph("两行", Origin(line=1), (Piece(0, Origin(line=1)), Piece(1, Origin(line=2)))),
        Paragraph("段", Origin(paragraph=4)),
        Table(
            ("序号", "任务"),
            (
                (
                    Cell("1", Origin(sheet="表 1 page 2", row=2, column=1)),
                    Cell("合并", Origin(table=1, row=2, column=2), is_inherited=True, rest=(Piece(1, Origin(page=2)),)),
                ),
            ),
            Origin(sheet="表\n1", table=1),
        ),
    ),
    (SetAside("page number", "—1—", Origin(page=1)), SetAside("comment", "null", Origin())),
    (IntakeQuestion("image", "a", "b", None, Origin(page=3)),
     IntakeQuestion("private_use_glyph", "\ue010", "b", ".", Origin(line=1), 1, 0, 1)),
    "utf-8",
)  # fmt: skip


def test_what_is_stored_is_read_back_without_loss(tmp_path: Path) -> None:
    folder = store(tmp_path, (), "zz-all-2030", "990000", Source("a.pdf", b"x"), EVERYTHING)
    first = EVERYTHING.blocks[0]
    assert isinstance(first, Paragraph)
    rounded = replace(first, origin=replace(first.origin, box=(78.0, -1.5, 100.2, 9.0)))
    assert read_paragraphs(folder) == replace(EVERYTHING, blocks=(rounded, *EVERYTHING.blocks[1:]))


EMPTY = "{format: pdf, encoding: null, blocks: [{text: a, at: []}], set_aside: [], questions: []}"


@pytest.mark.parametrize(
    "spoilt", ["[]", "{format: pdf}", "a: *b", "blocks: [{text: 1, at: ''}]", EMPTY]
)
def test_paragraphs_that_somebody_broke_are_refused(tmp_path: Path, spoilt: str) -> None:
    (tmp_path / "paragraphs.yaml").write_text(spoilt, "utf-8")
    with pytest.raises(NoticeRefusedError, match="paragraphs.yaml"):
        read_paragraphs(tmp_path)


@pytest.mark.parametrize("plan", ["zz-example-2030", "gd-dg-2022"])
def test_an_id_that_is_taken_is_an_error(
    tmp_path: Path, notices: Path, capsys: pytest.CaptureFixture[str], plan: str
) -> None:
    assert intake(tmp_path, NOTICE) == 0
    before = {path: path.read_bytes() for path in notices.rglob("*") if path.is_file()}
    assert intake(tmp_path, b"other", "--plan", plan, "--jurisdiction", "990000") == 1
    assert f"a plan {plan} in" in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in notices.rglob("*") if path.is_file()}


def test_a_refused_file_leaves_nothing(
    tmp_path: Path, notices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert intake(tmp_path, b"\xd0\xcf\x11\xe0 of old Word", name="通知.doc") == 1
    assert "通知.doc: an old Word, WPS or Excel file" in capsys.readouterr().err
    assert not notices.exists()


def test_of_a_large_file_no_more_is_read_than_shows_it(
    tmp_path: Path,
    notices: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for module in (command, formats):
        monkeypatch.setattr(module, "MOST_BYTES", 1000)
    read: list[int] = []

    def counted(data: bytes, *rest: Any) -> Extraction:
        read.append(len(data))
        return extract(data, *rest)

    monkeypatch.setattr(command, "extract_bounded", counted)
    assert intake(tmp_path, b"a" * 1_000_000) == 1
    assert "more than 1000 bytes" in capsys.readouterr().err
    assert read == [1001]
    assert not notices.exists()


def test_what_is_no_file_is_refused_before_it_is_opened(
    tmp_path: Path, notices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")  # nobody writes: opening it would wait for ever
    for path, found in (
        (tmp_path / "pipe", "not a file"),
        (Path("/dev/zero"), "not a file"),
        (tmp_path, "a folder"),
        (tmp_path / "none.txt", "no such file"),
    ):
        for words in (["intake", str(path), *OPTIONS], ["read", "--json", str(path)]):
            assert main(words) == 1
            expected = f"{path.name}: {found}; expected the file that the notice was received as"
            assert capsys.readouterr().err.strip() == expected
    assert not notices.exists()


def test_killed_half_way_there_is_no_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        store(tmp_path, (), "zz-all-2030", "990000", Source("a.pdf", b"x"), EVERYTHING)
    assert list(tmp_path.iterdir()) == []


def test_what_a_power_cut_leaves_is_no_notice(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys\n"
        "from seed.intake.blocks import Extraction\n"
        "from seed.intake.storing import Source, store\n"
        "pathlib.Path.rename = lambda *_: os._exit(9)\n"
        "store(pathlib.Path(sys.argv[1]), (), 'zz-a-2030', '990000', Source('a', b'x'),"
        " Extraction('text', ()))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert done.returncode == 9
    assert [path.name[0] for path in tmp_path.iterdir()] == ["."]
    assert list(SourceOfPlans("operator", tmp_path).plan_folders()) == []


def test_two_that_store_one_id_at_once_make_one_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source("a.pdf", b"x")
    files = storing.files_of

    def meanwhile(*arguments: object) -> dict[str, bytes]:
        monkeypatch.setattr(storing, "files_of", files)
        store(tmp_path, (), "zz-all-2030", "990000", Source("b.pdf", b"y"), EVERYTHING)
        return files("990000", source, EVERYTHING)

    monkeypatch.setattr(storing, "files_of", meanwhile)
    with pytest.raises(NoticeRefusedError, match="a plan zz-all-2030"):
        store(tmp_path, (), "zz-all-2030", "990000", source, EVERYTHING)
    assert (tmp_path / "zz-all-2030" / "raw.pdf").read_bytes() == b"y"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    "options",
    [
        ["--plan", "Zz", "--jurisdiction", "990000"],
        ["--plan", "../zz", "--jurisdiction", "990000"],
        ["--plan", "zz-" + "a" * 60, "--jurisdiction", "990000"],
        ["--plan", "zz-2030", "--jurisdiction", "99000"],
        ["--plan", "zz-2030", "--jurisdiction", "９９００００"],
        ["--plan", "zz-2030"],
        [*OPTIONS, "--pages", "3-"],
        [*OPTIONS, "--address", "file:///etc/passwd"],
        [*OPTIONS, "--retrieved-on", "2030-02-30"],
    ],
)
def test_options_that_mean_nothing_are_refused(
    tmp_path: Path, notices: Path, options: list[str]
) -> None:
    with pytest.raises(SystemExit):
        intake(tmp_path, NOTICE, *options)
    assert not notices.exists()


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a.wps", "save it as .docx"),
        (b"{\\rtf1", "a.doc", "save it as .docx"),
        (b"\xff\xd8\xff\xe0", "a.jpg", "a JPEG image; expected the text: recognise it"),
        (b"\x89PNG\r\n", "a.png", "a PNG image"),
        (b"BM\x36\0\0\0\0\0\0\0", "a.bmp", "a BMP image"),
        (b"\xd0\xcf\x11\xe0.." + "EncryptedPackage".encode("utf-16-le"), "a.docx", "a password"),
        (b"Rar!\x1a", "a.rar", "unpack it"),
        (b"MIME-Version: 1.0\n", "a.mht", "HTML only"),
        (b"PK\x03\x04", "a.zip", "a damaged or incomplete office file"),
        (docx(p("推进示例。"))[:-30], "a.docx", "a complete one: fetch it again"),
        (archive({"OFD.xml": ""}), "a.ofd", "an OFD file; expected a PDF"),
        (archive({"ppt/presentation.xml": ""}), "a.pptx", "a presentation"),
        (archive({"content.xml": ""}), "a.odt", "an OpenDocument file"),
        (archive({"a.pdf": ""}), "a.zip", "the file in it"),
        (b"", "a.txt", "the file is empty"),
        (b"\0\1\2\3" * 9, "a.bin", "expected a text file in UTF-8"),
    ],
)
def test_what_cannot_be_read_says_what_to_convert(data: bytes, name: str, words: str) -> None:
    with pytest.raises(NoticeRefusedError) as refused:
        extract(data, name)
    assert words in str(refused.value)


def test_what_is_in_a_file_decides_and_not_its_name() -> None:
    assert extract(docx(p("推进示例。")), "a.txt").format == "docx"
    assert extract(pdf([Text(90, 120, "推进示例，加快示例建设。")]), "a.doc").format == "pdf"
    assert extract("|甲|乙|\n|--|--|\n".encode(), "a.txt").format == "markdown"
    assert extract("# 甲\n".encode(), "a.md").format == "markdown"
    assert extract(NOTICE, "a.pdf").format == "text"
    assert extract("BMW和CAJ示例\n".encode(), "a.txt").format == "text"


def test_only_a_pdf_has_pages() -> None:
    with pytest.raises(NoticeRefusedError, match="a PDF for --pages"):
        extract(NOTICE, "a.txt", (1, 2))


def test_a_file_is_read_in_a_process_with_limits() -> None:
    assert extract_bounded(NOTICE, "a.txt") == extract(NOTICE, "a.txt")
    program = (
        "from seed.intake import bounded\n"
        "bounded.MOST_MEMORY = 400_000_000\n"
        "bounded.limit_this_process()\n"
        "bytearray(500_000_000)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert b"MemoryError" in done.stderr


def test_a_process_that_dies_of_a_file_refuses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(NoticeRefusedError, match="takes more than 60 s or 2000 MB"):
        extract_bounded(NOTICE, "a.txt")


def test_a_format_without_its_packages_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "seed.intake.pdf", None)
    with pytest.raises(NoticeRefusedError, match=r"make intake.*requirements-intake\.txt"):
        extract(b"%PDF-1.4", "a.pdf")


def test_loading_needs_none_of_the_packages_of_intake(tmp_path: Path) -> None:
    program = (
        "import sys, app.main\n"
        "for name in ('pdfplumber', 'pdfminer', 'lxml', 'openpyxl'):\n"
        "    assert name not in sys.modules, name\n"
        "    sys.modules[name] = None\n"
        "from pkgutil import resolve_name\n"
        "from seed.__main__ import COMMANDS\n"
        "for command in COMMANDS.values():\n"
        "    resolve_name(command)\n"
        "import seed.intake.storing\n"
    )
    assert execute(program, tmp_path / "printed") == ""
