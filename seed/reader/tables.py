"""Task lists as tables: 序号 is the code, group cells are sections, columns name the roles.

A heading between two rows, or above a table, is the section of the rows below it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from seed.reader.clauses import Clause, ClauseReader
from seed.reader.codes import section_of, title_of
from seed.reader.columns import Columns, columns_of
from seed.reader.explained import Explained
from seed.reader.markers import marker_of, number_of
from seed.reader.outline import Outline
from seed.reader.reading import Indicator, Question, ReadSection, ReadTask
from seed.reader.role_words import MARK
from seed.reader.text import Paragraph, Span, Text

ODD_NUMBER = "the next number; this one occurs again, or one cell holds for several rows"
NAMELESS = "a name for each column: the cells below may stand in other columns than their own"
ANNOUNCES = re.compile("：$|如下|下表|见表")
GOALS = re.compile("目标|指标")
CAPTION = re.compile("[^。；，：|]{2,40}")
COUNT = re.compile(r"（(\d+)项）$")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
NUMBER = re.compile(r"\d+(?:[.-]\d+)*")  # 3, and 3.1 below it
AROUND = f".、（）{MARK}"  # what stands around a number in its cell


@dataclass
class Tables:
    """What the tables of a part of a notice hold, and where the time of each task stands."""

    sections: list[ReadSection] = field(default_factory=list)
    tasks: list[ReadTask] = field(default_factory=list)
    dues: dict[str, Span] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    explained: list[Explained] = field(default_factory=list)
    indicators: list[Indicator] = field(default_factory=list)
    section: ReadSection | None = None  # of the rows that follow
    seen: Counter[str] = field(default_factory=Counter)  # codes before they are told apart


def read_tables(
    text: Text,
    part: Outline,
    reader: ClauseReader,
    prefix: str,
    sections: Sequence[ReadSection],
    tasks: Sequence[ReadTask],
) -> Tables:
    """Read all tables of a part; their sections number on from those that are there."""
    first = len(sections) + 1
    found = Tables(seen=Counter(task.code for task in tasks))
    alike: dict[tuple[str, ...], list[Paragraph]] = {}  # rows below the same names of columns
    for lines in part.tables:
        names = lines[0].line.columns or ()
        alike.setdefault(names, []).extend(one for one in lines if one.line.cells is not None)
    columns = {names: columns_of(names, rows) for names, rows in alike.items()}
    restarts = _restarts(alike, columns) or any(
        f"{prefix}{_number(row, columns[names])}" in found.seen
        for names, rows in alike.items()
        for row in rows
    )
    before: tuple[str, ...] = ()
    for lines in part.tables:
        names = lines[0].line.columns or ()
        if names != before:
            found.section = None  # another table; one of the same names goes on
        before = names
        for heading in part.heads.get(lines[0].number, []):
            if heading not in [one.part for one in found.sections]:
                ordinal = first + len(found.sections)
                found.section = section_of(text, heading, ordinal, prefix)
                found.sections.append(found.section)
        found.explained.append(Explained(lines[0].span, "names_of_columns"))
        if any(not name for name in names) and lines[0].line.cells is None:
            whole = Span(lines[0].span.start, lines[-1].span.end)
            found.questions.append(Question("table_header", lines[0].text, whole, NAMELESS))
        if columns[names].years and not columns[names].roles:
            _indicators(
                text, lines, part, columns[names], first, prefix, found, [*sections, *tasks]
            )
        else:
            _read(text, lines, columns[names], reader, first, prefix, found, restarts=restarts)
    for names, rows in alike.items():
        _check_counts(rows, columns[names], found.questions)
    _check_numbers(part, columns, found.questions)
    return found


def _read(
    text: Text,
    lines: Sequence[Paragraph],
    columns: Columns,
    reader: ClauseReader,
    first: int,
    prefix: str,
    found: Tables,
    *,
    restarts: bool,
) -> None:
    group = None
    number = ""
    shown: dict[int, Span] = {}  # where the words of a merged cell stand
    for row in lines:
        cells = row.line.cells
        if cells is None:
            continue
        for index in range(len(cells)):
            if not row.line.inherited[index]:
                shown[index] = row.cell(index)
        if columns.group is not None and (cells[columns.group] != group or not found.section):
            group = cells[columns.group]
            found.section = _group(group, first + len(found.sections), prefix, row)
            found.sections.append(found.section)
        section = found.section
        number = _number(row, columns) or number  # a merged cell holds for several rows
        task = _task(text, row, columns, section, number or str(len(found.tasks) + 1), prefix)
        if restarts and section:
            task.code = f"{section.code}-{task.code.removeprefix(prefix)}"
        found.seen[task.code] += 1
        if (same := found.seen[task.code]) > 1:
            found.questions.append(Question("sign_repeat", task.title[:30], row.span, ODD_NUMBER))
            task.code += LETTERS[same - 1] if same <= len(LETTERS) else f"-{same}"
        found.tasks.append(task)
        if section:
            section.span = Span(section.span.start, row.span.end)
        if columns.years:
            place = text.text.find(task.title, row.span.start)
            metric = Span(place, place + len(task.title))
            found.indicators.append(Indicator(task, row, columns, metric))
        if clause := _clause(row, columns, reader, shown):
            task.clauses.append(clause)
        if columns.due is not None and (due := shown.get(columns.due)) and due.end > due.start:
            found.dues[task.code] = due
        _ask_about_marks(row, columns, found.questions)


def _indicators(
    text: Text,
    lines: Sequence[Paragraph],
    part: Outline,
    columns: Columns,
    first: int,
    prefix: str,
    found: Tables,
    owners: Sequence[ReadSection | ReadTask],
) -> None:
    """Rows that give nobody work: their figures are of the section or task that the table is of."""
    owner = found.section or _announces(lines[0], owners)
    group = None
    for row in lines:
        cells = row.line.cells
        if cells is None:
            continue
        if columns.group is not None and cells[columns.group] != group:
            group = cells[columns.group]
            owner = found.section = _group(group, first + len(found.sections), prefix, row)
            found.sections.append(found.section)
        elif owner is None:
            ordinal = first + len(found.sections)
            title = _caption(lines[0], part) or (row.line.columns or ())[columns.content[0]]
            place = Span(lines[0].span.start, row.span.end)
            owner = found.section = ReadSection(ordinal, f"{prefix}{ordinal}", None, title, place)
            found.sections.append(found.section)
        metric = _task(text, row, columns, None, "0", "")
        start = text.text.find(metric.title, row.span.start)
        words = Span(start, start + len(metric.title))
        found.indicators.append(Indicator(owner, row, columns, words))
        for one in (owner, *_above(owner, owners)):
            one.span = Span(one.span.start, max(one.span.end, row.span.end))


def _announces(
    names: Paragraph, owners: Sequence[ReadSection | ReadTask]
) -> ReadSection | ReadTask | None:
    """The part whose last words stand above a table and say 如下 or are of goals."""
    for one in owners:
        last = one.part.own[-1] if one.part else None
        if last and last.number == names.number - 1 and not last.text.startswith("附"):
            return one if ANNOUNCES.search(last.text) or GOALS.search(one.title) else None
    return None


def _above(
    owner: ReadSection | ReadTask, owners: Sequence[ReadSection | ReadTask]
) -> list[ReadSection | ReadTask]:
    """What a part is below of."""
    return [
        one
        for one in owners
        if isinstance(owner, ReadTask)
        and one is not owner
        and one.code == (owner.parent if isinstance(one, ReadTask) else owner.section)
    ]


def _caption(names: Paragraph, part: Outline) -> str | None:
    """The line above a table, where it is one that can be a title."""
    line = next((one.text for one in part.front if one.number == names.number - 1), "")
    return line if CAPTION.fullmatch(line) else None


def _group(words: str, ordinal: int, prefix: str, row: Paragraph) -> ReadSection:
    """The section that a cell of the group column names."""
    marker = marker_of(words)
    title = COUNT.sub("", words[marker.length :] if marker else words).rstrip("。")
    return ReadSection(
        ordinal, f"{prefix}{ordinal}", marker.label if marker else None, title, row.span
    )


def _ask_about_marks(row: Paragraph, columns: Columns, questions: list[Question]) -> None:
    """A * beside a number says something that no rule knows."""
    if columns.number is None:
        return
    cell = row.cell(columns.number)
    if mark := re.search(f"[{MARK}]", (row.line.cells or ())[columns.number]):
        questions.append(Question("remark", mark[0], cell, "what the mark says", "nothing"))


def _restarts(
    alike: dict[tuple[str, ...], list[Paragraph]], columns: dict[tuple[str, ...], Columns]
) -> bool:
    """Whether the numbers begin with 1 again."""
    numbers = [
        _number(row, columns[names])
        for names, rows in alike.items()
        for row in rows
        if columns[names].number is None or not row.line.inherited[columns[names].number or 0]
    ]
    return any(one != "1" and after == "1" for one, after in pairwise(filter(None, numbers)))


def _number(row: Paragraph, columns: Columns) -> str:
    """The number of a row, in digits; empty where it has none."""
    cells = row.line.cells or ()
    if columns.number is not None:
        printed = cells[columns.number].strip(AROUND)
        return printed if NUMBER.fullmatch(printed) else str(number_of(printed) or "")
    marker = marker_of(cells[columns.content[0]]) if columns.is_inline else None
    return str(marker.number) if marker else ""


def _task(
    text: Text,
    row: Paragraph,
    columns: Columns,
    section: ReadSection | None,
    number: str,
    prefix: str,
) -> ReadTask:
    label = (
        (row.line.cells or ())[columns.number].strip(AROUND) if columns.number is not None else ""
    )
    spans = [row.cell(index) for index in columns.content]
    spans = [span for span in spans if span.end > span.start]
    if spans and columns.is_inline and (marker := marker_of(text[spans[0]])):
        label = marker.label
        spans[0] = Span(spans[0].start + marker.length, spans[0].end)
    title = title_of(text, spans[0]) if spans else Span(row.span.start, row.span.start)
    own = [Span(title.end, spans[0].end), *spans[1:]] if spans else []
    return ReadTask(
        f"{prefix}{number}",
        label or None,
        text[title],
        "item",
        section.code if section else None,
        None,
        row.span,
        [span for span in own if span.end > span.start],
        row=row,
    )


def _clause(
    row: Paragraph, columns: Columns, reader: ClauseReader, shown: dict[int, Span]
) -> Clause | None:
    """The cells of all role columns as one clause; its words are those of the first cell.

    What a merged cell names holds for each of its rows.
    """
    clause: Clause | None = None
    for index, role in columns.roles:
        cell = shown.get(index, row.cell(index))
        one = reader.cell(cell, role)
        if one is None:
            continue
        if clause is None:
            clause = one
            clause.covers = Span(row.span.start, max(row.span.start, cell.start))
        else:
            clause.read.append(cell)
            clause.assignments += one.assignments
            clause.sentences += one.sentences
            clause.times += one.times
    return clause


def _check_numbers(
    part: Outline, columns: dict[tuple[str, ...], Columns], questions: list[Question]
) -> None:
    """Numbers run on or begin again with 1; 12 in place of 1 is two rows without a line between."""
    last = 0
    for row in (one for lines in part.tables for one in lines if one.line.cells is not None):
        place = columns[row.line.columns or ()].number
        if place is None or row.line.inherited[place]:
            continue
        words = (row.line.cells or ())[place].strip(AROUND)
        if not words.isdecimal():
            continue
        number = int(words)
        if words.startswith(f"{last + 1}{last + 2}"):
            questions.append(
                Question(
                    "lost_table", words, row.span, f"row {last + 1}, and a row for each number"
                )
            )
        elif number not in (last, last + 1, 1):
            questions.append(Question("sign_jump", row.text[:30], row.span, f"number {last + 1}"))
        last = number


def _check_counts(rows: Sequence[Paragraph], columns: Columns, questions: list[Question]) -> None:
    """（2项） in a group cell counts its rows."""
    if columns.group is None:
        return
    counts: dict[str, int] = {}
    for row in rows:
        group = (row.line.cells or ())[columns.group]
        counts[group] = counts.get(group, 0) + 1
    for group, count in counts.items():
        said = COUNT.search(group)
        if said and int(said[1]) != count:
            where = next(r for r in rows if (r.line.cells or ())[columns.group or 0] == group)
            questions.append(
                Question("sign_count", f"“{group}” has {count} rows", where.span, f"{said[1]} rows")
            )
