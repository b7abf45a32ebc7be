"""Targets: what a plan commits to by a figure, by covering all, or by a date.

`read_targets` finds them in one stretch of text; `reject_numbers` says of every other number why
it is none.  Both are grammar; what grammar cannot know is an editorial decision.
"""

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from seed.editorial import Editorial, TargetDecision
from seed.plan import RejectedNumber, Span, Target
from seed.refusals import NoticeRefusedError

SCALES = {"": 1, "万": 10_000, "亿": 100_000_000}
BEFORE = {
    "超过": "gt", "突破": "gt", "高于": "gt", "多于": "gt",
    "不少于": "gte", "不得少于": "gte", "不得低于": "gte", "不低于": "gte", "达到": "gte", "达": "gte", "至少": "gte",
    "不超过": "lte", "不高于": "lte", "不多于": "lte", "控制在": "lte",
    "低于": "lt", "少于": "lt",
}  # fmt: skip
AFTER = {"以上": "gte", "以内": "lte", "内": "lte", "以下": "lte"}
DIRECTIONS = {
    "压减": "decrease", "减少": "decrease", "降低": "decrease", "下降": "decrease",
    "缩短": "decrease", "增长": "increase", "增加": "increase", "提高": "increase",
}  # fmt: skip
UNITS = (
    "个百分点", "个工作日", "工作日", "个月", "人次", "公里", "小时", "分钟", "万元", "亿元",
    "%", "‰", "个", "项", "家", "笔", "路", "核", "条", "种", "类", "次", "户", "人", "所", "台",
    "亩", "天", "件", "套", "座", "元", "吨", "倍", "宗", "例", "本", "份", "批次", "场", "期", "只",
)  # fmt: skip


def _any(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


QUANTITY = re.compile(
    rf"(?P<direction>{_any([*DIRECTIONS])})?(?:至|到)?(?P<before>{_any([*BEFORE])})?(?:至|到)?"
    r"(?P<first>\d+(?:\.\d+)?(?:,\d{3})*)(?P<first_scale>[万亿]?)"
    r"(?:[至—～~-](?P<second>\d+(?:\.\d+)?)(?P<second_scale>[万亿]?))?"
    rf"(?P<unit>{_any(UNITS)})?(?P<after>{_any([*AFTER])})?"
)
# What Arabic digits are, other than figures.  The first pattern that fits says so.
DIGITS_THAT_ARE_NO_FIGURES = (
    (re.compile(r"\d{4}年\d{1,2}月\d{1,2}日"), "date"),
    (re.compile(r"〔\d{4}〕\d+号"), "document_number"),
    (re.compile(r"\d{4}[-—～~至]\d{4}年"), "year"),
    (re.compile(r"(?:截至|到|至)?\d{4}年(?:\d{1,2}月)?"), "year"),
    (re.compile(r"(?<![\d.])\d{1,2}月(?:底|前|中旬|上旬|下旬)"), "date"),
    (re.compile(r"(?m)^\d{1,2}[.．、]"), "label"),
    (re.compile(r"[A-Za-z]\d+(?:\.\d+)?|\d+[A-Za-z]+"), "technical_name"),
    (re.compile(r"\d\+[A-Za-zN\d]"), "model_name"),
    (re.compile(r"(?<=[政府台])\d\.0(?!\d)"), "version"),
    (re.compile(r"(?<!\d)(?:1[012]\d{1,3}|9\d{4})(?=[^，。；]{0,8}热线)"), "telephone_number"),
)
NUMERAL = "〇零一二三四五六七八九十百千两"
# What Chinese numerals are, other than figures.
NUMERALS_THAT_ARE_NO_FIGURES = (
    (re.compile(rf"(?m)^[{NUMERAL}]+、|^（[{NUMERAL}]+）"), "label"),
    (re.compile(r"“[^”]*”"), "quoted_name"),
    (re.compile(rf"第[{NUMERAL}]+"), "ordinal"),
    (re.compile(rf"十[{NUMERAL}]五|[{NUMERAL}]+大(?=召开|胜利|和|精神)|[{NUMERAL}]+届"), "congress_or_plan"),
    (re.compile(rf"（[{NUMERAL}]+期）|[{NUMERAL}]+期(?=项目|工程|建设)"), "project_phase"),
    (re.compile(rf"[{NUMERAL}]级"), "levels_of_government"),
    (re.compile("[珠长]三角|京津冀三地"), "place_name"),
    (re.compile(
        "统一|一体化|一体|进一步|一批|一流|一次|一系列|一致|一云多芯|万众|唯一|单一|逐一|一定|一律|一并"
        "|十分|千家万户|百姓|一键|一站式|一网|一窗|一号"
    ), "word"),
)  # fmt: skip
COMPARING = ("direction", "before", "second", "after")
COVERAGE = re.compile("全覆盖")
DEADLINE = re.compile(
    r"(?P<within>年内)|(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月|(?<=\d年)|(?P<this>今|本)?年)底(?:之)?前"
)
NEGATED = re.compile("(?:未|不|没有|尚未|不得)(?:能)?(?:实现|完成)?$")
# Times that the grammar does not read; a date must not be taken for the end of the year.
UNREAD_TIMES = re.compile(r"\d{1,2}月(?:\d{1,2}日)?(?:之)?前|上半年|下半年|季度|明年|后年|月末")
LEADING_VERBS = re.compile(
    "(?:推动|推进|实现|开展|完成|新增上线|新增|加快|力争|累计|支撑全省|支撑|在)*"
)
STOPS = "。；，"


@dataclass(frozen=True)
class Found:
    """Targets of a stretch of text, and where in the text their figures stand."""

    targets: list[Target]
    figures: list[Span]


def digits_that_are_no_figures(text: str, editorial: Editorial) -> list[Span]:
    """Where Arabic digits of a text are years, labels, versions, names, or decided to be none."""
    patterns = [pattern for pattern, _ in DIGITS_THAT_ARE_NO_FIGURES]
    patterns += [re.compile(re.escape(decision.text)) for decision in editorial.numbers]
    return [Span(*match.span()) for pattern in patterns for match in pattern.finditer(text)]


def read_targets(
    text: str,
    span: Span,
    owner: str,
    year: int,
    editorial: Editorial,
    no_figures: list[Span],
) -> Found:
    """The targets in `text[span]`, numbered `{owner}-k1`, `-k2`… in the order of the text."""
    found = Found([], [])
    line = text.count("\n", 0, span.start) + 1
    for statement in _statements(text, span, no_figures):
        quantities = list(_quantities(text, statement, no_figures))
        words = text[statement.start : statement.end]
        coverage = COVERAGE.search(words)
        deadline = DEADLINE.search(words)
        for match in quantities:
            found.figures.append(Span(match.start(), match.end()))
        marks: list[re.Match[str] | None] = [*quantities, *([coverage] if coverage else [])]
        if not marks and not deadline:
            continue
        for found_mark in filter(None, (*marks, deadline)):
            _refuse_unread(words, found_mark, line)
        for mark in marks or [None]:
            number = len(found.targets) + 1
            found.targets.append(
                _target(
                    f"{owner}-k{number}", words, statement, mark, deadline, year, editorial, line
                )
            )
    return found


def _statements(text: str, span: Span, no_figures: list[Span]) -> Iterator[Span]:
    """The clauses of a stretch: up to a stop; a list is cut at 、 where both sides have a figure."""
    start = span.start
    for position in range(span.start, span.end + 1):
        if position < span.end and text[position] not in STOPS:
            continue
        yield from _split_list(text, Span(start, position), no_figures)
        start = position + 1


def _split_list(text: str, span: Span, no_figures: list[Span]) -> Iterator[Span]:
    pieces, start = [], span.start
    for position in range(span.start, span.end + 1):
        if position == span.end or text[position] == "、":
            pieces.append(Span(start, position))
            start = position + 1
    if len(pieces) > 1 and all(
        any(_quantities(text, piece, no_figures)) or COVERAGE.search(text[piece.start : piece.end])
        for piece in pieces
    ):
        yield from pieces
    elif span.start < span.end:
        yield span


def _quantities(text: str, span: Span, no_figures: list[Span]) -> Iterator[re.Match[str]]:
    for match in QUANTITY.finditer(text, span.start, span.end):
        inside = any(n.start <= match.start("first") < n.end for n in no_figures)
        # A bare number may be anything; it is left to be refused, or decided.
        if not inside and any(match[group] for group in ("unit", "first_scale", *COMPARING)):
            yield match


def _target(
    target_id: str,
    words: str,
    statement: Span,
    mark: re.Match[str] | None,
    deadline: re.Match[str] | None,
    year: int,
    editorial: Editorial,
    line: int,
) -> Target:
    quantity = mark if mark and mark.re is QUANTITY else None
    written = mark[0] if mark else deadline[0] if deadline else ""
    decision = _decision(words, written, editorial.targets)
    kind = "quantitative" if quantity else "coverage" if mark else "deadline"
    reason = f"{kind}: {written}" + (f"; {decision.reason}" if decision else "")
    return Target(
        id=target_id,
        metric=(decision and decision.metric) or _metric(words, written),
        statement=words,
        kind=kind,
        comparator=_comparator(quantity, line) if quantity else None,
        value=_value(quantity, "first") if quantity else None,
        value_upper=_value(quantity, "second") if quantity and quantity["second"] else None,
        unit=_unit(quantity) if quantity else None,
        as_written=written,
        is_cumulative="累计" in words,
        is_average=re.search("平均|月均|年均|日均|人均", words) is not None,
        direction=DIRECTIONS[quantity["direction"]] if quantity and quantity["direction"] else None,
        scope=decision.scope if decision else None,
        due_on=_due_on(deadline, year, line),
        due_basis="stated" if deadline else "plan_year",
        span=statement,
        reason=reason,
    )


def _refuse_unread(words: str, mark: re.Match[str], line: int) -> None:
    """Refuse what the grammar would read wrongly: a negation, or a time it does not know."""
    before = words[: words.find(mark[0])]
    if NEGATED.search(before):
        raise NoticeRefusedError(line, f"“{words}”, negated", "a commitment, or a decision on it")
    if unread := UNREAD_TIMES.search(words):
        raise NoticeRefusedError(
            line, f"“{words}” with {unread[0]}", "年内, X年底前 or X月底前, the dates that are read"
        )


def _decision(
    words: str, written: str, decisions: Sequence[TargetDecision]
) -> TargetDecision | None:
    for decision in decisions:
        if decision.statement == words and decision.as_written in (None, written):
            return decision
    return None


def _comparator(quantity: re.Match[str], line: int) -> str:
    if quantity["second"]:
        if _value(quantity, "first") >= _value(quantity, "second"):
            raise NoticeRefusedError(line, f"“{quantity[0]}”", "the smaller figure first")
        return "between"
    before, after = BEFORE.get(quantity["before"] or ""), AFTER.get(quantity["after"] or "")
    if before and after and before != after:
        raise NoticeRefusedError(line, f"“{quantity[0]}”", "one comparison, as in 超过… or …以上")
    return before or after or "eq"


def _value(quantity: re.Match[str], group: str) -> Decimal:
    scale = quantity[f"{group}_scale"]
    if group == "first" and quantity["second"] and not scale:
        scale = quantity["second_scale"]  # 3至5万: both are counted in 万
    return Decimal(quantity[group].replace(",", "")) * SCALES[scale]


def _unit(quantity: re.Match[str]) -> str | None:
    return "工作日" if quantity["unit"] == "个工作日" else quantity["unit"]


def _metric(words: str, written: str) -> str:
    """What is counted: the words before the figure, or those after it."""
    before, _, after = words.partition(written)
    before = before[LEADING_VERBS.match(before).end() :]  # type: ignore[union-attr]
    return before or after or words


def _due_on(deadline: re.Match[str] | None, year: int, line: int) -> date:
    """The date a deadline names, or the last day of the plan's year."""
    if deadline is None or deadline["within"] or not deadline["month"]:
        named = deadline["year"] if deadline else None
        if int(named or year) < 1:
            raise NoticeRefusedError(line, f"the year {named}", "a year of the calendar")
        return date(int(named or year), 12, 31)
    named_year, month = int(deadline["year"] or year), int(deadline["month"])
    if not 1 <= month <= 12 or named_year < 1:
        raise NoticeRefusedError(line, f"“{deadline[0]}”", "a month from 1 to 12")
    return date(named_year, month, calendar.monthrange(named_year, month)[1])


def reject_numbers(
    text: str, figures: Sequence[Span], editorial: Editorial
) -> list[RejectedNumber]:
    """Every number that is no figure of a target, exactly once, with the reason.

    Raises NoticeRefusedError for a number that neither grammar nor a decision accounts for.
    """
    decided = [(re.compile(re.escape(d.text)), d.reason) for d in editorial.numbers]
    rejected = []
    for numbers, rules in (
        (re.compile(r"\d+(?:\.\d+)?"), (*decided, *DIGITS_THAT_ARE_NO_FIGURES)),
        (re.compile(f"[{NUMERAL}]+"), (*decided, *NUMERALS_THAT_ARE_NO_FIGURES)),
    ):
        reasons = [
            (match.start(), match.end(), reason)
            for pattern, reason in rules
            for match in pattern.finditer(text)
        ]
        for number in numbers.finditer(text):
            if any(f.start <= number.start() < f.end for f in figures):
                continue
            reason = next((r for s, e, r in reasons if s <= number.start() < e), None)
            if reason is None:
                line = text.count("\n", 0, number.start()) + 1
                around = text[max(0, number.start() - 8) : number.end() + 8].replace("\n", " ")
                raise NoticeRefusedError(
                    line,
                    f"the number {number[0]} in “{around}”",
                    "a target, or a decision in editorial.yaml under `numbers`",
                )
            rejected.append(RejectedNumber(number[0], number.start(), number.end(), reason))
    return sorted(rejected, key=lambda number: number.start)
