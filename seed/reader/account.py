"""The account: everything that could be a commitment is read, explained, or asked about.

Independent of the parser: it walks the text with patterns of its own, takes away what the spans of
the finished reading cover, and asks about what is left.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from seed.reader.bodies import Bodies
from seed.reader.brackets import every_pair, open_bracket
from seed.reader.columns import NUMBER_COLUMN
from seed.reader.frame import FRAMED
from seed.reader.prose import unread_roles
from seed.reader.reading import Question, Reading
from seed.reader.text import Paragraph, Span

LONGEST_BRACKET = 400
# What stands around a plan and says nothing of it.
SET_ASIDE = {"web_date", "publication", "file_code", "letterhead", "metadata", "cc", "imprint"}
ROLE = re.compile("牵头|负责|责任单位|责任部门|配合|参与|会同|主办|承办|协办")
LABEL = re.compile(
    "(?:(?:牵头|责任|主办|承办|配合|协办|参与|参加|指导|督导|实施|负责|落实|承担|执行|协助|协同|配套|会办|主责)"
    "(?:责任)?(?:单位|部门|主体|处室|科室|机构)|分工)[^。；，：|\n]{0,8}[：:]"
)
# Any words before a list of bodies: 联系部门：省财政厅、省商务厅
NAMED = re.compile(
    r"(?:^|(?<=[\n。；|（ ]))[\u4e00-\u9fff（）]{2,12}[：:](?P<names>[^。；：|\n）]{3,300})"
)
DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
# A list that begins as lists of departments do, whether they are registered or not.
USUAL = re.compile(
    "[省市县区](?:[\u4e00-\u9fff]{1,12}[厅局委办会院部]|政府|直|级)(?:（[^（）]*）)?(?=[、，；和]|$)"
)
# Two names or more that end as those of branches and companies do.
LISTED = re.compile(
    "(?:[\u4e00-\u9fff]{2,14}(?:海关|局|厅|办事处|分行|支行|公司|集团|管委会|政府)[、，；和]){1,20}"
    "[\u4e00-\u9fff]{2,14}(?:海关|局|厅|办事处|分行|支行|公司|集团|管委会|政府)等?"
)
# A piece between blanks, cells or line ends, without the number before it.
PIECE = re.compile(
    r"(?:^|(?<=[| \u3000]))(?:[（(]?[\d一二三四五六七八九十]{1,3}(?:[)）]、?|[.．、]))?(?P<names>[^| \u3000。]{3,80})(?=$|[| \u3000。])"
)
LOST = "a table with its columns: the notice as DOCX or XLSX, or as a PDF with ruled cells"
COLUMN_NAME = (
    "序号|编号|(?:(?:主要|重点|具体)?(?:工作|目标)?(?:任务|举措|措施|内容|事项|项目|目标|路径))(?:名称|内容|要求)?|(?:牵头|责任|配合|主办|承办|协办|参与|负责|实施)"
    "(?:负责)?(?:单位|部门|主体|领导)|(?:完成)?(?:时限|时间|进度)(?:要求|安排|节点)?|完成期限|备注|类别"
)
COLUMN = re.compile(COLUMN_NAME)
SPACED = re.compile(r"(?<!\S)\S(?:[ \u3000]\S)+(?!\S)")  # 工 作 任 务
COLUMNS = re.compile(f"(?:(?:{COLUMN_NAME})[ \\u3000]+)+(?:{COLUMN_NAME})")
COMPARED_WORDS = re.compile(
    "(?:不少于|不低于|不超过|至少|超过|达到|最多|最高)(?=[一二三四五六七八九十两百千万亿]+[个项家名次条所套件种台座%倍年月天场户人元吨亩])"
    "|[二三四五六七八九十两百千万]{2,}[个项家名次条所套件种台座场户人](?:以上|以内|左右)|(?<![\\d.每])[一二三四五六七八九两]*[百千万亿][一二三四五六七八九零百千万亿]*(?:个|家(?!万)|项|名|场|人次|人(?![工才员民])|套|件|台|座|所|户|亩|元(?!工业|GDP|地区|国内|产值|增加值|生产|级|以上|以下|项目|企业|产业|工程|村|镇|县)|吨)"
    "|翻[一两]番|翻倍|倍增(?!计划|行动|工程)|减半|过半|半数|[一二三四五六七八九]成(?![为立员果效本长功型绩分就品])|两位数|百分之[一二三四五六七八九十百]+|清零|[至到为]零(?=[，。；、（]|$)|(?<=减少|压缩|降低|缩短)一半"
)
TIME = re.compile(
    "每[两二三四五]年|[一二两三四五六七八九十]年(?:左右|多)?的?时间|(?:元旦|春节|清明|五一|端午|中秋|国庆|汛期|入汛|开学|学期|入冬|供暖期?|采暖季|暑[期假]|寒假)(?:节|假期|开始)?(?:之)?前|"
    "[一二两三四五六七八九十](?:年|个月|周)(?:之)?内|(?:年|季度|月)(?:底|末)(?:之前|以前|前)|年内(?=[，完实建出])|[上下]半年|(?<!每[人户名亩床件])每(?:年|季度|月(?!\\d[\\d.]*元)|半年)"
)


def account(reading: Reading, bodies: Bodies) -> Iterator[Question]:
    """What is neither read nor explained, as questions."""
    text = reading.text.text
    covered = _covered(reading)
    clauses = _clauses(reading)

    def is_open(start: int, end: int, by: bytearray) -> bool:
        return not all(by[start:end])

    names = sorted(bodies.names, key=len, reverse=True)
    for outer in _brackets(reading):
        inner = text[outer.start + 1 : outer.end - 1]
        if not is_open(outer.start + 1, outer.end - 1, clauses):
            continue
        if _is_framed(reading, outer.start):
            continue
        usual = USUAL.match(inner) or LISTED.fullmatch(inner)
        if ROLE.search(inner) or usual or _names_a_body(inner, names):
            if not usual and not ROLE.search(inner) and len(inner) > 40:
                continue
            yield _question(
                "bracket",
                text[outer.start : outer.end],
                outer,
                "a clause that is read, or words that explain it",
            )
    for paragraph in reading.text.paragraphs:
        opened = open_bracket(text, paragraph.span)
        if opened is None or not is_open(opened + 1, paragraph.span.end, clauses):
            continue
        words = text[opened : paragraph.span.end]
        if ROLE.search(words) or any(n in words for n in names if len(n) > 2):
            yield _question(
                "bracket", words[:60], Span(opened, paragraph.span.end), "a bracket that is closed"
            )
    for match in LABEL.finditer(text):
        if is_open(*match.span(), clauses) and not _is_framed(reading, match.start()):
            yield _question(
                "label", _around(text, match), Span(*match.span()), "a clause that is read"
            )
    for match in NAMED.finditer(text):
        if (
            is_open(*match.span("names"), clauses)
            and not _is_framed(reading, match.start())
            and bodies.are_names(match["names"].strip())
        ):
            yield _question("names", match[0], Span(*match.span()), "what they do: a clause")
    for span in lost_tables(reading):
        yield _question("lost_table", reading.text[span].replace("\n", " "), span, LOST)
    yield from _names_alone(reading, bodies, clauses)
    for owner in reading.owners():
        for span in owner.part.own_spans if owner.part else ():
            for part in unread_roles(text, span, names):
                if is_open(part.start, part.end, clauses) and not any(
                    clauses[part.start : part.end]
                ):
                    yield _question(
                        "prose_role",
                        text[part.start : part.end],
                        part,
                        "who does what, as a clause",
                    )
    for pattern, kind, expected in (
        (DIGITS, "number", "a target with a unit that is known, or words that explain the number"),
        (COMPARED_WORDS, "number", "a target, or words that explain it"),
        (TIME, "date", "a time by which something is to be done, or words that explain it"),
    ):
        for match in pattern.finditer(text):
            if is_open(*match.span(), covered):
                yield _question(kind, _around(text, match), Span(*match.span()), expected)
    seen = _paragraphs(reading)
    for paragraph in reading.text.paragraphs:
        if paragraph.text and paragraph.span.start not in seen:
            yield _question(
                "paragraph",
                paragraph.text[:60],
                paragraph.span,
                "a part of the plan, or of what stands around it",
            )


def lost_tables(reading: Reading) -> Iterator[Span]:
    """Names of columns side by side, or below one another, that no table has."""
    before: Paragraph | None = None
    for paragraph in reading.text.paragraphs:
        words = SPACED.sub(lambda match: re.sub(r"\s", "", match[0]), paragraph.text)
        if paragraph.line.columns is not None or not COLUMN.fullmatch(words):
            before = None
            if paragraph.line.columns is None and COLUMNS.fullmatch(words):
                yield paragraph.span
        elif before is None:
            before = paragraph
        elif before.number + 1 == paragraph.number:
            yield Span(before.span.start, paragraph.span.end)


def _names_alone(reading: Reading, bodies: Bodies, clauses: bytearray) -> Iterator[Question]:
    """Bodies that fill a line, a cell, or what stands between two blanks."""
    aside = {p.span for p, _ in reading.outline.set_aside}
    aside |= {p.span for p in reading.frame.unknown}  # asked about as a whole
    for paragraph in reading.text.paragraphs:
        if paragraph.span in aside or _is_framed(reading, paragraph.span.start):
            continue
        if paragraph.line.columns is not None and paragraph.line.cells is None:
            continue  # the names of columns
        for piece in PIECE.finditer(paragraph.text):
            start = paragraph.span.start + piece.start("names")
            span = Span(start, start + len(piece["names"]))
            if not all(clauses[span.start : span.end]) and bodies.are_names(piece["names"]):
                yield _question("names", piece["names"], span, "what they do: a clause or a column")


def _brackets(reading: Reading) -> Iterator[Span]:
    """Outermost pairs, and those inside a pair that is too long to be a clause."""
    for paragraph in reading.text.paragraphs:
        end = 0
        for outer in sorted(every_pair(reading.text.text, paragraph.span)):
            if outer.start >= end and outer.end - outer.start <= LONGEST_BRACKET:
                end = outer.end
                yield outer


def shares(reading: Reading) -> tuple[Decimal, Decimal]:
    """What was explained, and what was set aside.

    Of the numbers, dates, labels and role clauses, the share that a rule explains and no task or target
    holds; of the code points, the share in paragraphs that are no part of the plan.
    """
    text = reading.text.text
    used = bytearray(len(text))
    spans = [span for _, clause in reading.clauses() for span in (clause.outer, *clause.read)]
    for _, target in reading.targets():
        spans += [*target.times, *([target.figure] if target.figure else [])]
    for owner in reading.owners():
        if owner.part and owner.part.marker:
            start = owner.part.paragraph.span.start
            spans.append(Span(start, start + owner.part.marker.length))
    for span in spans:
        used[span.start : span.end] = b"\1" * (span.end - span.start)
    patterns = (LABEL, DIGITS, COMPARED_WORDS, TIME)
    found = [match.span() for pattern in patterns for match in pattern.finditer(text)]
    found += [(one.start, one.end) for one in _brackets(reading) if ROLE.search(reading.text[one])]
    explained = sum(not all(used[start:end]) for start, end in found)
    aside = {p.span for p, kind in reading.frame.kinds if kind in SET_ASIDE}
    aside |= {p.span for p in reading.outline.contents}
    aside |= {p.span for p, _ in reading.outline.set_aside}
    characters = sum(span.end - span.start for span in aside)
    return _share(explained, len(found)), _share(characters, len(text))


def _share(part: int, whole: int) -> Decimal:
    return round(Decimal(part) / Decimal(max(whole, 1)), 4).normalize() + Decimal(0)


def _question(kind: str, words: str, span: Span, expected: str) -> Question:
    return Question(kind, words, span, expected)


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 8) : match.end() + 8].replace("\n", " ")


def _names_a_body(words: str, names: Sequence[str]) -> bool:
    return len(words) > 2 and any(
        len(name) > 2 and name in words and _is_whole(name, words) for name in names
    )


def _is_whole(name: str, words: str) -> bool:
    """生态环境部门 does not name 生态环境部."""
    at = words.find(name)
    return words[at + len(name) : at + len(name) + 1] not in ("门", "委", "署")


def _clauses(reading: Reading) -> bytearray:
    marks = bytearray(len(reading.text.text))
    for _, clause in reading.clauses():
        for span in (clause.outer, *clause.read):
            marks[span.start : span.end] = b"\1" * (span.end - span.start)
    for one in reading.explained:
        if one.rule in ("site", "document_rule", "names_of_columns"):
            marks[one.span.start : one.span.end] = b"\1" * (one.span.end - one.span.start)
    for question in reading.questions:
        if question.span and question.kind in ("unclosed_bracket", "damaged_label"):
            marks[question.span.start : question.span.end] = b"\1" * (
                question.span.end - question.span.start
            )
    return marks


def _is_framed(reading: Reading, position: int) -> bool:
    return any(position in p.span for p, kind in reading.frame.kinds if kind in FRAMED)


def _covered(reading: Reading) -> bytearray:
    """Every character that the reading used or explained."""
    marks = _clauses(reading)
    spans = [one.span for one in reading.explained]
    for _, target in reading.targets():
        spans += [*target.times, *([target.figure] if target.figure else [])]
    spans += [p.span for p, kind in reading.frame.kinds if kind in FRAMED]
    for owner in reading.owners():
        if owner.part and owner.part.marker:
            start = owner.part.paragraph.span.start
            spans.append(Span(start, start + owner.part.marker.length))
    for task in reading.tasks:
        if task.row is not None and task.row.line.cells:
            columns = task.row.line.columns or ()
            spans += [
                task.row.cell(index)
                for index, name in enumerate(columns)
                if NUMBER_COLUMN.fullmatch(name)
            ]
            spans += [
                task.row.cell(index)
                for index, name in enumerate(columns)
                if re.search("（\\d+项）$", task.row.line.cells[index]) and "备注" not in name
            ]
    spans += [
        q.span
        for q in reading.questions
        if q.span and q.kind in ("number", "unit", "date", "year", "comparison")
    ]
    for span in spans:
        marks[span.start : span.end] = b"\1" * (span.end - span.start)
    return marks


def _paragraphs(reading: Reading) -> set[int]:
    """Where the paragraphs begin that have a place in the reading."""
    found = {p.span.start for p, _ in reading.frame.kinds}
    found |= {p.span.start for p in reading.outline.contents}
    found |= {p.span.start for p, _ in reading.outline.set_aside}
    for outline in (reading.outline, *reading.outline.annexes):
        found |= {p.span.start for part in outline.walk() for p in part.own}
        found |= {p.span.start for table in outline.tables for p in table}
        if outline.annex and outline.front:
            found.add(outline.front[0].span.start)
    return found
