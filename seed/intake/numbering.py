"""Where numbers begin paragraphs, and the paragraphs of a copy that lost its line breaks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seed.numerals import chinese_number

CHINESE = "一二三四五六七八九十百"
MARKER = re.compile(
    rf"[{CHINESE}]{{1,4}}、|（[{CHINESE}]{{1,4}}）|\([{CHINESE}]{{1,4}}\)|第[{CHINESE}]{{1,4}}[条章节]"
    r"|\d{1,3}[．、]|\d{1,3}\.(?!\d(?!\d{3}年))|（\d{1,2}）|\(\d{1,2}\)|\d{1,2}[）)]|[①-⑳]"
    r"|附件\d{0,2}[：:]?(?=\s|$)"
)
# In one paragraph, before it counts as several that were joined; 1. 2. 3. may be a list in it.
FEWEST_UPPER, FEWEST_NUMBERS = 2, 8
LONG = 80
SENTENCE_END = "。；：！？）)”"
STYLES = (  # outermost first; each with whether a heading before it may end without a mark
    (re.compile(rf"(?P<n>[{CHINESE}]{{1,3}})、"), False),
    (re.compile(rf"[（(](?P<n>[{CHINESE}]{{1,3}})[）)]"), True),
    (re.compile(r"(?P<n>\d{1,2})(?:[．、]|\.(?!\d(?!\d{3}年)))"), False),
    (re.compile(r"[（(](?P<n>\d{1,2})[）)]"), False),
)
TITLE_END = re.compile(r"(?<=的通知)(?=[\u4e00-\u9fff]{1,12}〔\d{4}〕\d{1,5}号$)")
SIGNATURE = re.compile(
    r"(?<=。)(?=[^。，；：]{4,60}?\d{4}年\d{1,2}月\d{1,2}日(?:（[^（）]{4,12}）)?$)"
)
ADDRESSEES = re.compile(
    r"^(?=各[^。；]{2,200}：|[^。；：]{0,30}人民政府[^。；：]{0,200}：)[^。；：]{2,260}：(?=.)"
)
MEASURES = re.compile(r"(?<=[）。])(?=(?:具体措施|主要任务|工作措施|责任分工)：)")
CLAUSE_END = re.compile(
    r"(?<=。)（[^（）]{0,300}?(?:负责|牵头|落实|参与|配合)[^（）]{0,300}）(?=[\u4e00-\u9fff])"
)


@dataclass(frozen=True)
class _Number:
    level: int
    value: int
    start: int
    end: int


def split_one_line(text: str) -> list[int]:
    """Where the paragraphs of a text begin that was joined into one line; [0] where it was not.

    A number counts where it continues its row or begins one below the last number.
    """
    numbers = list(_in_order(text)) if len(text) >= LONG else []
    upper = sum(number.level < 2 and number.start > 0 for number in numbers)
    if upper < FEWEST_UPPER and len(numbers) < FEWEST_NUMBERS:
        return [0]
    starts = {0, *(number.start for number in numbers)}
    starts |= {match.start() for match in MEASURES.finditer(text)}
    starts |= {match.end() for match in CLAUSE_END.finditer(text)}
    return sorted(starts)


def split_front(text: str) -> list[int]:
    """Where the parts of a front matter begin that was joined: its title, number, addressees."""
    starts = {0}
    if match := TITLE_END.search(text):
        starts.add(match.start())
    if match := ADDRESSEES.match(text):
        starts.add(match.end())
    if match := SIGNATURE.search(text):
        starts.add(match.start())
        if public := re.search(r"（[^（）]{4,12}）$", text):
            starts.add(public.start())
    return sorted(starts)


def _in_order(text: str) -> Iterator[_Number]:
    """The numbers of a text that follow each other as numbers of paragraphs do."""
    expected = [1] * len(STYLES)
    last = -1
    for number in _candidates(text):
        level, value = number.level, number.value
        if value != expected[level] and (value != 1 or level <= last):
            continue
        expected[level] = value + 1
        # （一） may go on counting in the next section; the digits below it begin again
        for below in range(max(level + 1, 2), len(STYLES)):
            expected[below] = 1
        last = level
        yield number


def _candidates(text: str) -> Iterator[_Number]:
    found: list[_Number] = []
    for level, (pattern, after_heading) in enumerate(STYLES):
        for match in pattern.finditer(text):
            before = text[match.start() - 1 : match.start()]
            if before == "" or before in SENTENCE_END or after_heading:
                try:
                    value = int(match["n"]) if match["n"].isdigit() else chinese_number(match["n"])
                except ValueError:
                    continue
                found.append(_Number(level, value, match.start(), match.end()))
    return iter(sorted(found, key=lambda number: number.start))
