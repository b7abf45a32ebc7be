"""A commitment that a person supplies where the reader asks: `target: 景区 >= 4 个 by 2026-12-31`.

Its figure, unit and comparison, and the year of its date, must stand in the words asked about.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from seed.reader.numbers import AFTER, BEFORE, NUMBER, SCALE, WORDS, han_value, scaled
from seed.reader.reading import Question, Reading, ReadSection, ReadTask
from seed.reader.statements import Found, metric_of, strength_of
from seed.reader.text import Span
from seed.refusals import NoticeRefusedError

PREFIX = "target:"
FORM = "target: METRIC >= NUMBER UNIT by 2026-12-31"
TAKES_ONE = ("number", "date", "comparison", "year")  # kinds of questions
SIGNS = {
    ">=": "gte", "≥": "gte", "<=": "lte", "≤": "lte", ">": "gt", "＞": "gt", "<": "lt", "＜": "lt",
    "=": "eq", "＝": "eq", "≈": "about", "~": "about",
}  # fmt: skip
SIGN = "|".join(sorted(SIGNS, key=len, reverse=True))
FIGURE = rf"{NUMBER}{SCALE}"
GIVEN = re.compile(
    rf"target:\s*(?:(?P<metric>[^<>=≥≤≈~＞＜＝]*?)\s*(?P<sign>{SIGN})\s*)?"
    rf"(?:(?P<value>{FIGURE})(?:\s*[-–—~]\s*(?P<upper>{FIGURE}))?\s*(?P<unit>(?!by\b)[^\s\d]{{1,12}})?)?"
    r"\s*(?:by\s+(?P<by>\d{4}-\d{2}-\d{2}))?"
)
PRINTED = re.compile(rf"(?P<digits>{NUMBER})(?P<scale>{SCALE})")
HAN = re.compile("[一二三四五六七八九十百千万亿两〇]+")
FRACTION = re.compile("(?P<whole>[一二三四五六七八九十百]+)分之(?P<part>[一二三四五六七八九十百]+)")
HALF = re.compile("一半|减半|过半|半数")
TENTHS = re.compile("(?P<tens>[一二三四五六七八九])成(?P<ones>[一二三四五六七八九半])?")
TIME = re.compile(r"20\d\d年|\d月|季度|年[底末内前]|半年|每[年月]|[到至]20\d\d")
STOPS = "。；，！？\n|"
SENTENCE_ENDS = "。！？\n|"
NEAR = Decimal("0.01")  # a third is 33.33


@dataclass(frozen=True)
class Supplied:
    """What somebody gave: a figure, a date, or both."""

    metric: str | None
    comparator: str
    value: Decimal | None
    upper: Decimal | None
    unit: str | None
    by: date | None


def is_supplied(kind: str, value: str) -> bool:
    """Whether the value of a decision is a commitment."""
    return kind in TAKES_ONE and value.startswith(PREFIX)


def supplied(value: str) -> Supplied:
    """What a text gives; refuses any other form."""
    given = GIVEN.fullmatch(value)
    if not given or not (given["value"] or given["by"]) or (given["sign"] and not given["value"]):
        raise NoticeRefusedError(None, f"“{value}”", FORM)
    try:
        by = date.fromisoformat(given["by"]) if given["by"] else None
    except ValueError:
        raise NoticeRefusedError(None, f"“{given['by']}”", "a day such as 2026-12-31") from None
    first, upper = (_figure(given[name]) for name in ("value", "upper"))
    if first is not None and upper is not None and first >= upper:
        raise NoticeRefusedError(None, f"“{value}”", "the smaller figure first")
    comparator = "between" if upper is not None else SIGNS[given["sign"] or "="]
    return Supplied(given["metric"] or None, comparator, first, upper, given["unit"], by)


def _figure(words: str | None) -> Decimal | None:
    printed = PRINTED.fullmatch(words) if words else None
    return scaled(printed["digits"], printed["scale"]) if printed else None


def supply(reading: Reading, question: Question, given: Supplied, reason: str) -> None:
    """Add the target at each place of a question.

    Raises NoticeRefusedError, with nothing changed, for what is not printed there.
    """
    found = [(_owner(reading, place), place) for place in question.places]
    targets = [_target(reading, owner, place, given, reason) for owner, place in found]
    for (owner, place), target in zip(found, targets, strict=True):
        if target.kind == "deadline" and (dated := _dated(reading, owner, place, target)):
            owner.targets = dated
            continue
        others = [one for one in owner.targets if not (one.figure and one.figure.overlaps(place))]
        owner.targets = sorted([*others, target], key=lambda one: one.figure or one.span)


def _owner(reading: Reading, place: Span) -> ReadSection | ReadTask:
    owners = [owner for owner in reading.owners() if place.start in owner.span]
    if not owners:
        raise NoticeRefusedError(
            reading.text.line_of(place.start), "a target outside of tasks and sections", "a reason"
        )
    return owners[-1]


def _target(
    reading: Reading, owner: ReadSection | ReadTask, place: Span, given: Supplied, reason: str
) -> Found:
    text = reading.text.text
    part, sentence = _around(text, place, STOPS), _around(text, place, SENTENCE_ENDS)
    figure = place
    if given.value is not None:
        figure = _printed(text, sentence, place, given)
    if given.by:
        _check_year(reading, sentence, given.by)
    elif TIME.search(text, sentence.start, sentence.end):
        raise NoticeRefusedError(
            reading.text.line_of(place.start),
            "a time in the sentence, and no date",
            "by 2026-12-31",
        )
    written, words = text[figure.start : figure.end], text[part.start : part.end]
    end = reading.frame.period[1] if reading.frame.period else None
    return Found(
        "deadline" if given.value is None else "quantitative",
        given.metric
        or (
            owner.title
            if given.value is None
            else metric_of(
                text[part.start : figure.start], text[figure.end : part.end], words, written
            )
        ),
        words,
        part,
        written,
        None if given.value is None else figure,
        given.value,
        given.upper,
        given.unit,
        given.comparator if given.value is not None else None,
        due_on=given.by or end,
        due_basis="stated" if given.by else ("plan_end" if end else None),
        strength=strength_of(words),
        times=(place,) if given.value is None else (),
        reason=reason,
    )


def _dated(
    reading: Reading, owner: ReadSection | ReadTask, place: Span, deadline: Found
) -> list[Found] | None:
    """The targets with the date for those behind it in its sentence; None where there are none."""
    sentence = _around(reading.text.text, place, SENTENCE_ENDS)
    meant = [
        one.span.overlaps(sentence)
        and one.due_basis in (None, "plan_end")
        and (one.figure or one.span).end > place.start
        for one in owner.targets
    ]
    if not any(meant):
        return None
    return [
        replace(one, due_on=deadline.due_on, due_basis="stated", times=(*one.times, place), reason=deadline.reason)
        if is_meant
        else one
        for one, is_meant in zip(owner.targets, meant, strict=True)
    ]  # fmt: skip


def _around(text: str, place: Span, stops: str) -> Span:
    """The words between two stops around a place."""
    start = max(text.rfind(stop, 0, place.start) for stop in stops) + 1
    ends = [text.find(stop, place.end) for stop in stops]
    return Span(start, min((end for end in ends if end >= 0), default=len(text)))


def _printed(text: str, sentence: Span, place: Span, given: Supplied) -> Span:
    """Where the figure stands, with its unit; refuses what does not stand in the sentence."""
    words = text[sentence.start : sentence.end]
    for value in (given.value, given.upper):
        if value is not None and not any(abs(value - one) < NEAR for one, _ in _figures(words)):
            shown = "、".join(match[0] for match in PRINTED.finditer(words)) or "none in digits"
            raise NoticeRefusedError(None, f"{value:f} is not in “{words[:60]}”", f"one of {shown}")
    if given.unit and given.unit not in words and given.unit != "%":
        raise NoticeRefusedError(
            None, f"the unit {given.unit} is not in “{words[:60]}”", "a unit that is printed"
        )
    if given.comparator not in ("eq", "between"):
        marks = [word for word, sign in {**BEFORE, **AFTER}.items() if sign == given.comparator]
        if not any(word in words for word in marks):
            raise NoticeRefusedError(
                None, f"no {given.comparator} in “{words[:60]}”", f"= or one of {'、'.join(marks)}"
            )
    first, last = (
        _place_of(value, words, sentence, place)
        for value in (given.value, given.upper if given.upper is not None else given.value)
    )
    unit = given.unit or ""
    end = last.end + len(unit) if text.startswith(unit, last.end) else last.end
    return Span(first.start, end)


def _place_of(value: Decimal | None, words: str, sentence: Span, place: Span) -> Span:
    """Where a figure stands in a sentence: at the place asked about, or first."""
    spans = [
        Span(sentence.start + one.start, sentence.start + one.end)
        for printed, one in _figures(words)
        if value is not None and abs(printed - value) < NEAR
    ]
    return next((one for one in spans if one.overlaps(place)), spans[0])


def _figures(words: str) -> Iterator[tuple[Decimal, Span]]:
    """Every figure that words print, in digits or characters; a share in words as its percentage."""
    for match in PRINTED.finditer(words):
        yield scaled(match["digits"], match["scale"]), Span(*match.span())
        yield scaled(match["digits"], ""), Span(*match.span("digits"))
    for match in FRACTION.finditer(words):
        share = 100 * han_value(match["part"]) / han_value(match["whole"])
        yield share, Span(*match.span())
    for match in HAN.finditer(words):
        yield han_value(match[0]), Span(*match.span())
    for match in TENTHS.finditer(words):
        ones = Decimal(5) if match["ones"] == "半" else han_value(match["ones"] or "〇")
        yield 10 * han_value(match["tens"]) + ones, Span(*match.span())
    for match in HALF.finditer(words):
        yield Decimal(50), Span(*match.span())
    for pattern, value, _, _ in WORDS:
        for match in pattern.finditer(words):
            yield value, Span(*match.span())


def _check_year(reading: Reading, sentence: Span, by: date) -> None:
    """Refuse a date of a year that neither the sentence nor the plan names."""
    years = {int(year) for year in re.findall(r"20\d\d", reading.text[sentence])}
    if period := reading.frame.period:
        years |= {*range(period[0].year, period[1].year + 1)}
    if issued := reading.frame.issued_on:
        years |= {issued.year, issued.year + 1}
    if by.year not in years:
        shown = ", ".join(map(str, sorted(years))) or "none"
        raise NoticeRefusedError(None, f"the year of {by}", f"a year that is printed: {shown}")
