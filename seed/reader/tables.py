"""Task lists as tables: 序号 is the code, group cells are sections, columns name the roles."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from seed.reader.clauses import Clause, ClauseReader, one_role
from seed.reader.codes import title_of
from seed.reader.reading import Question, ReadSection, ReadTask
from seed.reader.role_words import LABEL
from seed.reader.text import Paragraph, Span, Text

NUMBER_COLUMN = re.compile("序号|编号|序")
DUE_COLUMN = re.compile(
    "[\u4e00-\u9fff]{0,6}(?:时限|时间|期限|进度|节点)(?:要求|安排|计划|节点|目标)?(?:（[^）]*）)?"
)
# 牵头单位/责任单位, 责任（配合）单位: names without one role for all.
ROLES_OF_COLUMN = (
    ("lead", "牵头|主办"),
    ("responsible", "责任|负责|承办|实施|落实"),
    ("support", "配合|协办|参与|协助"),
)
PERSON_COLUMN = re.compile("领导|责任人|负责人|联系")
GROUP_COLUMN = re.compile(
    "类别|类型|分类|(?:工作|重点|所属)?领域|板块|方面|大类|门类|专项|项目类别|任务类别"
)
NOTE_COLUMN = re.compile("备注|说明")
ODD_NUMBER = "the next number; this one occurs again, or one cell holds for several rows"
COUNT = re.compile(r"（(\d+)项）$")


@dataclass
class _Columns:
    number: int | None = None
    due: int | None = None
    group: int | None = None
    content: list[int] = field(default_factory=list)
    roles: list[tuple[int, str | None]] = field(default_factory=list)
    other: list[int] = field(default_factory=list)


def read_table(
    text: Text,
    lines: Sequence[Paragraph],
    reader: ClauseReader,
    first: int,
    prefix: str,
    questions: list[Question],
) -> tuple[list[ReadSection], list[ReadTask], dict[str, Span]]:
    """The sections and tasks of a table, and where the time of each task stands."""
    rows = [line for line in lines if line.line.cells is not None]
    columns = _columns(lines[0].line.columns or (), rows)
    sections: list[ReadSection] = []
    tasks: list[ReadTask] = []
    dues: dict[str, Span] = {}
    group = None
    restarts = _restarts(rows, columns)
    shown: dict[int, Span] = {}  # where the words of a merged cell stand
    for place, row in enumerate(rows, 1):
        cells = row.line.cells or ()
        for index in range(len(cells)):
            if not row.line.inherited[index]:
                shown[index] = row.cell(index)
        if columns.group is not None and (cells[columns.group] != group or not sections):
            group = cells[columns.group]
            ordinal = first + len(sections)
            sections.append(
                ReadSection(ordinal, f"{prefix}{ordinal}", None, COUNT.sub("", group), row.span)
            )
        section = sections[-1] if sections else None
        task = _task(text, row, columns, section, place, prefix)
        if restarts and section:
            task.code = f"{section.code}-{task.code.removeprefix(prefix)}"
        if (same := [one.code for one in tasks].count(task.code)) and row.line.cells:
            questions.append(Question("sign_repeat", task.title[:30], row.span, ODD_NUMBER))
            task.code += chr(ord("a") + same)
        tasks.append(task)
        if section:
            section.span = Span(section.span.start, row.span.end)
        if clause := _clause(row, columns, reader, shown):
            task.clauses.append(clause)
        if columns.due is not None and (due := shown.get(columns.due)) and due.end > due.start:
            dues[task.code] = due
    _check_counts(rows, columns, questions)
    _check_numbers(rows, columns, questions)
    return sections, tasks, dues


def _columns(names: Sequence[str], rows: Sequence[Paragraph]) -> _Columns:
    found = _Columns()
    for index, name in enumerate(names):
        label = LABEL.match(name + "：")
        if NUMBER_COLUMN.fullmatch(name):
            found.number = index
        elif label and label.end() == len(name) + 1 and not (label["time"] or label["person"]):
            role = next(r for r, words in label.groupdict().items() if words)
            found.roles.append((index, one_role(name) if role == "several" else role))
        elif DUE_COLUMN.fullmatch(name):
            found.due = index
        elif roles := _roles_of(name):
            found.roles.append((index, roles[0] if len(roles) == 1 else None))
        elif NOTE_COLUMN.fullmatch(name):
            found.other.append(index)
        elif found.group is None and (
            any(row.line.inherited[index] for row in rows)
            or (GROUP_COLUMN.fullmatch(name) and _repeats(index, rows))
        ):
            found.group = index
        else:
            found.content.append(index)
    if not found.content and found.group is not None:
        found.content, found.group = [found.group], None
    return found


def _roles_of(name: str) -> list[str]:
    """The roles that a heading names which is no usual label."""
    if PERSON_COLUMN.search(name) or not re.search("单位|部门|分工|^[^，。]{2}$", name):
        return []
    return [role for role, words in ROLES_OF_COLUMN if re.search(words, name)]


def _repeats(index: int, rows: Sequence[Paragraph]) -> bool:
    """Whether a column has the same words in rows below one another."""
    return any(
        (one.line.cells or ())[index] == (after.line.cells or ())[index]
        for one, after in pairwise(rows)
    )


def _restarts(rows: Sequence[Paragraph], columns: _Columns) -> bool:
    """Whether the numbers begin with 1 again."""
    if columns.number is None:
        return False
    numbers = [
        (row.line.cells or ())[columns.number]
        for row in rows
        if not row.line.inherited[columns.number]
    ]
    return numbers.count("1") > 1


def _task(
    text: Text,
    row: Paragraph,
    columns: _Columns,
    section: ReadSection | None,
    place: int,
    prefix: str,
) -> ReadTask:
    cells = row.line.cells or ()
    number = cells[columns.number].strip(".、（）") if columns.number is not None else ""
    spans = [row.cell(index) for index in columns.content]
    spans = [span for span in spans if span.end > span.start]
    title = title_of(text, spans[0]) if spans else Span(row.span.start, row.span.start)
    own = [Span(title.end, spans[0].end), *spans[1:]] if spans else []
    return ReadTask(
        f"{prefix}{number if number.isdecimal() else place}",
        number or None,
        text[title],
        "item",
        section.code if section else None,
        None,
        row.span,
        [span for span in own if span.end > span.start],
        row=row,
    )


def _clause(
    row: Paragraph, columns: _Columns, reader: ClauseReader, shown: dict[int, Span]
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
            clause.read = (*clause.read, cell)
            clause.assignments += one.assignments
            clause.sentences += one.sentences
            clause.times += one.times
    return clause


def _check_numbers(rows: Sequence[Paragraph], columns: _Columns, questions: list[Question]) -> None:
    """Numbers run on or begin again with 1; 12 in place of 1 is two rows without a line between."""
    if columns.number is None:
        return
    last = 0
    for row in rows:
        words = (row.line.cells or ())[columns.number].strip(".、（）")
        if not words.isdecimal() or row.line.inherited[columns.number]:
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


def _check_counts(rows: Sequence[Paragraph], columns: _Columns, questions: list[Question]) -> None:
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
