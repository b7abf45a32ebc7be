"""Sections and tasks of an outline, with their codes and levels.

Sections never count in a code.  Below them codes begin at the outermost style whose numbers never
restart in the plan; levels above it, and a first level that restarts, carry the section's ordinal.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from seed.reader.brackets import brackets
from seed.reader.outline import Outline, Part
from seed.reader.reading import LEVELS, ReadSection, ReadTask
from seed.reader.role_words import LABEL
from seed.reader.text import Span, Text

LONGEST_TITLE = 80
SHORTEST_CUT = 6


def number_parts(
    text: Text, whole: Outline, prefix: str = "", first: int = 1
) -> tuple[list[ReadSection], list[ReadTask]]:
    """The sections and tasks of the numbered parts."""
    sections: list[ReadSection] = []
    tasks: list[ReadTask] = []
    tops = [part for part in whole.parts if not whole.heads_tables(part)]
    if _has_sections(tops) or whole.heads:
        runs = _running_style(tops)
        for ordinal, top in enumerate(tops, first):
            sections.append(section_of(text, top, ordinal, prefix))
            _tasks(text, top.below, sections[-1], None, runs, tasks, prefix)
    else:
        runs = tops[0].marker.style if tops and tops[0].marker else None
        _tasks(text, tops, None, None, runs, tasks, prefix)
    _tell_apart(tasks)
    return sections, tasks


def _has_sections(tops: Sequence[Part]) -> bool:
    """一、 with anything below are sections; a flat list is items."""
    styles = {top.marker.style for top in tops if top.marker}
    return any(top.below for top in tops) and bool(styles & {"han", "part"})


def _walk(parts: Iterator[Part]) -> Iterator[Part]:
    for part in parts:
        yield from part.walk()


def _running_style(tops: Sequence[Part]) -> str | None:
    """The outermost style whose numbers never restart; first of those in several sections."""
    numbers: dict[str, list[int]] = {}
    ranks: dict[str, int] = {}
    sections: dict[str, set[int]] = {}
    for section, top in enumerate(tops):
        for part in _walk(iter(top.below)):
            if part.marker:
                numbers.setdefault(part.marker.style, []).append(part.marker.number)
                ranks[part.marker.style] = part.marker.rank
                sections.setdefault(part.marker.style, set()).add(section)
    for style in sorted(numbers, key=lambda one: (len(sections[one]) == 1, ranks[one])):
        row = numbers[style]
        if all(a <= b for a, b in pairwise(row)) and row.count(1) <= 1:
            return style
    return None


def section_of(text: Text, top: Part, ordinal: int, prefix: str) -> ReadSection:
    """The section that a numbered part begins."""
    first, *rest = top.own_spans
    title = title_of(text, first)
    intro = [Span(title.end, first.end), *rest] if title.end < first.end else rest
    return ReadSection(
        ordinal,
        f"{prefix}{ordinal}",
        top.label,
        text[title],
        Span(top.paragraph.span.start, top.end),
        [_without_stop(text, span) for span in intro],
        part=top,
    )


def _tasks(
    text: Text,
    parts: Sequence[Part],
    section: ReadSection | None,
    parent: ReadTask | None,
    runs: str | None,
    tasks: list[ReadTask],
    prefix: str,
    depth: int = 0,
) -> None:
    for place, part in enumerate(parts, 1):
        number = part.marker.number if part.marker else place
        first, *rest = part.own_spans
        title = title_of(text, first)
        own = [Span(title.end, first.end), *rest]
        task = ReadTask(
            _code(part, number, section, parent, runs, prefix),
            part.label,
            text[title],
            LEVELS[min(depth, len(LEVELS) - 1)],
            section.code if section else None,
            parent.code if parent else None,
            Span(part.paragraph.span.start, part.end),
            [span for span in (_without_stop(text, one) for one in own) if span.end > span.start],
            part=part,
        )
        tasks.append(task)
        _tasks(text, part.below, section, task, runs, tasks, prefix, depth + 1)


def _code(
    part: Part,
    number: int,
    section: ReadSection | None,
    parent: ReadTask | None,
    runs: str | None,
    prefix: str,
) -> str:
    if part.marker and part.marker.style == runs:
        return f"{prefix}{number}"
    if parent:
        return f"{parent.code}.{number}"
    return f"{section.code}-{number}" if section else f"{prefix}{number}"


def _tell_apart(tasks: Sequence[ReadTask]) -> None:
    """A number that occurs again gets the suffix b, then c."""
    seen: dict[str, int] = {}
    for task in tasks:
        count = seen[task.code] = seen.get(task.code, 0) + 1
        if count > 1:
            task.code += chr(ord("a") + count - 1)


def title_of(text: Text, words: Span) -> Span:
    """The first sentence of a part; where it is a long one, its first words."""
    line = text[words]
    ends = [line.find(stop) for stop in "。！" if line.find(stop) > 0]
    ends += [one.start - words.start for one in brackets(text.text, words) if _is_clause(text, one)]
    end = min(ends, default=len(line))
    if end > LONGEST_TITLE:
        cuts = [line.find(stop, SHORTEST_CUT) for stop in "，；："]
        end = min([cut for cut in cuts if 0 < cut <= LONGEST_TITLE], default=end)
    return Span(words.start, words.start + end)


def _is_clause(text: Text, bracket: Span) -> bool:
    """Whether a bracket directly behind a heading gives work to somebody."""
    words = text[bracket]
    return bool(LABEL.search(words)) or words.endswith(
        ("牵头）", "负责）", "落实）", "配合）", "参与）", "指导）")
    )


def _without_stop(text: Text, span: Span) -> Span:
    return Span(span.start + 1, span.end) if text[span].startswith("。") else span
