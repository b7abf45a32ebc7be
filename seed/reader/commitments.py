"""Targets: what a part commits to by a figure, by covering all, or by a date.

A part of a sentence, up to a stop, is a statement.  A time governs what follows it in its sentence;
one at the head of a paragraph of goals governs the paragraph.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from seed.reader.dates import Time, times
from seed.reader.numbers import COVERAGE, quantities
from seed.reader.statements import (
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
from seed.reader.text import Span

STOPS = "。；，！？"
ENDS = "。！？\n"
NEGATED = re.compile("(?:未|不|没有|尚未|不得)(?:能)?(?:实现|完成)?$")


def commitments(
    text: str, spans: Sequence[Span], none: Sequence[Span], setting: Setting
) -> Commitments:
    """The targets of the stretches of one part, in the order of the text."""
    found = Commitments()
    for span in spans:
        head: Time | None = None
        for sentence in _cut(text, span, ENDS):
            in_it = times(text, sentence, setting.year, none)
            found.times += in_it
            due = [one for one in in_it if one.is_due]
            opens_paragraph = sentence.start == span.start and bool(
                re.match(r"(?:力争)?到20\d\d年", text[sentence.start : sentence.end])
            )
            if due and (opens_paragraph or setting.is_goal) and text[due[0].span.start] != "每":
                head = due[-1]
            _sentence(text, sentence, in_it, head, none, setting, found)
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
    for part, whole in wholes:
        figures = quantities(text, part, hidden)
        targets = figures_of(text, part, whole, figures, found)
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
        own = [one for one in in_it if one.span.start >= part.start and one.span.end <= part.end]
        before = [one for one in in_it if one.span.end <= part.start]
        if several and targets:
            if len(several) != len(targets) or "分别" not in text[part.start : part.end]:
                found.doubts.append(("date", several[0].span))
            targets = [
                replace(target, due_on=one.due_on, due_basis="inherited", times=(one.span,))
                for target, one in zip(targets, several, strict=False)
            ]
            used.update(one.span for one in several)
            found.targets += targets
            continue
        for target in targets:
            dated = _dated(target, own, before, head, setting)
            if governs_all and dated.strength == "firm":
                dated = replace(dated, strength=first_strength)
            used.update(dated.times)
            found.targets.append(dated)
    for one in in_it:
        if not one.is_due and not one.recurs_on or one in several:
            continue
        deadline = _deadline(text, sentence, one, parts, setting)
        if one.span not in used or not any(
            target.span.overlaps(deadline.span) for target in found.targets
        ):
            found.targets.append(deadline)


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
        is_list = len(pieces) > 1 and all(
            quantities(text, piece, none) or COVERAGE.search(text, piece.start, piece.end)
            for piece in pieces
        )
        for piece in pieces if is_list else [part]:
            yield _without_open_bracket(text, piece), part


def _without_open_bracket(text: str, part: Span) -> Span:
    """A part without a bracket that only opens or only closes in it."""
    words = text[part.start : part.end]
    if words.startswith("（") and "）" not in words:
        return Span(part.start + 1, part.end)
    if words.endswith("）") and "（" not in words:
        return Span(part.start, part.end - 1)
    return part


def _dated(
    target: Found, own: list[Time], before: list[Time], head: Time | None, setting: Setting
) -> Found:
    """A target with the time that governs it, and where that stands."""
    spans = list(target.times)
    recurring = next((o for o in [*own[::-1], *before[::-1]] if o.kind == "recurring"), None)
    if recurring and (recurring in own or recurring.recurs_on):
        spans.append(recurring.span)
        target = replace(
            target,
            recurrence=recurring.recurrence,
            recurs_on=(recurring.recurs_on,) if recurring.recurs_on else (),
        )
    stated = [one for one in own if one.is_due and one.kind != "recurring"]
    earlier = [one for one in before if one.is_due and one.kind != "recurring"]
    if stated:
        at = target.figure.start if target.figure else target.span.start
        one = next((t for t in reversed(stated) if t.span.end <= at), stated[0])
        basis = "stated"
    elif earlier:
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


def _deadline(text: str, sentence: Span, one: Time, parts: list[Span], setting: Setting) -> Found:
    """A time that governs no figure: the words that follow are to be done by then."""
    part = next((p for p in parts if p.start <= one.span.start < p.end), sentence)
    only = text[part.start : part.end].strip("力争到在") == text[
        one.span.start : one.span.end
    ].strip("力争到在")
    following = [p for p in parts if p.start >= part.end]
    if only and following:
        part = Span(part.start, following[0].end)
    words = text[part.start : part.end]
    rest = text[one.span.end : part.end].strip("，、")
    metric = rest[LEADING_VERBS.match(rest).end() :] or rest or words  # type: ignore[union-attr]
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
