"""Signs of a wrong reading, where everything is explained and may still be wrong."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from seed.reader.markers import number_of
from seed.reader.outline import Part
from seed.reader.reading import Question, Reading, ReadTask
from seed.reader.role_words import LABEL
from seed.reader.text import Span

ODD = {
    "jump": ("sign_jump", "the next number; one may stand inside the paragraph before"),
    "repeat": ("sign_repeat", "the next number; this one occurs again"),
    "out_of_order": ("sign_order", "the next number, or a reference that begins a paragraph"),
    "begins_late": ("sign_first", "a row of numbers that begins with 1"),
    "looks_like_a_heading": ("sign_heading", "a heading in its order, or a paragraph"),
    "after_a_table": ("sign_after_table", "whose paragraph this is"),
}
BLANK = re.compile(r"[\u4e00-\u9fff][ \u3000]+[，。、；：）]|[，。；、]{2,}|（）|“”")
LONGEST_HEADING = 80
BARE_LINE = re.compile("[^。；：，|]{2,30}")
SHORT = 15  # a first paragraph that is a heading alone; its words follow
# The marks of a row where they stand inside a paragraph, or begin one that is no part.
LIST_INSIDE = re.compile(
    r"(?<=[。；：])((?:1[.．、]|（1）|①)(?=[\u4e00-\u9fff“]))[^\n]{4,400}?[。；](?:2[.．、]|（2）|②)(?=[\u4e00-\u9fff“])"
)
INSIDE = {
    "paren_han": re.compile(r"(?<=[。；）\n])（([一二三四五六七八九十]{1,3})）"),
    "digit": re.compile(r"(?<=[。；）\n])(\d{1,2})[.．、](?!\d)"),
    "han": re.compile(r"(?<=[。；）\n])([一二三四五六七八九十]{1,3})、"),
}


def signs(reading: Reading) -> Iterator[Question]:
    """Every sign, at its place."""
    for outline in (reading.outline, *reading.outline.annexes):
        for kind, span in outline.odd:
            name, expected = ODD[kind]
            yield Question(name, reading.text[span][:30], span, expected, "as in the original")
        yield from _styles(outline.parts)
        for part in outline.walk():
            yield from _part(reading, part)
            yield from _styles(part.below)
        yield from _extra_paragraphs(reading, list(outline.walk()))
        yield from _headings(reading, list(outline.walk()))
    yield from _clauses(reading)
    yield from _numbers_inside(reading)
    yield from _lists_inside(reading)
    for match in BLANK.finditer(reading.text.text):
        yield Question(
            "sign_mark", reading.text.text[max(0, match.start() - 6) : match.end() + 6].replace("\n", " "),
            Span(*match.span()), "no blank before a mark, and no empty one",
        )  # fmt: skip
    yield from _contents(reading)


def _part(reading: Reading, part: Part) -> Iterator[Question]:
    numbered = [below.marker for below in part.below if below.marker]
    # One that goes on with a row through the plan is in its order.
    if len(part.below) == 1 and numbered and numbered[0].number == 1:
        yield Question(
            "sign_single", part.paragraph.text[:30], part.paragraph.span,
            "more than one part below, or none", "as in the original",
        )  # fmt: skip
    words = part.paragraph.text[part.marker.length if part.marker else 0 :]
    if len(words) > LONGEST_HEADING and not re.search("[。；）]", words):
        yield Question("sign_title", words[:30], part.paragraph.span, "a shorter heading")
    if part.marker and len(part.own) == 1 and len(words.strip("。 ")) < 2:
        yield Question("sign_empty", part.paragraph.text[:30], part.paragraph.span, "words")


def _styles(parts: Sequence[Part]) -> Iterator[Question]:
    """Parts beside one another that are numbered in different styles."""
    for one, after in pairwise([part for part in parts if part.marker]):
        if one.marker and after.marker and one.marker.style != after.marker.style:
            yield Question(
                "sign_style", after.paragraph.text[:30], after.paragraph.span,
                f"a number of the style of {one.label}",
            )  # fmt: skip


def _extra_paragraphs(reading: Reading, parts: Sequence[Part]) -> Iterator[Question]:
    """A second paragraph in a part, where parts of its kind have one."""
    alike: dict[str, list[Part]] = {}
    for part in parts:
        if part.marker and not part.below:
            alike.setdefault(part.marker.style, []).append(part)
    for same in alike.values():
        longer = [one for one in same if len(one.own) > 1 and len(one.own[0].text) > SHORT]
        if len(same) < 2 or len(longer) > 1:
            continue
        for extra in (paragraph for one in longer for paragraph in one.own[1:]):
            if not LABEL.match(extra.text):
                yield Question(
                    "sign_paragraph", extra.text[:30], extra.span,
                    "whose paragraph this is; no other part of this kind has a second one",
                    f"that of {longer[0].label}",
                )  # fmt: skip


def _headings(reading: Reading, parts: Sequence[Part]) -> Iterator[Question]:
    """A line like a heading below the clause of a part, with a part behind it."""
    for part in parts[:-1]:
        last = part.own[-1]
        if len(part.own) < 2 or part.below or not BARE_LINE.fullmatch(last.text):
            continue
        if not LABEL.match(last.text) and LABEL.match(part.own[-2].text):
            yield Question(
                "sign_heading", last.text, last.span,
                "the heading of a section, or words of the part above it",
            )  # fmt: skip


def _clauses(reading: Reading) -> Iterator[Question]:
    """A task without a clause among others that all have one; a body twice in one role."""
    for _, clause in reading.clauses():
        pairs = [(one.name, one.role) for one in clause.assignments]
        if len(pairs) > len(set(pairs)):
            yield Question(
                "sign_twice", clause.text, clause.span, "each body once in a role", "once"
            )
    siblings: dict[tuple[str | None, str | None, str], list[ReadTask]] = {}
    for task in reading.tasks:
        siblings.setdefault((task.section, task.parent, task.level), []).append(task)
    parents = {task.parent for task in reading.tasks}
    for alike in siblings.values():
        leaves = [task for task in alike if task.code not in parents]
        bare = [task for task in leaves if not task.clauses]
        if len(leaves) >= 3 and len(bare) == 1:
            yield Question(
                "sign_clause", bare[0].title[:30], bare[0].span,
                "a clause, as all its neighbours have", "as in the original",
            )  # fmt: skip


def _numbers_inside(reading: Reading) -> Iterator[Question]:
    """The next number of a row, inside the part before it."""
    text = reading.text.text
    for task in reading.tasks:
        if not task.part or not task.part.marker:
            continue
        marker = task.part.marker
        pattern = INSIDE.get(marker.style)
        for span in task.part.own_spans if pattern else ():
            for match in pattern.finditer(text, span.start, span.end) if pattern else ():
                if number_of(match[1]) == marker.number + 1:
                    yield Question(
                        "sign_inside", text[match.start() : match.end() + 12], Span(*match.span()),
                        "a paragraph of its own, for the next number",
                    )  # fmt: skip


def _lists_inside(reading: Reading) -> Iterator[Question]:
    """1.…2.… within a paragraph: parts of their own, perhaps."""
    text = reading.text.text
    for task in reading.tasks:
        for span in task.part.own_spans if task.part else ():
            first = LIST_INSIDE.search(text, span.start, span.end)
            if first:
                yield Question(
                    "sign_inside", text[first.start() : first.start() + 16], Span(*first.span(1)),
                    "parts of their own, or words of this one", "words of this one",
                )  # fmt: skip


def _contents(reading: Reading) -> Iterator[Question]:
    """A table of contents that disagrees with the headings."""
    headings = {re.sub(r"\s|[.…·]+\d*$", "", p.paragraph.text) for p in reading.outline.walk()}
    for line in reading.outline.contents[1:]:
        words = re.sub(r"\s|[.…·]+\s*\d+$|\d+$", "", line.text)
        if words and not any(heading.startswith(words) for heading in headings):
            yield Question(
                "sign_contents", line.text[:30], line.span, "a heading of the same words", None
            )
