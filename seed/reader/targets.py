"""The targets of every part of a reading, and what explains all other times and figures."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from seed.editorial import Editorial
from seed.reader.commitments import commitments
from seed.reader.dates import Time, times
from seed.reader.decisions import decided_numbers
from seed.reader.explained import Explained, digits_explained, words_explained
from seed.reader.frame import Frame
from seed.reader.indicators import read_indicators
from seed.reader.reading import Question, Reading, ReadSection, ReadTask
from seed.reader.role_words import TIMES_ALONE
from seed.reader.rules import Rule
from seed.reader.statements import Commitments, Found, Setting
from seed.reader.text import Span

GOALS = re.compile("目标")
BARE_MONTH = re.compile(r"(?:(\d{4})年)?(\d{1,2})月")
STARTS = re.compile("启动.*(?:推进|实施|完成)|开始|起$|分阶段|分步")  # 2025年启动，持续推进
MONTHS = re.compile(
    r"(?:(?P<from>20\d\d)年)?\d{1,2}月?[—–\-~～至到－]+(?:(?P<y>20\d\d)年)?(?P<m>\d{1,2})月(?:底|末)?"
)
DOTTED = re.compile(r"(?P<y>20\d\d)[.\-/](?P<m>\d{1,2})(?:[.\-/](?P<d>\d{1,2}))?(?:底?前|底)?")
CONTINUING = re.compile(
    "(?:贯穿|覆盖)全年|全年(?:推进|开展|实施)|持续开展|常态(?:推进|开展)|长期(?:坚持|推进)?|持续(?:推进|实施)?|全年|常年|常态化|按计划|/|—|-"
)


def find_targets(
    reading: Reading, rules: Sequence[Rule], dues: dict[str, Span], decisions: Editorial
) -> None:
    """Fill in the targets, what is explained, and the questions about figures and times."""
    text = reading.text.text
    explained = [*decided_numbers(text, decisions, reading.questions), *digits_explained(text)]
    explained += [
        Explained(p.span, p.line.set_aside) for p in reading.text.paragraphs if p.line.set_aside
    ]
    explained += [Explained(rule.span, "document_rule") for rule in rules]
    clause_spans = [clause.outer for _, clause in reading.clauses()]
    clause_spans += [span for _, clause in reading.clauses() for span in clause.read]
    none = sorted([one.span for one in explained if one.rule != "label"] + clause_spans)
    starts = [one.start for one in none]
    period = reading.frame.period
    issued = reading.frame.issued_on
    year = period[0].year if period and period[0].year == period[1].year else None
    year = year or (issued.year if issued else _number_year(reading.frame))
    in_tables, asked = read_indicators(text, reading.indicators, _known_year(reading.frame))
    explained += in_tables
    reading.questions += asked
    plan_end = period[1] if period else None
    for owner in reading.owners():
        row_due = None
        if isinstance(owner, ReadTask) and owner.code in dues:
            row_due = _row_due(reading, dues[owner.code], year, explained)
        spans = _words(reading, owner)
        setting = Setting(
            year,
            _known_year(reading.frame),
            plan_end,
            bool(GOALS.search(owner.title)),
            row_due,
            _heading_end(reading, owner),
        )
        found = commitments(text, spans, _within(none, starts, spans), setting)
        owner.targets = sorted(
            [*owner.targets, *found.targets], key=lambda one: one.figure or one.span
        )
        if isinstance(owner, ReadTask) and owner.row:
            owner.targets = [_of_the_row(one, owner.title) for one in owner.targets]
        if row_due and row_due.due_on and not owner.targets and isinstance(owner, ReadTask):
            owner.targets = [_time_target(reading, owner, spans[0], row_due)]
        _clause_times(reading, owner, year, explained)
        explained += found.explained
        _explain_times(found, owner, setting, explained, issued)
        reading.questions += _doubts(text, found)
    _explain_frame(reading, setting_of_frame(year, issued, plan_end), none, explained)
    explained += words_explained(text)
    reading.explained += explained


def _of_the_row(target: Found, title: str) -> Found:
    """A figure alone in a cell is of what the row is about: 地区生产总值 | 增长6%以上."""
    nameless = target.metric == target.statement and target.statement not in title
    return replace(target, metric=title) if nameless and target.value is not None else target


def setting_of_frame(year: int | None, issued: date | None, plan_end: date | None) -> Setting:
    """What is known of times in the frame of a plan."""
    return Setting(year, issued.year if issued else year, plan_end)


def _explain_frame(
    reading: Reading, setting: Setting, none: Sequence[Span], explained: list[Explained]
) -> None:
    """Times and figures in prose around the plan: background, or a question whose they are."""
    text = reading.text.text
    prose = [p for p, kind in reading.frame.kinds if kind in ("preamble", "cover", "closing")]
    for paragraph in prose:
        found = commitments(text, [paragraph.span], none, setting)
        explained += found.explained
        for target in found.targets:
            spans = [*target.times, *([target.figure] if target.figure else [])]
            ahead = target.due_basis in ("stated", "inherited") and (
                target.due_on
                and (not reading.frame.issued_on or target.due_on > reading.frame.issued_on)
            )
            if ahead or target.recurs_on:
                reading.questions.append(
                    Question(
                        "whose", target.statement, target.span,
                        "the task or section that this commitment around the plan belongs to", "no target",
                    )
                )  # fmt: skip
            explained += [Explained(span, "background") for span in spans]
        used = {span for target in found.targets for span in target.times}
        for one in found.times:
            if one.span not in used:
                explained.append(Explained(one.span, "background"))
        explained += [
            Explained(span, "background") for kind, span in found.doubts if kind != "date"
        ]


def _within(none: list[Span], starts: list[int], spans: Sequence[Span]) -> list[Span]:
    """Those of many spans, sorted, that begin where an owner's words stand."""
    if not spans:
        return []
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    return none[bisect_left(starts, first) : bisect_left(starts, last)]


def _known_year(around: Frame) -> int | None:
    """The year from which on something lies ahead."""
    if around.issued_on:
        return around.issued_on.year
    return _number_year(around) or (around.period[0].year if around.period else None)


def _number_year(around: Frame) -> int | None:
    match = re.search(r"〔(\d{4})〕", around.document_number or "")
    return int(match[1]) if match else None


def _words(reading: Reading, owner: ReadSection | ReadTask) -> list[Span]:
    """Where an owner's own words stand, from its title on."""
    if isinstance(owner, ReadTask) and owner.row is not None:
        title = owner.own[0].start if owner.own else owner.row.span.end
        start = reading.text.text.find(owner.title, owner.row.span.start) if owner.title else title
        first = owner.own[0] if owner.own else Span(start, start + len(owner.title))
        cell_goes_on = (
            first.start - start <= len(owner.title) + 1
            and "|" not in reading.text.text[start : first.start]
        )
        if cell_goes_on:
            return [Span(start, first.end), *owner.own[1:]]
        return [Span(start, start + len(owner.title)), *owner.own]
    if owner.part is None:
        return []
    if isinstance(owner, ReadSection) and any(t.part is owner.part for t in reading.tasks):
        return []
    return owner.part.own_spans


def _heading_end(reading: Reading, owner: ReadSection | ReadTask) -> int:
    """Where the title ends, where words of the part follow it."""
    spans = _words(reading, owner)
    if not spans or not reading.text.text.startswith(owner.title, spans[0].start):
        return 0
    end = spans[0].start + len(owner.title)
    below = [one for one in spans[1:] if not any(one.overlaps(c.outer) for c in owner.clauses)]
    return end if end < spans[0].end - 1 or below else 0


def _row_due(
    reading: Reading, cell: Span, year: int | None, explained: list[Explained]
) -> Time | None:
    """The time in the deadline cell of a row."""
    words = reading.text[cell]
    found = [one for one in times(reading.text.text, cell, year, []) if one.due_on]
    if end := _end_of_cell(words.strip(), cell, year):
        return end
    rest = _without(words, cell, found[0].span) if found else ""
    if len(found) == 1 and not re.search(r"\d", rest) and not STARTS.search(rest):
        return found[0]
    if not found and (match := BARE_MONTH.fullmatch(words.removesuffix("完成"))):
        meant = int(match[1]) if match[1] else year
        if meant and 1 <= int(match[2]) <= 12:
            one = times(f"{meant}年{int(match[2])}月底", Span(0, 20), None, [])[0]
            return Time(cell, "month", one.due_on, True, year=meant)
    if CONTINUING.fullmatch(words.strip()):
        explained.append(Explained(cell, "continuing"))
        return None
    reading.questions.append(
        Question("date", words, cell, "a time that is read: 12月, 6月底前, 2026年底", None)
    )
    return None


def _end_of_cell(words: str, cell: Span, year: int | None) -> Time | None:
    """The end of a stretch of months, or a date with dots: 1-12月, 2023年6月-12月, 2023.12."""
    match = MONTHS.fullmatch(words) or DOTTED.fullmatch(words)
    if not match:
        return None
    printed = match.groupdict()
    meant = int(printed["y"] or printed.get("from") or year or 0)
    month = int(printed["m"])
    if not meant or not 1 <= month <= 12:
        return None
    ends = f"{month}月{printed['d']}日" if printed.get("d") else f"{month}月底"
    read = times(f"{meant}年{ends}", Span(0, 20), None, [])
    return Time(cell, "month", read[0].due_on, True, year=meant) if read else None


def _without(words: str, place: Span, inner: Span) -> str:
    return words[: inner.start - place.start] + words[inner.end - place.start :]


def _clause_times(
    reading: Reading, owner: ReadSection | ReadTask, year: int | None, explained: list[Explained]
) -> None:
    """（…牵头，9月底前完成）: the date of what the clause covers."""
    starts = [(target.figure or target.span).start for target in owner.targets]
    further: list[Found] = []
    for clause, span in [(one, span) for one in owner.clauses for span in one.times]:
        due = _row_due(reading, span, year, explained)
        if due is None:
            continue
        if not TIMES_ALONE.fullmatch(reading.text[span]):  # 3月底前出台相关政策
            done = reading.text.text[due.span.end : span.end]
            further.append(replace(_time_target(reading, owner, span, due), metric=done))
            continue
        is_used = False
        covers = clause.covers
        for place in range(bisect_left(starts, covers.start), bisect_left(starts, covers.end)):
            target = owner.targets[place]
            if target.due_basis in (None, "plan_end") and not target.recurrence:
                owner.targets[place] = replace(
                    target, due_on=due.due_on, due_basis="stated", times=(*target.times, due.span)
                )
                is_used = True
        if not is_used:
            further.append(_time_target(reading, owner, covers, due))
    owner.targets += further


def _time_target(reading: Reading, owner: ReadSection | ReadTask, span: Span, due: Time) -> Found:
    """A task that is to be done by a date, and has no figure."""
    words = reading.text[span].strip("。")
    return Found(
        "deadline", owner.title, words, Span(span.start, span.start + len(words)),
        reading.text[due.span], due_on=due.due_on, due_basis="stated", times=(due.span,),
    )  # fmt: skip


def _explain_times(
    found: Commitments,
    owner: ReadSection | ReadTask,
    setting: Setting,
    explained: list[Explained],
    issued: date | None,
) -> None:
    """Say of each time that sets no date why it does not."""
    used = {span for target in found.targets for span in target.times}
    for one in found.times:
        if one.span in used or ("year", one.span) in found.doubts:
            continue
        if one.is_wrong:
            found.doubts.append(("date", one.span))
        elif one.kind == "recurring":
            explained.append(Explained(one.span, "recurring"))
        elif one.kind == "range":
            explained.append(Explained(one.span, "period"))
        elif one.post == "compared":
            explained.append(Explained(one.span, "compared_with"))
        elif one.post in ("版", "度", "以来", "来", "起"):
            explained.append(
                Explained(one.span, "year_of_a_name" if one.post in ("版", "度") else "since")
            )
        elif (
            one.year
            and setting.issued
            and one.year < setting.issued
            or one.due_on
            and issued
            and one.kind == "day"
            and one.due_on <= issued
        ):
            explained.append(Explained(one.span, "past"))
        elif one.kind == "year" and one.year and setting.issued:
            explained.append(Explained(one.span, "year_of_a_name"))
        else:
            found.doubts.append(("date", one.span))


DOUBTS = {
    "number": ("a target with a unit that is known, or words that explain the number", None),
    "unit": ("a unit; the list of units can grow", None),
    "comparison": ("one comparison, the smaller figure first", None),
    "year": ("the year of times without one: in the title, the number or the date of the notice", None),
    "negated": ("a commitment; this is a negation", "no target"),
    "date": ("a day of the calendar by which something is to be done, or words that explain it", None),
}  # fmt: skip


def _doubts(text: str, found: Commitments) -> list[Question]:
    questions = []
    for kind, span in found.doubts:
        expected, proposal = DOUBTS[kind]
        around = text[max(0, span.start - 6) : span.end + 6].replace("\n", " ")
        if (
            kind == "unit"
            and re.search("亿|万", text[span.start : span.end])
            and re.search("基金|资金|投资|产值|规模|补", around)
        ):
            proposal = "元"
        questions.append(Question(kind, around, span, expected, proposal))
    return questions
