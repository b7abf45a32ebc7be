"""Tables of indicators, 指标 | 单位 | 2025年 | 2026年: each figure is a target for the end of its year."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from seed.reader.columns import NO_FIGURE
from seed.reader.explained import Explained
from seed.reader.numbers import Quantity, quantities
from seed.reader.reading import Indicator, Question
from seed.reader.statements import AVERAGE, Found
from seed.reader.text import Span

FIGURE = re.compile(
    r"(?P<before>[≥≤>＞<＜]|[^\d，。；]{0,6})(?P<number>\d[\d,]*(?:\.\d+)?(?:[—\-~至]\d+(?:\.\d+)?)?(?:[百千]?[万亿])?)(?P<after>[^\d，。；]{0,8})"
)
SIGNS = {"≥": "不低于", "≤": "不超过", ">": "超过", "＞": "超过", "<": "低于", "＜": "低于"}
UNIT_BEHIND = re.compile(r"（(?P<unit>[^（）]{1,8})）$")  # 增加值（亿元）
NAME = "the name of the indicator, which this row does not have"
KNOWN_UNIT = "a unit; the list of units can grow"
WORDS = "a figure with the unit of its row, or words that explain what is meant"


@dataclass(frozen=True)
class _Cell:
    """The figure of a year."""

    span: Span
    ends: date
    quantity: Quantity


def read_indicators(
    text: str, indicators: Sequence[Indicator], known_year: int | None
) -> tuple[list[Explained], list[Question]]:
    """Give each owner its targets; what else the cells hold is explained or asked about.

    A figure of a year before the notice is what the later ones start from.
    """
    explained: list[Explained] = []
    questions: list[Question] = []
    for one in indicators:
        if one.columns.number is not None:
            explained.append(Explained(one.row.cell(one.columns.number), "label"))
        if one.columns.unit is not None:
            explained.append(Explained(one.row.cell(one.columns.unit), "unit_of_a_row"))
        if one.metric.start == one.metric.end:
            questions.append(Question("number", one.row.text[:60], one.row.span, NAME))
            continue
        before: _Cell | None = None
        for year, is_past, cell in _cells(text, one, questions):
            if is_past or (known_year is not None and year < known_year):
                before = cell
                explained.append(Explained(cell.span, "background"))
            else:
                one.owner.targets.append(_target(text, one, cell, before))
    return explained, questions


def _cells(
    text: str, one: Indicator, questions: list[Question]
) -> Iterator[tuple[int, bool, _Cell]]:
    """The figures of a row, each with its year and whether it is one that was reached before."""
    for index, (year, is_past) in sorted(one.columns.years.items()):
        span = one.row.cell(index)
        words = text[span.start : span.end].strip()
        unit = _unit(one, index)
        quantity = _quantity(words, unit) or _quantity(words, "")
        if quantity is None or not (unit or quantity.unit):
            if not NO_FIGURE.fullmatch(words):
                questions.append(Question("number", words, span, WORDS))
            continue
        if quantity.unit is None:
            questions.append(Question("unit", words, span, KNOWN_UNIT, unit))
        yield year, is_past, _Cell(span, date(year, 12, 31), quantity)


def _unit(one: Indicator, index: int) -> str:
    """The unit of a figure: in a column, behind the indicator's name, or behind the year."""
    cells, names = one.row.line.cells or (), one.row.line.columns or ()
    if one.columns.unit is not None:
        return cells[one.columns.unit].strip()
    for words in (cells[one.columns.content[0]], names[index]):
        if behind := UNIT_BEHIND.search(words.strip()):
            return behind["unit"]
    return ""


def _quantity(words: str, unit: str) -> Quantity | None:
    """A figure with its unit, which stands elsewhere; None for anything else."""
    match = FIGURE.fullmatch(words)
    if not match:
        return None
    before, after = SIGNS.get(match["before"], match["before"]), match["after"]
    whole = f"{before}{match['number']}{'' if after.startswith(unit) else unit}{after}"
    found = quantities(whole, Span(0, len(whole)), [])
    if len(found) != 1 or found[0].is_contradictory or found[0].span != Span(0, len(whole)):
        return None
    return found[0]


def _target(text: str, one: Indicator, cell: _Cell, before: _Cell | None) -> Found:
    """The target of a year; its statement is the row as printed."""
    row = Span(one.metric.start, one.row.span.end - 1)
    metric = UNIT_BEHIND.sub("", text[one.metric.start : one.metric.end])
    quantity = cell.quantity
    target = Found(
        "quantitative",
        metric,
        text[row.start : row.end].rstrip("| "),
        row,
        text[cell.span.start : cell.span.end],
        cell.span,
        quantity.value,
        quantity.upper,
        quantity.unit,
        quantity.comparator,
        quantity.direction,
        is_cumulative="累计" in metric,
        is_average=AVERAGE.search(metric) is not None,
        due_on=cell.ends,
        due_basis="stated",
    )
    target = replace(target, span=Span(row.start, row.start + len(target.statement)))
    if before is None or before.quantity.unit != quantity.unit or before.quantity.upper is not None:
        return target
    return replace(target, baseline=before.quantity.value, baseline_on=before.ends)
