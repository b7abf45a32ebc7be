"""Times: until when, how often, and the years that are only mentioned."""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from seed.reader.text import Span

END = r"(?:(?:底|末)?(?:之前|以前|前)|底|末)"
LEAD = r"(?P<lead>力争到|力争至|到|至|截至|截止到?|自|从|于|在)?"
PATTERNS = (
    ("recurring", re.compile(
        r"(?<!每[人户名亩床件])每(?P<every>年度?|半年|季度|月(?!\d[\d.]*元)|周)(?:的)?(?:(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})日)?(?:底|末|上旬|中旬|下旬)?(?:之前|以前|前)?|(?P<end>年?底前|末前))?")),
    ("range", re.compile(r"(?<!\d)(?P<a>20\d\d)年?[—–\-~～至到－](?P<y>20\d\d)年(?P<post>期?间)?")),
    ("day", re.compile(rf"{LEAD}(?P<y>(?:19|20)\d\d)年(?P<m>\d{{1,2}})月(?P<d>\d{{1,2}})日(?P<post>之前|以前|前|起)?")),
    ("month", re.compile(rf"{LEAD}(?P<y>(?:19|20)\d\d)年(?P<m>\d{{1,2}})月份?(?P<post>{END}|上旬|中旬|下旬|起)?(?:前)?")),
    ("part", re.compile(rf"{LEAD}(?P<y>(?:19|20)\d\d)年(?P<part>上半年|下半年|第?[一二三四]季度|前三季度|年?内|年中)(?P<post>末?底?前|末)?")),
    ("five_years", re.compile("(?P<pair>五”?[、和])?“?十(?P<five>[一二三四五六])五”?(?:规划)?(?:期间|时期|期末|末)")),
    ("year", re.compile(rf"{LEAD}(?P<y>(?:19|20)\d\d)年(?P<post>年?{END}|以来|来|起|版|度)?")),
    ("day", re.compile(r"(?<![\d年])(?P<m>\d{1,2})月(?P<d>\d{1,2})日(?P<post>之前|以前|前|起)?")),
    ("month", re.compile(rf"(?<![\d年])(?P<lead>到|至)?(?P<m>\d{{1,2}})月份?(?P<post>{END}|上旬|中旬|下旬)(?:之?前)?")),
    ("part", re.compile(r"(?P<rel>今年|本年|当年|明年)?(?P<part>上半年|下半年|第?[一二三四]季度|前三季度)(?P<post>末?底?前|末)?")),
    ("year", re.compile(rf"(?P<rel>今年|本年|当年|明年|次年)?(?<![当历往每去整周半多前数一二两三四五六七八九十\d])年(?P<post>{END}|内)")),
)  # fmt: skip
EVERY = {
    "年": "yearly",
    "年度": "yearly",
    "半年": "half_yearly",
    "季度": "quarterly",
    "月": "monthly",
}
QUARTER = re.compile("第?[一二三四]季度")
QUARTER_ENDS = {"一": (3, 31), "二": (6, 30), "三": (9, 30), "四": (12, 31)}
PART_ENDS = {
    "上半年": (6, 30),
    "下半年": (12, 31),
    "前三季度": (9, 30),
    "年内": (12, 31),
    "内": (12, 31),
    "年中": (6, 30),
}
GOES_ON = re.compile(
    "要|将|力争|实现|完成|建成|基本|全面|确保|新增|启动|出台|推出|争取|全省|全市|全国|初步"
)


COMPARED = re.compile("[比较由]$|相比$|相较$|对比$")
AS_THEN = re.compile(
    r"的?(?:基础|水平|同期)|的[\d.]+(?:%|倍)|(?:建成|投产|投运|设立|成立|开工|注册|登记)的"
)
FIGURE_AHEAD = re.compile(r"(?!年|度)[^，。；：\n]{2,40}\d")


@dataclass(frozen=True)
class Time:
    """A time as printed; `is_due` where something is to be done by it."""

    span: Span
    kind: str
    due_on: date | None
    is_due: bool
    recurrence: str | None = None
    recurs_on: str | None = None
    post: str | None = None
    year: int | None = None
    is_wrong: bool = False  # no day of the calendar
    follows: bool = False  # the year came from a time before it
    is_value: bool = False  # of what was: 由2020年的24项


def times(text: str, span: Span, year: int | None, none: Sequence[Span]) -> list[Time]:
    """The times of a sentence, in its order; `year` is meant where none is printed."""
    matches: list[tuple[str, re.Match[str]]] = []
    taken = bytearray(span.end - span.start)  # marks, as a list of spans is searched too often
    for other in none:
        if other.overlaps(span):
            start, end = max(other.start, span.start), min(other.end, span.end)
            taken[start - span.start : end - span.start] = b"\1" * (end - start)
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text, span.start, span.end):
            start, end = match.start() - span.start, match.end() - span.start
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                matches.append((kind, match))
    matches.sort(key=lambda pair: pair[1].start())
    found: list[Time] = []
    last = None
    for kind, match in matches:
        one = _time(kind, match, text, span, year, last)
        if kind in ("day", "month", "part", "year") and one.year is not None:
            last = one.year if one.is_due else last
        found.append(one)
    return found


def _time(
    kind: str, match: re.Match[str], text: str, span: Span, year: int | None, last: int | None
) -> Time:
    groups = match.groupdict()
    place = Span(*match.span())
    if kind == "recurring":
        return _recurring(match, place)
    if kind == "five_years":
        return _five_years(match, place)
    post = groups.get("post")
    printed = groups.get("y")
    meant = int(printed) if printed else (last or year)
    if groups.get("rel") in ("明年", "次年") and meant:
        meant = (year or meant) + 1
    follows = printed is None and last is not None
    if post == "前" and QUARTER.fullmatch(groups.get("part") or ""):
        # 三季度前: before it begins, or before it ends?
        return Time(place, kind, None, False, post=post, year=meant, is_wrong=True)
    try:
        due = _end(kind, groups, meant) if meant else None
    except (ValueError, KeyError, calendar.IllegalMonthError):
        return Time(place, kind, None, False, post=post, year=meant, is_wrong=True)
    lead = groups.get("lead") or ""
    is_due = _is_due(kind, lead, post, text, place, span, has_part=bool(groups.get("part")))
    if kind != "range" and compares(text, place):
        post = "compared"
    was = text[place.start - 1] in "由从" or lead == "从"
    return Time(place, kind, due, is_due, post=post, year=meant, follows=follows, is_value=was)


def _recurring(match: re.Match[str], place: Span) -> Time:
    recurs_on = None
    if match["m"]:
        month, day = int(match["m"]), match["d"]
        if not 1 <= month <= 12:
            return Time(place, "recurring", None, False, is_wrong=True)
        last = calendar.monthrange(2023, month)[1]
        recurs_on = f"{month:02}-{int(day) if day else last:02}"
    elif match["end"] and match["every"].startswith("年"):
        recurs_on = "12-31"
    recurrence = EVERY.get(match["every"])
    return Time(place, "recurring", None, recurs_on is not None, recurrence, recurs_on)


def _five_years(match: re.Match[str], place: Span) -> Time:
    """“十四五”期间 ends with 2025; of two periods together nobody knows which is meant."""
    year = 2010 + 5 * "一二三四五六".index(match["five"])
    if match["pair"]:
        return Time(place, "year", None, False, year=year, is_wrong=True)
    return Time(place, "year", date(year, 12, 31), True, year=year)


def _end(kind: str, groups: dict[str, str | None], year: int) -> date:
    """The last day of what a time names."""
    if kind == "day":
        return date(year, int(groups["m"] or 0), int(groups["d"] or 0))
    if kind == "month":
        month = int(groups["m"] or 0)
        days = calendar.monthrange(year, month)[1]
        ten = {"上旬": 10, "中旬": 20}.get(groups.get("post") or "")
        return date(year, month, ten or days)
    part = groups.get("part")
    if part:
        month, day = PART_ENDS.get(part) or QUARTER_ENDS[part.removeprefix("第")[0]]
        return date(year, month, day)
    return date(year, 12, 31)


def _is_due(
    kind: str, lead: str, post: str | None, text: str, place: Span, span: Span, *, has_part: bool
) -> bool:
    if lead in ("自", "从", "截至", "截止", "截止到") or post in ("以来", "来", "起", "版", "度"):
        return False
    if compares(text, place):
        return False
    after = text[place.end : place.end + 4]
    if kind == "range":
        return _begins(text, place, span) and (after[:1] == "，" or bool(GOES_ON.match(after)))
    if lead.endswith(("到", "至")) or (post and kind != "range"):
        return True
    if has_part:
        return True
    before = text[max(span.start, place.start - 6) : place.start]
    if re.search(r"(?:时限|时间|进度|期限)[：:]?$", before):
        return True
    if kind in ("year", "month") and _begins(text, place, span):
        return bool(
            after[:1] == "，" or GOES_ON.match(after) or FIGURE_AHEAD.match(text, place.end)
        )
    return False


def compares(text: str, place: Span) -> bool:
    """Whether a time is what something is compared with: 比2020年, 较2022年底, 在2020年基础上."""
    before = text[max(0, place.start - 2) : place.start]
    return bool(COMPARED.search(before) or AS_THEN.match(text, place.end))


def _begins(text: str, place: Span, span: Span) -> bool:
    """Whether a time stands first in its sentence, or behind a comma."""
    return (
        place.start == span.start
        or text[place.start - 1] in "。；，：\n"
        or (text[place.start - 2 : place.start] in ("其中", "力争"))
    )
