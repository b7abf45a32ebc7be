"""Whatever the bytes, a file is read or refused; nothing else happens."""

import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

import pytest

from seed.intake.blocks import Extraction, Paragraph
from seed.intake.formats import extract
from seed.intake.stored import as_data, from_data
from seed.refusals import NoticeRefusedError
from tests.support.office_files import archive, docx, numbered, p, table, tc
from tests.support.pdf_files import Picture, Text, grid, pdf

BITS = ["0", "-1", "99999", "NaN", "<", ">", '"', "一、", "（一）", "|", "\n", "²", "９", "\ue010"]
DOCX_PARTS = {
    "body": p("重点任务") + numbered("总体") + table(tc("序号") + tc("任务"), tc("1") + tc("推进")),
    "numbering": '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
    '<w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>',
}
PDF = pdf(
    [
        *grid((90, 200, 300), (140, 170, 200)),
        Text(93, 160, "序号", 12),
        Text(203, 160, "任务", 12),
        Text(90, 300, "（一）推进示例工作，加快示例建设。"),
        Picture(0, 0, 300, 300),
    ]
)
PAGE = (
    "<html><body><p>为贯彻落实示例省委、示例省政府关于示例工作的决策部署，制定本方案。</p><table><tr><th>序号"
    "<th>任务</tr><tr><td rowspan=2>1<td>推进</tr></table><ol><li>甲</ol></body></html>"
)
CSV = '序号,任务,牵头单位\n一、推进,,\n1,"建设,平台",示例省数据局\n注：无,,\n'
MARKDOWN = "# 标题\n\n|序号|任务|\n|--|--|\n|1|**推进**|\n\n1\\. [甲](b)\n"
TEXT = "示例省人民政府关于做好示例工作的\n通知\n一、推进示例（一）建设。（示例局负责）\n—\n１\n—\n抄送：甲。"


def damaged(data: bytes, chance: random.Random) -> bytes:
    broken = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        place = chance.randrange(len(broken) + 1)
        if chance.random() < 0.5:
            del broken[place : place + chance.randrange(1, 30)]
        else:
            broken[place:place] = chance.choice(BITS).encode()
    return bytes(broken)


def damaged_docx(chance: random.Random) -> bytes:
    parts = {
        name: damaged(inside.encode(), chance).decode(errors="ignore")
        for name, inside in DOCX_PARTS.items()
    }
    return docx(parts.pop("body"), **parts)


MAKERS: dict[str, Callable[[random.Random], bytes]] = {
    "a.docx": damaged_docx,
    "a.zip": lambda chance: damaged(archive({"word/document.xml": PAGE}), chance),
    "a.pdf": lambda chance: damaged(PDF, chance),
    "a.html": lambda chance: damaged(PAGE.encode(), chance),
    "a.csv": lambda chance: damaged(CSV.encode(), chance),
    "a.md": lambda chance: damaged(MARKDOWN.encode(), chance),
    "a.txt": lambda chance: damaged(TEXT.encode("gb18030"), chance),
}


def check(extraction: Extraction) -> None:
    """It can be stored, and each question is at a place that is there."""
    assert as_data(from_data(as_data(extraction))) == as_data(extraction)
    assert str(as_data(extraction)).encode()
    for asked in extraction.questions:
        if asked.start is not None and asked.end is not None and asked.block is not None:
            block = extraction.blocks[asked.block]
            assert isinstance(block, Paragraph)
            assert 0 <= asked.start < asked.end <= len(block.text)


@pytest.mark.parametrize("name", MAKERS)
def test_a_damaged_file_is_read_or_refused(name: str) -> None:
    chance = random.Random(name)  # noqa: S311 (the same files each time)
    for _ in range(25 if name == "a.pdf" else 60):
        with suppress(NoticeRefusedError):
            check(extract(MAKERS[name](chance), name))


@pytest.mark.parametrize(
    "text",
    [
        "一、" * 100_000,
        "（一）" * 100_000,
        "。（" * 100_000,
        "。（负责" + "负责" * 100_000,
        "各" * 200_000,
        "关于" * 100_000,
        "<" * 200_000,
        "|" * 30_000 + "\n" + "|-" * 30_000,
        "[" * 100_000,
        "**" * 100_000,
        " " * 300_000 + "。",
        "第1页共" * 50_000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    """Each in its own process, which five seconds of the processor end."""
    program = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (5, 5))\n"
        "from seed.intake.formats import extract\n"
        "extract(sys.stdin.buffer.read(), 'a.txt')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=text.encode(), capture_output=True, check=False
    )
    assert done.returncode in {0, 1}, done.stderr
    assert done.returncode == 0 or b"NoticeRefusedError" in done.stderr
