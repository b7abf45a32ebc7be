"""From the blocks of intake to the lines of the text that is read.

A table row becomes a line of its own, in the Markdown way; what belongs to a website and not to
the notice is kept, set aside.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from seed.intake.blocks import Block, Paragraph, Table
from seed.reader.bodies import ENDING
from seed.reader.markers import marker_of
from seed.reader.text import Line

CHROME = re.compile(
    r"ICP备|公网安备|网站标识码|Copyright|版权所有|浏览次数|信息来源：|发布日期：|索\s*引\s*号|当前位置|"
    r"分享到|网站地图|网站声明|隐私声明|公开日期：|发布机构：|^文\s*号：|阅读辅助|字号：|责任编辑|打印本页|关闭窗口|"
    r"技术支持|扫一扫|无障碍|备案序号|关于我们|返回顶部|^[\dA-Z]{8,}/[\d\-]+$"
)
# Words that websites share with notices: theirs only beside a line that is surely theirs.
SHARED = re.compile("主办单位：|承办单位：|联系方式：")
SIGNED = re.compile(
    r"(?<=[\u4e00-\u9fff）])[ \u3000]*(?=\d{4}年\d{1,2}月\d{1,2}日(?:（[^）]*）|印发)?$)|(?<=日)(?=（[^）]*）$)"
)
LONGEST_SIGNATURE = 60


def lay_out(blocks: Iterable[Block]) -> list[Line]:
    """The lines of a notice, in the order of its blocks."""
    lines: list[Line] = []
    paragraphs: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            lines += _paragraphs(paragraphs)
            paragraphs = []
            lines += _rows(block)
        elif block.text:
            paragraphs.append(full_width(block.text))
    return lines + _paragraphs(paragraphs)


def paragraphs_of(text: str) -> list[Block]:
    """A text that is already restored, as the blocks that intake would give."""
    from seed.intake.blocks import Origin

    return [
        Paragraph(line, Origin(line=number))
        for number, line in enumerate(text.split("\n"), 1)
        if line
    ]


HAN_SIDE = "[\u4e00-\u9fff”’）》】〕。，、；：]"
HALF_WIDTH = re.compile(
    rf"(?<={HAN_SIDE})[,;:!?](?!//|\d\d\b)|(?<=[0-9A-Za-z%]),(?=[\u4e00-\u9fff“《])"
    rf"|(?<={HAN_SIDE})[(](?!\w*://)|[(](?=[^()]*[\u4e00-\u9fff])|(?<={HAN_SIDE})[)]|[)](?={HAN_SIDE})"
)
FULL_WIDTH = dict(zip(",;:!?()", "，；：！？（）", strict=True))


def full_width(text: str) -> str:
    """Marks beside Chinese characters in full width; no character more or less."""
    if not re.search(r"[,;:!?()\[]", text):
        return text
    text = HALF_WIDTH.sub(lambda match: FULL_WIDTH[match[0]], text)
    text = re.sub(r"\[([^\[\]]*[\u4e00-\u9fff][^\[\]]*)\]", r"［\1］", text)
    # A bracket whose partner was unfolded goes with it.
    return re.sub(r"（([^（）()]*)\)", r"（\1）", re.sub(r"\(([^（）()]*)）", r"（\1）", text))


def _one_line(words: str) -> str:
    """A cell in one line: a blank keeps names apart that stand below one another."""
    lines = [line.strip() for line in words.split("\n") if line.strip()]
    if len(lines) > 1 and all(ENDING.search(line.rstrip("、，；,;")) for line in lines):
        return re.sub("(?<=[、，；,;]) ", "", " ".join(lines))
    return "".join(lines)


def _rows(table: Table) -> Iterator[Line]:
    yield Line(f"|{'|'.join(table.columns)}|", columns=table.columns)
    for row in table.rows:
        cells = tuple(full_width(_one_line(cell.text)).replace("|", "／") for cell in row)
        inherited = tuple(cell.is_inherited for cell in row)
        shown = ("" if above else cell for cell, above in zip(cells, inherited, strict=True))
        yield Line(f"|{'|'.join(shown)}|", columns=table.columns, cells=cells, inherited=inherited)


NAMED = re.compile("《((?:[^《》]|《[^《》]*》)+)》")  # what a text calls a document
NOT_NAMED = re.compile("[《》〈〉“”（）() ]")
TITLE_LINE = re.compile("[^。；：，|]{4,40}")
MOST_TITLE_LINES = 3


def _with_whole_titles(texts: Sequence[str]) -> list[str]:
    """The title of a document that is named above it, in one line where a copy has it in several."""
    named: set[str] = set()
    whole: list[str] = []
    index = 0
    while index < len(texts):
        lines = 1
        if named and TITLE_LINE.fullmatch(texts[index]):
            lines = next(
                (
                    count
                    for count in range(2, MOST_TITLE_LINES + 1)
                    if NOT_NAMED.sub("", "".join(texts[index : index + count])) in named
                ),
                1,
            )
        whole.append("".join(texts[index : index + lines]))
        named |= {NOT_NAMED.sub("", name) for name in NAMED.findall(whole[-1])}
        index += lines
    return whole


def _paragraphs(texts: Sequence[str]) -> list[Line]:
    texts = _with_whole_titles(texts)
    chrome = _chrome(texts)
    return [
        Line(part, set_aside="site" if index in chrome else None)
        for index, text in enumerate(texts)
        for part in (_signed(text) if index not in chrome else [text])
    ]


def _signed(text: str) -> list[str]:
    """A signature apart from its date, and from what stands in brackets behind."""
    return SIGNED.split(text) if len(text) < LONGEST_SIGNATURE and "。" not in text else [text]


def _chrome(lines: Sequence[str]) -> set[int]:
    """The lines of the website: those that say so, and short ones without a stop beside them."""
    sure = {
        index
        for index, line in enumerate(lines)
        if CHROME.search(line)
        and len(line) < 80
        and not line.endswith("。")
        and not marker_of(line)  # （十七）完成无障碍改造。（省民政厅负责） is a task
    }
    found = set(sure)
    for index in sorted(sure):
        for step in (-1, 1):
            beside = index + step
            while 0 <= beside < len(lines) and (beside in sure or _is_navigation(lines[beside])):
                found.add(beside)
                beside += step
    return found


def _is_navigation(line: str) -> bool:
    if SHARED.match(line) and len(line) < 60:
        return True
    return (
        len(line) <= 24
        and not re.search("[。；，：、》”）〕]", line)
        and not marker_of(line)
        and not re.search(r"\d{4}年\d{1,2}月|关于.*通知|(?:方案|计划|措施|要点|意见)$", line)
    )
