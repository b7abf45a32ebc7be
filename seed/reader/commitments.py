"""Targets: what a part commits to by a figure, by covering all, or by a date.

A part of a sentence, up to a stop, is a statement.  A time governs what follows it in its sentence;
one at the head of a paragraph of goals governs the paragraph.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from seed.reader.dates import Time, times
from seed.reader.explained import EXPECTED, Explained
from seed.reader.metrics import of_places, with_names
from seed.reader.numbers import COVERAGE, quantities
from seed.reader.statements import (
    BASELINES,
    LEADING_VERBS,
    Commitments,
    Found,
    Setting,
    alike,
    coverage_of,
    figures_of,
    is_commitment,
    strength_of,
)
from seed.reader.text import Span, Spans

STOPS = "。；，！？"
ENDS = "。！？\n"
FRACTION = re.compile(
    "[一二三四五六七八九十百]+分之[一二三四五六七八九十百]+(?:点[一二三四五六七八九]+)?(?:以上|以内|以下|左右)?"
)
AT_PRESENT = re.compile("^(?:目前|当前|近年来|截至(?:目前)?)|^(?:一年|去年|过去|多年)来?")
AHEAD = re.compile(
    "(?<![主重需首必])要(?![素求点件])|将(?!近)|力争|确保|争取|努力|今年|本年|全年|年内|年底"
)
TIME_LABEL = re.compile("[^，。；：]{2,12}：")
OPENS = re.compile(
    "(?:[一二三四五六七八九]是)?(?:力争|争取|努力|确保|并|要|应|须|将|其中|预计|于|在|到|至|截至|原则上|—)*"
)
LISTED = re.compile(r"[①-⑳]|（\d{1,2}）|[一二三四五六七八九]是")  # ①6月底前印发；②培训30人
SHORT = 6
DOES_WHAT = re.compile(
    "(?:确保|推动|推进|加快|力争|争取|实现|促进|并)*(?P<what>[\u4e00-\u9fff“”A-Za-z]{2,20}?)(?:要|应|须|力争|争取|确保|于|在)*"
)
ADVERBIAL = re.compile("通过|围绕|按照|根据|以(?!上|下|内)|依托|坚持|结合|在")
FOR_WHOM = re.compile("(?:对|对于|凡是?)(?:在|于)?[^，。；]{0,6}$")  # 对年底前购买的消费者
NEGATED = re.compile("(?:未|不|没有|尚未|不得)(?:能)?(?:实现|完成)?$")


def commitments(
    text: str, spans: Sequence[Span], none: Sequence[Span], setting: Setting
) -> Commitments:
    """The targets of the stretches of one part, in the order of the text."""
    found = Commitments()
    everything = Spans(none)
    for span in spans:
        head: Time | None = None
        for sentence in _cut(text, span, ENDS):
            here = everything.overlapping(sentence)
            in_it = times(text, sentence, setting.year, here)
            found.times += in_it
            due = [one for one in in_it if one.is_due]
            opens_paragraph = sentence.start == span.start and bool(
                re.match(r"(?:力争)?到20\d\d年", text[sentence.start : sentence.end])
            )
            if due and (opens_paragraph or setting.is_goal) and text[due[0].span.start] != "每":
                now, head = head, due[-1]
                if due[0].span.start == sentence.start:
                    now = head
            else:
                now = head
            _sentence(text, sentence, in_it, now, here, setting, found)
    return found


def _cut(text: str, span: Span, stops: str) -> Iterator[Span]:
    start, depth = span.start, 0
    for position in range(span.start, span.end + 1):
        if position < span.end:
            depth += (text[position] in "（〔") - (text[position] in "）〕")
            if text[position] not in stops or (depth > 0 and stops is not STOPS):
                continue
        if position > start:
            yield Span(start, position)
        start = position + 1


def _sentence(
    text: str,
    sentence: Span,
    in_it: list[Time],
    head: Time | None,
    none: Sequence[Span],
    setting: Setting,
    found: Commitments,
) -> None:
    time_spans = [one.span for one in in_it]
    hidden = [*none, *time_spans]
    used: set[Span] = set()
    wholes = list(_statements(text, sentence, hidden))
    parts = [part for part, _ in wholes]
    several = _several(text, in_it)
    first_strength = strength_of(text[sentence.start : parts[0].end]) if parts else "firm"
    governs_all = bool(parts) and re.match(
        r"(?:力争|努力|争取)[^，]{0,4}(?:到|在)?20\d\d年", text[parts[0].start : parts[0].end]
    )
    previous: Found | None = None
    named: list[Found] = []  # those of the last part with a figure, for figures without a name
    at_present = False
    asked_both = False
    for part, whole in wholes:
        own = [one for one in in_it if one.span.start >= part.start and one.span.end <= part.end]
        before = [one for one in in_it if one.span.end <= part.start]
        at_present = _at_present(text, part, own, setting, was=at_present)
        figures = quantities(text, part, hidden)
        targets = figures_of(text, part, whole, figures, found)
        if at_present:
            found.explained += [
                Explained(one.figure, "background") for one in targets if one.figure
            ]
            found.explained += [
                Explained(span, "background") for one in targets for span in one.times
            ]
            continue
        fractions = [Span(*match.span()) for match in FRACTION.finditer(text, part.start, part.end)]
        found.doubts += [
            ("number", one) for one in fractions if not any(one.overlaps(other) for other in none)
        ]
        targets = with_names(of_places(targets, named or found.targets[-1:]), named)
        named = targets or named
        if (
            previous
            and targets
            and targets[0].figure
            and targets[0].figure.start == part.start
            and text[part.start - 1] == "、"
        ):
            targets = [alike(previous, one) for one in targets]
        previous = targets[-1] if targets else None
        if (coverage := COVERAGE.search(text, part.start, part.end)) and is_commitment(
            text, part, coverage, setting
        ):
            place = Span(*coverage.span())
            if not any(place.overlaps(one) for one in none):
                if NEGATED.search(text[part.start : place.start]):
                    found.doubts.append(("negated", part))
                else:
                    targets.append(coverage_of(text, part, coverage))
        if several and targets and several[-1].span.start < part.end and not asked_both:
            asked_both = True
            if len(several) != len(targets) or "分别" not in text[part.start : part.end]:
                found.doubts.append(("date", several[0].span))
            targets = [
                replace(target, due_on=one.due_on, due_basis="inherited", times=(one.span,))
                for target, one in zip(targets, several, strict=False)
            ]
            used.update(one.span for one in several)
            found.targets += targets
            continue
        if asked_both and targets and not own and before and before[-1] in several:
            found.doubts.append(("date", several[-1].span))
        for target in targets:
            dated = _dated(text, target, own, before, head, setting)
            if _is_past(dated, setting):
                found.explained += [
                    Explained(span, "past")
                    for span in (dated.figure, *dated.times)
                    if span is not None
                ]
                used.update(dated.times)
                continue
            if governs_all and dated.strength == "firm":
                dated = replace(dated, strength=first_strength)
            used.update(dated.times)
            found.targets.append(dated)
    for one in in_it:
        if one.is_due and one.due_on is None and one.kind != "recurring":
            found.doubts.append(("year", one.span))
            continue
        if not one.is_due and not one.recurs_on or one in several:
            continue
        deadline = _deadline(text, sentence, one, in_it, parts, setting)
        if EXPECTED.search(text, deadline.span.start, one.span.start):
            found.explained.append(Explained(one.span, "expected"))
            continue
        if FOR_WHOM.match(text, deadline.span.start, one.span.start) and (
            "的" in text[one.span.end : deadline.span.end]
        ):
            found.explained.append(Explained(one.span, "condition"))
            continue
        if _is_past(deadline, setting):
            continue  # explained as past, as a time that sets no date
        if one.span not in used or not any(
            target.span.overlaps(deadline.span) for target in found.targets
        ):
            found.targets.append(deadline)


def _at_present(text: str, part: Span, own: list[Time], setting: Setting, *, was: bool) -> bool:
    """Whether a part tells how things are: from 目前 and 截至…底 on, until it looks ahead."""
    words = text[part.start : part.end]
    ahead = any(one.is_due and one.year and one.year >= (setting.issued or 0) for one in own)
    if AHEAD.search(words) or ahead:
        return False
    return was or bool(AT_PRESENT.match(words))


def _is_past(target: Found, setting: Setting) -> bool:
    """Whether a printed time was over when the notice was issued: 2020年产量达到400万吨."""
    return bool(
        target.due_on
        and setting.issued
        and target.due_basis in ("stated", "inherited")
        and target.due_on.year < setting.issued
    )


def _several(text: str, in_it: list[Time]) -> list[Time]:
    """到2025年和2030年: times that govern together, each its own figure."""
    for one, after in pairwise(in_it):
        if one.is_due and text[one.span.end : after.span.start] in ("和", "、", "及", "与"):
            return [one, after]
    return []


def _statements(text: str, span: Span, none: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """The parts of a sentence, each with what stands between two stops around it.

    A list is cut at 、 where every piece has a figure.
    """
    for part in _cut(text, span, STOPS):
        pieces = list(_cut(text, part, "、"))
        is_list = (
            len(pieces) > 1
            and not BASELINES.search(text, part.start, part.end)
            and all(
                quantities(text, piece, none) or COVERAGE.search(text, piece.start, piece.end)
                for piece in pieces
            )
        )
        for piece in pieces if is_list else [part]:
            yield _without_open_bracket(text, _without_clause(text, piece, none)), part


def _without_clause(text: str, part: Span, none: Sequence[Span]) -> Span:
    """A part without the clause in brackets that ends it, or that stands before it."""
    for one in none:
        if text[one.start] not in "（〔【(":
            continue
        if part.start < one.start < part.end <= one.end:
            return Span(part.start, one.start)
        if one.start <= part.start < one.end < part.end:
            return Span(one.end, part.end)
    return part


def _without_open_bracket(text: str, part: Span) -> Span:
    """A part without a bracket that only opens or only closes in it."""
    words = text[part.start : part.end]
    if words.startswith("（") and "）" not in words:
        return Span(part.start + 1, part.end)
    if words.endswith("）") and "（" not in words:
        return Span(part.start, part.end - 1)
    return part


def _dated(
    text: str,
    target: Found,
    own: list[Time],
    before: list[Time],
    head: Time | None,
    setting: Setting,
) -> Found:
    """A target with the time that governs it, and where that stands."""
    spans = list(target.times)
    recurring = next((o for o in [*own[::-1], *before[::-1]] if o.kind == "recurring"), None)
    if recurring and (
        recurring in own
        or recurring.recurs_on
        or not re.search(
            "[，；：]", text[recurring.span.end : target.span.start].replace("，其中", "")
        )
    ):
        spans.append(recurring.span)
        target = replace(
            target,
            recurrence=recurring.recurrence,
            recurs_on=(recurring.recurs_on,) if recurring.recurs_on else (),
        )
    stated = [one for one in own if one.is_due and one.kind != "recurring"]
    earlier = [
        one for one in before
        if one.is_due and one.kind != "recurring" and not _is_local(text, one, target)
    ]  # fmt: skip
    if any(one.is_wrong for one in own):
        return replace(target, times=tuple(spans))  # asked about
    span = next((one for one in own if one.kind == "range" and one.due_on), None)
    if span and not stated:  # 2024年至2026年每年打造30个
        return replace(target, due_on=span.due_on, due_basis="stated", times=(*spans, span.span))
    if stated:
        at = target.figure.start if target.figure else target.span.start
        one = next((t for t in reversed(stated) if t.span.end <= at), stated[0])
        basis = "stated"
    elif earlier and not (
        target.figure and "全年" in text[target.span.start : target.figure.start]
    ):
        one, basis = earlier[-1], "inherited"
    elif head:
        one, basis = head, "inherited"
    elif setting.row_due:
        one, basis = setting.row_due, "stated"
    else:
        return replace(
            target,
            due_on=setting.plan_end,
            due_basis="plan_end" if setting.plan_end else None,
            times=tuple(spans),
        )
    return replace(target, due_on=one.due_on, due_basis=basis, times=(*spans, one.span))


def _is_local(text: str, one: Time, target: Found) -> bool:
    """Whether a time governs its own words alone.

    机场9月底前开工，改造小区20个; 其中一季度发放20万元；改造小区20个.
    """
    before = re.split("[。；\n]", text[max(0, one.span.start - 60) : one.span.start])[-1]
    if OPENS.fullmatch(re.split("[，：、（）.．|]", before)[-1]) is None:
        return True
    is_share = re.search("(?:^|，|、)其中[^；]*$", before) is not None
    between = text[one.span.end : target.span.start + 3]
    listed = LISTED.search(before) and re.search(f"；(?:{LISTED.pattern})", between)
    return (is_share and "；" in between) or listed is not None


def _piece_of(text: str, part: Span, one: Time, in_it: list[Time]) -> Span:
    """大桥11月底前通车、机场9月底前开工: the piece between 、 where each has a time."""
    start, end = part.start, part.end
    place = bisect_left(in_it, one.span, key=lambda time: time.span)
    if place and in_it[place - 1].span.start >= part.start:
        start = max(start, text.rfind("、", in_it[place - 1].span.end, one.span.start) + 1)
    if place + 1 < len(in_it) and in_it[place + 1].span.start < part.end:
        cut = text.rfind("、", one.span.end, in_it[place + 1].span.start)
        end = cut if cut > 0 else end
    return Span(start, end)


def _deadline(
    text: str, sentence: Span, one: Time, in_it: list[Time], parts: list[Span], setting: Setting
) -> Found:
    """A time that governs no figure: the words that follow are to be done by then."""
    part = next((p for p in parts if p.start <= one.span.start < p.end), sentence)
    part = _piece_of(text, part, one, in_it)
    label = TIME_LABEL.match(text, part.start, part.end)
    if label and label.end() <= one.span.start:
        part = Span(label.end(), part.end)
    only = text[part.start : part.end].strip("力争到在") == text[
        one.span.start : one.span.end
    ].strip("力争到在")
    following = [p for p in parts if p.start >= part.end]
    while len(following) > 1 and only and ADVERBIAL.match(text, following[0].start):
        following.pop(0)  # 到2025年，通过实施…行动，…
    if only and following:
        part = (
            Span(following[0].start, following[0].end)
            if following[0].start > part.end + 1
            else Span(part.start, following[0].end)
        )
    words = text[part.start : part.end]
    rest = text[one.span.end : part.end].strip("，、")
    metric = rest[LEADING_VERBS.match(rest).end() :]  # type: ignore[union-attr]
    metric = metric if len(metric) > 2 else rest or words
    if len(metric) <= SHORT and (named := DOES_WHAT.fullmatch(text[part.start : one.span.start])):
        metric = named["what"] + metric  # 机场三期9月底前开工
    recurs = one.kind == "recurring"
    return Found(
        "deadline",
        metric,
        words,
        part,
        text[one.span.start : one.span.end],
        due_on=setting.plan_end if recurs else one.due_on,
        due_basis=("plan_end" if setting.plan_end else None) if recurs else "stated",
        recurrence=one.recurrence,
        recurs_on=(one.recurs_on,) if one.recurs_on else (),
        strength=strength_of(words),
        times=(one.span,),
    )
