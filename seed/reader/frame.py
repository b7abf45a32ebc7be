"""What stands around a plan: titles, number, addressees, cover note, signature, date, closing.

Each paragraph before the first number, and each behind the last part, gets the name of a rule, or
stays without one and becomes a question.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from seed.reader.markers import number_of
from seed.reader.outline import DATE_LINE, Outline, Part
from seed.reader.text import Paragraph, Text

TITLE_ENDS = (
    "通知|意见|决定|方案|计划|要点|措施|规划|清单|分工|办法|政策|纲要|规定|批复|函|公告|细则|任务|举措|"
    "安排|条例|分解|分工表|实事|民生实事项目|任务书|责任状|路线图|施工图|若干意见|指引|工作表|一览表|任务表|分解表"
)
TITLE = re.compile(rf"[^。；：]{{4,120}}(?:{TITLE_ENDS})(?:（[^（）]{{2,30}}）)?》?")
NOTICE_TITLE = re.compile(
    r"(?P<issuer>[^。；：]{2,60}?)(?:印发|转发|批转)《关于[^。；》]{2,120}》(?:的通知)?|(?P<issuer2>[^。；：《]{2,60}?)?(?:印发|转发|批转)?关于(?:印发|下达|公布|转发|做好|开展)?[^。；]{2,120}"
    r"(?:通知|意见|决定|批复|函|公告|方案|措施|政策|办法|规定|要点|规划)(?:（[^（）]{2,30}）)?"
)
NUMBER = re.compile(r"[（(]?[\u4e00-\u9fff]{1,14}[〔\[【﹝]\d{4}[〕\]】﹞](?:第)?\d{1,5}号[）)]?")
ADDRESSEES = re.compile(r"(?=.*(?:各|政府|部门|单位|局|委|厅|院|公司|高校|企业))[^。；]{2,300}：")
DAY = re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日")
HAN_DIGITS = "〇一二三四五六七八九○零"
HAN_DAY = re.compile(
    r"(?P<y>[〇○零一二三四五六七八九]{4})年(?P<m>[一二三四五六七八九十]{1,2})月(?P<d>[一二三四五六七八九十]{1,3})日"
)
WEB_DATE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?: \d{1,2}:\d{2}(?::\d{2})?)?")
PUBLICATION = re.compile(
    r"[（(](?:此件|信息公开|本文|公开)[^（）()]{2,20}[）)]|(?:公开方式|信息公开选项|信息公开形式)：\S+"
)
FILE_CODE = re.compile(r"[A-Z]{2,6}\d*[—\-\d]+\d|\d{5,}")
METADATA = re.compile(
    r"(?:来源|发布时间|发布日期|文号|索引号|主题词?|有效性|主题分类|发文机关|成文日期|标\s*题|作者)：.{0,60}"
)
CC = re.compile("(?:抄送|报送|分送|主送)：")
ENTRY = re.compile(r"附件：.*|附\s*件\s*[:：]?.{0,60}|\d[.．、]\S{2,60}")
ANNEX_ALONE = re.compile(r"附\s*件\s*\d{0,2}[:：]?")
ENTRY_BELOW = re.compile(r"\d{1,2}[.．、]\S")
SIGNATURE = re.compile(
    r"[\u4e00-\u9fff（）、 ·]{2,60}?(?:政府|厅|局|委|委员会|办公室|办|部|院|署|会|中心|公司|国务院|总社|法院|检察院|银行|小组)"
    r"(?:（[^（）]{1,8}）)?|[（(][^（）()]{2,30}代章[）)]"
)
PROVISIONS = re.compile(
    "(?:本|以上|上述)(?:若干)?(?:措施|意见|办法|方案|规定|通知|政策|细则|要点|计划|行动|清单|条款)"
)
CLOSING = re.compile(
    "(?:各地|各部门|各级|各单位|各有关|各相关|各市|各区|各县|各省|各责任|各牵头|各成员|请各|省有关部门|市有关部门|有关部门|附注|注：|说明：|备注：)"
)
TITLE_LINE = re.compile("关于(?:印发|下达|公布).*通知|《.+》")
HAN_ONLY = re.compile("[\u4e00-\u9fff（）“”、]{4,60}")
YEARS = re.compile(r"(?P<a>20\d\d)(?:年)?\s*[—–\-~～至到－]+\s*(?P<b>20\d\d)年?")
YEAR = re.compile(r"(?P<a>20\d\d)年(?!前|底前|版|印发|第|以来)(?:度)?")

# Paragraphs that hold no commitments, whatever digits are in them.
FRAMED = {
    "notice_title", "title", "document_number", "addressees", "signature", "date", "web_date", "publication",
    "file_code", "letterhead", "metadata", "cc", "imprint", "annex_list", "provisions",
}  # fmt: skip


@dataclass
class Frame:
    """The frame of a plan, and what each of its paragraphs is."""

    kinds: list[tuple[Paragraph, str]] = field(default_factory=list)
    unknown: list[Paragraph] = field(default_factory=list)
    notice_title: str | None = None
    plan_title: str | None = None
    document_number: str | None = None
    issuer: str | None = None
    issued_on: date | None = None
    period: tuple[date, date] | None = None
    addressees: str | None = None

    def texts(self, kind: str) -> list[str]:
        """The paragraphs of a kind."""
        return [paragraph.text for paragraph, one in self.kinds if one == kind]

    @property
    def title(self) -> str | None:
        """The title that the document as a whole bears."""
        return self.notice_title or self.plan_title


def frame(text: Text, whole: Outline) -> Frame:
    """Read the frame; what belongs to it at the end is taken out of the last part."""
    found = Frame()
    _front(whole.front, found)
    _back(text, whole, found)
    if found.notice_title and (named := NOTICE_TITLE.fullmatch(found.notice_title)):
        found.issuer = (named["issuer"] or named["issuer2"] or "").removesuffix("印发").strip(
            "《》"
        ) or None
    if not found.issuer:
        signed = found.texts("signature")
        found.issuer = re.sub(r"（[^）]*）$", "", "".join(signed[:1])).split(" ")[0] or None
    found.period = period_of(found.plan_title or "") or period_of(found.notice_title or "")
    return found


def period_of(title: str) -> tuple[date, date] | None:
    """The years that a title names."""
    if match := YEARS.search(title):
        start, end = int(match["a"]), int(match["b"])
        return (date(start, 1, 1), date(end, 12, 31)) if start <= end else None
    years = {match["a"] for match in YEAR.finditer(title)}
    if len(years) == 1:
        year = int(years.pop())
        first = date(year, 7, 1) if f"{year}年下半年" in title else date(year, 1, 1)
        last = date(year, 6, 30) if f"{year}年上半年" in title else date(year, 12, 31)
        return first, last
    return None


def second_notice(text: Text) -> Paragraph | None:
    """Where the title of another notice stands, with a number or addressees below it."""
    titles = [
        paragraph
        for paragraph, below in pairwise(text.paragraphs)
        if NOTICE_TITLE.fullmatch(paragraph.text)
        and (NUMBER.fullmatch(below.text) or ADDRESSEES.fullmatch(below.text))
    ]
    return titles[1] if len(titles) > 1 else None


def _front(front: Sequence[Paragraph], found: Frame) -> None:
    is_cover = _has_own_title(front) or any(
        _bare(p.text) in _bare(other.text)
        for place, p in enumerate(front)
        for other in front[:place]
        if 6 < len(p.text) < 80
        and not ADDRESSEES.fullmatch(p.text)
        and TITLE_LINE.search(other.text)
    )
    for index, paragraph in enumerate(front):
        kind = _kind(paragraph, front, index, found, is_cover=is_cover)
        if kind is None:
            found.unknown.append(paragraph)
        else:
            found.kinds.append((paragraph, kind))
            _note(paragraph, kind, found)


def _has_own_title(front: Sequence[Paragraph]) -> bool:
    """Whether a cover note comes first, and the plan has a title of its own behind it."""
    titles = [p for p in front if TITLE.fullmatch(p.text) and not ADDRESSEES.fullmatch(p.text)]
    return len(titles) > 1


def _kind(
    paragraph: Paragraph, front: Sequence[Paragraph], index: int, found: Frame, *, is_cover: bool
) -> str | None:
    words = paragraph.text
    if NUMBER.fullmatch(words) and found.document_number is None:
        return "document_number"
    if found.plan_title is None:
        for pattern, kind in (
            (NUMBER, "document_number"), (DATE_LINE, "date"), (WEB_DATE, "web_date"), (PUBLICATION, "publication"),
            (FILE_CODE, "file_code"), (METADATA, "metadata"),
        ):  # fmt: skip
            if pattern.fullmatch(words):
                return kind
        if words.replace(" ", "").endswith("文件") and len(words) < 60 and not found.notice_title:
            return "letterhead"
        if ANNEX_ALONE.fullmatch(words):
            return "annex_list"
        after = front[index + 1].text if index + 1 < len(front) else ""
        if not found.notice_title and NOTICE_TITLE.fullmatch(after) and HAN_ONLY.fullmatch(words):
            return "notice_title"  # the first line of a title over several
        if found.addressees is None and not is_titled(found):
            if NOTICE_TITLE.fullmatch(words):
                return "notice_title"
            if TITLE.fullmatch(words):
                return "title"
        if found.addressees is None and ADDRESSEES.fullmatch(words):
            return "addressees"
        if ENTRY_BELOW.match(words) and found.kinds and found.kinds[-1][1] == "annex_list":
            return "annex_list"  # 2.… below 附件：1.…
        is_named = _is_named(words, found) and not _beside_signature(front, index)
        if found.notice_title and ((is_cover and TITLE.fullmatch(words)) or is_named):
            return "title"
        after = front[index + 1].text if index + 1 < len(front) else ""
        is_below = bool({kind for _, kind in found.kinds} & {"cover", "preamble", "signature"})
        if (is_below or DATE_LINE.fullmatch(after)) and found.notice_title:
            if SIGNATURE.fullmatch(words) and not words.endswith(("。", "：")):
                return "signature"
            if is_cover and _beside_signature(front, index):
                return "signature"
    elif SIGNATURE.fullmatch(words) and index == len(front) - 1 and "文件" not in words:
        return "signature"
    elif PUBLICATION.fullmatch(words) or DATE_LINE.fullmatch(words):
        return "publication" if PUBLICATION.fullmatch(words) else "date"
    if words.endswith(("。", "：", "；")) or len(words) > 80:
        is_before = (
            any(TITLE.fullmatch(later.text) for later in front[index + 1 :])
            and found.plan_title is None
        )
        return "cover" if found.notice_title and is_cover and is_before else "preamble"
    if ENTRY.fullmatch(words) and found.title:
        return "annex_list"
    return None


def _bare(words: str) -> str:
    return re.sub("[的《》“”（）() ]", "", words)


def _is_named(words: str, found: Frame) -> bool:
    """Whether a line is the title that the notice or its cover note names."""
    if re.search("[。；：]", words) or len(words) < 6 or SIGNATURE.fullmatch(words):
        return False
    if found.addressees is None or not {kind for _, kind in found.kinds} & {"cover", "preamble"}:
        return False
    named = [found.notice_title or "", *found.texts("cover"), *found.texts("preamble")]
    return any(_bare(words) in _bare(name) for name in named)


def is_titled(found: Frame) -> bool:
    """Whether the whole title was seen."""
    return found.notice_title is not None and bool(NOTICE_TITLE.fullmatch(found.notice_title))


def _beside_signature(front: Sequence[Paragraph], index: int) -> bool:
    """A line of a signature in several columns or lines, above the date."""
    words = front[index].text
    if re.search("[。，；：]", words) or len(words) > 60:
        return False
    return any(DATE_LINE.fullmatch(later.text) for later in front[index + 1 : index + 8])


def _note(paragraph: Paragraph, kind: str, found: Frame) -> None:
    words = paragraph.text
    if kind == "notice_title":
        found.notice_title = (found.notice_title or "") + words
    elif kind == "title":
        found.plan_title = words.strip("《》") if words.count("《") == 1 else words
    elif kind == "document_number":
        found.document_number = found.document_number or words.strip("（）()")
    elif kind == "addressees":
        found.addressees = words
    elif kind == "date":
        _note_date(words, found)


def _note_date(words: str, found: Frame) -> None:
    if found.issued_on is not None:
        return
    words = words.strip("（）()")
    if match := DAY.fullmatch(words):
        numbers = [int(one) for one in match.groups()]
    elif match := HAN_DAY.fullmatch(words):
        year = "".join(str(HAN_DIGITS.index(one) % 10) for one in match["y"])
        numbers = [int(year), number_of(match["m"]) or 0, number_of(match["d"]) or 0]
    else:
        return
    with suppress(ValueError):  # no day of the calendar
        found.issued_on = date(*numbers)


def _back(text: Text, whole: Outline, found: Frame) -> None:
    """Take what is no part of the plan from the end of its last part."""
    parts = list(whole.walk())
    if not parts:
        return
    last_number = max(part.paragraph.span.start for part in parts)
    last = max(parts, key=lambda part: part.paragraph.span.start)
    if len(last.own) > 1 and is_heading(last):
        last_number = last.own[1].span.start  # the words of the heading, however they begin
    behind = sorted(
        (
            (paragraph, part)
            for part in parts
            for paragraph in part.own
            if paragraph.span.start > last_number and paragraph is not part.paragraph
        ),
        key=lambda pair: pair[0].span.start,
    )
    ended = False
    for index, (paragraph, part) in enumerate(behind):
        kind = _back_kind(paragraph.text, [p.text for p, _ in behind[index + 1 :]], ended=ended)
        if kind is None and not ended:
            continue
        ended = True
        part.own.remove(paragraph)
        if kind is None:
            found.unknown.append(paragraph)
            continue
        found.kinds.append((paragraph, kind))
        if kind == "date":
            _note_date(paragraph.text, found)


def is_heading(part: Part) -> bool:
    """Whether a part begins with a line that is a heading alone."""
    return not re.search("[。；：）]", part.paragraph.text) and len(part.paragraph.text) < 40


def _back_kind(words: str, later: Sequence[str], *, ended: bool) -> str | None:
    if CC.match(words):
        return "cc"
    if PUBLICATION.fullmatch(words):
        return "publication"
    if DATE_LINE.fullmatch(words):
        return "imprint" if "印发" in words else "date"
    if NUMBER.fullmatch(words):
        return "document_number"
    if ENTRY.fullmatch(words) and (words.startswith("附") or ended):
        return "annex_list"
    if SIGNATURE.fullmatch(words) and not re.search("[。；：]", words):
        return "signature" if not later or "印发" not in later[0] else "imprint"
    if PROVISIONS.match(words):
        return "provisions"
    if CLOSING.match(words) and not re.search(
        r"（[^（）]*(?:牵头|负责|责任单位)[^（）]*）$", words
    ):
        return "closing"
    if ended and words.endswith("。"):
        return "closing"
    return None
