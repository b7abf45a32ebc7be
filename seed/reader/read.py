"""A notice as blocks of intake → its reading.  Pure: no file, no clock, no database."""

import re
from collections.abc import Iterable, Sequence

from seed.editorial import Editorial
from seed.intake.blocks import Block
from seed.reader.account import LOST, lost_tables
from seed.reader.bodies import Bodies
from seed.reader.brackets import brackets, open_bracket
from seed.reader.clauses import Clause, ClauseReader
from seed.reader.codes import number_parts
from seed.reader.decisions import decide_roles, decide_targets
from seed.reader.frame import Frame, frame, period_of, second_notice
from seed.reader.layout import lay_out
from seed.reader.outline import Outline, outline
from seed.reader.prose import sentence_clauses
from seed.reader.questions import ask, group
from seed.reader.reading import Question, Reading, ReadSection, ReadTask
from seed.reader.role_words import DAMAGED_LABEL, LABEL
from seed.reader.rules import Rule, blanket, find_rules, first_leads
from seed.reader.tables import read_tables
from seed.reader.targets import find_targets
from seed.reader.text import Span, Spans, Text, scope
from seed.refusals import NoticeRefusedError, excerpt

MOST_PARAGRAPHS = 5_000
LONGEST_PARAGRAPH = 20_000
LONGEST_NUMBER = 30
TRADITIONAL = re.compile(
    "[廣東務實級區縣廳辦電發會經責單協點產業關於國個時間設進動項長導負頭門財務農創護標準數據業資]"
)
MOST_TRADITIONAL = 30


def read(blocks: Iterable[Block], bodies: Bodies, decisions: Editorial | None = None) -> Reading:
    """Read a notice, with what a person decided about it.

    Raises NoticeRefusedError where the blocks are no notice that gives work to anybody, and for a
    decision that meets nothing.
    """
    decisions = decisions or Editorial(bodies.jurisdiction)
    text = Text.of(lay_out(blocks))
    _refuse_what_takes_minutes(text)
    _refuse_traditional(text.text)
    whole = outline(text)
    around = frame(text, whole)
    _decide_frame(around, decisions)
    reading = Reading(text, bodies.jurisdiction, around, whole)
    reader = ClauseReader(text.text, bodies, whole.annex_starts)
    dues = _build(reading, whole, reader, "")
    for annex in whole.annexes:
        around_annex = frame(text, annex)
        around.kinds += around_annex.kinds
        around.unknown += around_annex.unknown
        dues |= _build(reading, annex, reader, f"a{annex.annex}-")
    refuse_other_texts(reading)
    rules = find_rules(text.text)
    for owner in reading.owners():
        if not isinstance(owner, ReadTask) or owner.row is None:
            owner.clauses = _clauses(reading, owner, reader)
    _sections_as_tasks(reading)
    decide_roles(reading, decisions)
    _apply(rules, reading, reader)
    find_targets(reading, rules, dues, decisions)
    decide_targets(reading, decisions)
    if not around.title and not around.document_number and not any(reading.clauses()):
        raise NoticeRefusedError(
            None, "no title, no number and nobody who is to do anything", "the notice of a plan"
        )
    ask(reading, reader, rules)
    reading.questions = group(reading.questions)
    return reading


def _decide_frame(around: Frame, decisions: Editorial) -> None:
    """What a person says of the notice as a whole; dates follow from it as if it were printed."""
    if decisions.title:
        around.plan_title = decisions.title
        around.period = period_of(decisions.title) or around.period
    if decisions.period:
        around.period = (decisions.period.start_on, decisions.period.end_on)
    around.document_number = decisions.document_number or around.document_number
    around.issuer = decisions.issuer or around.issuer
    around.issued_on = decisions.issued_on or around.issued_on


def _refuse_what_takes_minutes(text: Text) -> None:
    """Refuse what no notice has, and searches would never come to an end with."""
    if len(text.paragraphs) > MOST_PARAGRAPHS:
        raise NoticeRefusedError(
            None, f"a text of {len(text.paragraphs)} paragraphs", f"at most {MOST_PARAGRAPHS}"
        )
    for paragraph in text.paragraphs:
        if len(paragraph.text) > LONGEST_PARAGRAPH:
            raise NoticeRefusedError(
                paragraph.number,
                f"a paragraph of {len(paragraph.text)} characters",
                f"at most {LONGEST_PARAGRAPH}",
            )
    if digits := re.search(rf"[0-9,.]{{{LONGEST_NUMBER + 1},}}", text.text):
        raise NoticeRefusedError(
            text.line_of(digits.start()),
            f"a number of {len(digits[0])} digits",
            f"at most {LONGEST_NUMBER}",
        )


def _refuse_traditional(text: str) -> None:
    """Refuse a text in traditional characters: no word that is looked for is in it."""
    found = TRADITIONAL.findall(text)
    if len(found) > MOST_TRADITIONAL and len(found) * 20 > len(text):
        raise NoticeRefusedError(
            None, f"traditional characters, “{''.join(found[:8])}”", "a copy in simplified ones"
        )


def refuse_other_texts(reading: Reading) -> None:
    """Refuse news, laws and empty files: texts that give no work to anybody."""
    styles = {part.marker.style for part in reading.outline.walk() if part.marker}
    if not reading.tasks:
        if lost := next(lost_tables(reading), None):
            words = excerpt(reading.text[lost].replace("\n", " "))
            raise NoticeRefusedError(
                reading.text.line_of(lost.start), f"a table without its columns, “{words}”", LOST
            )
        raise NoticeRefusedError(
            None,
            "no numbered paragraphs (一、 （一） 1.) and no table of tasks",
            "the notice of a plan; a piece of news or a page around it is none",
        )
    if second := second_notice(reading.text):
        raise NoticeRefusedError(
            second.number, f"a second notice, “{excerpt(second.text)}”", "one notice a file"
        )
    if "article" in styles and not re.search(
        r"（[^（）]*(?:牵头|负责|责任单位)[^（）]*）|(?:牵头|责任)(?:单位|部门)：",
        reading.text.text,
    ):
        raise NoticeRefusedError(
            None, "articles 第…条 and nobody who is to do anything", "a plan, not a regulation"
        )


def _build(reading: Reading, part: Outline, reader: ClauseReader, prefix: str) -> dict[str, Span]:
    sections, tasks = number_parts(reading.text, part, prefix, 1)
    tables = read_tables(reading.text, part, reader, prefix, sections, tasks)
    reading.sections += _in_order(
        [*sections, *tables.sections], [*tasks, *tables.tasks], tables.dues, prefix
    )
    reading.tasks += [*tasks, *tables.tasks]
    reading.questions += tables.questions
    reading.explained += tables.explained
    reading.indicators += tables.indicators
    return tables.dues


def _in_order(
    sections: list[ReadSection], tasks: Sequence[ReadTask], dues: dict[str, Span], prefix: str
) -> list[ReadSection]:
    """The sections numbered as they stand, also where one above a table comes before others."""
    ordered = sorted(sections, key=lambda one: one.span.start)
    if ordered == sections:
        return sections
    codes = {one.code: f"{prefix}{ordinal}" for ordinal, one in enumerate(ordered, 1)}
    for ordinal, section in enumerate(ordered, 1):
        section.ordinal, section.code = ordinal, codes[section.code]
    moved: dict[str, Span] = {}
    for task in tasks:
        due = dues.get(task.code)
        if task.section is not None:
            before, task.section = task.section, codes[task.section]
            task.code = _moved(task.code, before, task.section)
            task.parent = _moved(task.parent, before, task.section) if task.parent else None
        if due:
            moved[task.code] = due
    dues.clear()
    dues |= moved
    return ordered


def _moved(code: str, before: str, section: str) -> str:
    """A code that begins with its section's, after that has another one."""
    return f"{section}{code.removeprefix(before)}" if code.startswith(f"{before}-") else code


def _clauses(reading: Reading, owner: ReadSection | ReadTask, reader: ClauseReader) -> list[Clause]:
    """The clauses in an owner's own words, each with the sentences that it covers."""
    text = reading.text.text
    found: list[Clause] = []
    part = owner.part
    if part is None:
        return found
    for span in part.own_spans:
        here: list[Clause] = []
        pairs = brackets(text, span)
        for outer in pairs:
            before = text[outer.start - 1]
            clause = reader.in_bracket(outer, ends_sentence=before in "。！；”）\n")
            here += [clause] if clause else _damaged(reading, outer, reader)
        opened = open_bracket(text, span)
        if opened is not None:
            outer = Span(opened, span.end)
            clause = reader.read(Span(opened + 1, span.end), outer, ends_sentence=True)
            here += [clause] if clause else []
        if opened is not None and clause:
            reading.questions.append(
                Question(
                    "unclosed_bracket", text[outer.start : outer.end], outer,
                    "the end of the clause, which this copy has lost", f"{text[opened:span.end]}）",
                )
            )  # fmt: skip
        read_already = Spans((*pairs, *(clause.outer for clause in here)))
        for label in LABEL.finditer(text, span.start, span.end):
            inside = read_already.overlapping(Span(label.start(), label.start() + 1))
            if not inside and (
                label.start() == span.start or text[label.start() - 1] in "。；） 　\n"
            ):
                end = span.end - text[span.start : span.end].endswith("。")
                place = Span(label.start(), end)
                clause = reader.read(place, place, ends_sentence=True)
                here += [clause] if clause else []
                break
        taken = [*(one.outer for one in here), *pairs]
        found += [*here, *sentence_clauses(text, span, taken, reader)]
    return _merged(text, found, part.own_spans[0].start)


def _damaged(reading: Reading, outer: Span, reader: ClauseReader) -> list[Clause]:
    """A clause whose label lost a character: read as it must have been, and asked about."""
    text = reading.text.text
    label = DAMAGED_LABEL.match(text, outer.start)
    if not label:
        return []
    inner = Span(label.end(), outer.end - 1)
    reading.questions.append(
        Question(
            "damaged_label", label[0], Span(outer.start, label.end()), "责任单位：", "（责任单位："
        )
    )
    span = Span(outer.start + 1, outer.end - 1)
    return [Clause(text[span.start : span.end], span, outer, reader.names(inner, "responsible"))]


def _merged(text: str, clauses: list[Clause], start: int) -> list[Clause]:
    """Labels on lines of their own below one another are one clause; each covers what is before."""
    clauses.sort(key=lambda one: one.outer)
    merged: list[Clause] = []
    for clause in clauses:
        above = merged[-1] if merged else None
        if (
            above
            and above.span.start == above.outer.start  # on a line, without brackets
            and clause.span == clause.outer
            and LABEL.match(text, clause.span.start)
            and not text[above.outer.end : clause.outer.start].strip("。\n ")
        ):
            above.assignments += clause.assignments
            above.times += clause.times
            above.read.append(clause.span)
            above.outer = Span(above.outer.start, clause.outer.end)
            continue
        clause.covers = Span(merged[-1].outer.end if merged else start, clause.outer.start)
        merged.append(clause)
    # A time alone, with nobody above it, is words of the task.
    return [clause for clause in merged if clause.assignments]


def _sections_as_tasks(reading: Reading) -> None:
    """A section with a clause and no items holds one task, {ordinal}-0."""
    with_tasks = {task.section for task in reading.tasks}
    for section in reading.sections:
        if section.clauses and section.code not in with_tasks:
            task = ReadTask(
                f"{section.code}-0", section.label, section.title, "item", section.code, None,
                section.span, section.intro, section.clauses, part=section.part,
            )  # fmt: skip
            section.clauses = []
            reading.tasks.append(task)
    reading.tasks.sort(key=lambda one: (one.span.start, -one.span.end))


def _apply(rules: Sequence[Rule], reading: Reading, reader: ClauseReader) -> None:
    text, annexes = reading.text.text, reading.outline.annex_starts
    for rule in rules:
        holds = scope(text, annexes, rule.span.start)
        if rule.kind == "first_leads":
            above = False
            for _, clause in reading.clauses():
                if clause.outer.start not in holds:
                    continue
                if clause.outer.end >= rule.begins:
                    first_leads(clause, rule)
                else:
                    above = True
            if above and not any(
                other.span.start < rule.span.start in scope(text, annexes, other.span.start)
                for other in rules
            ):
                reading.questions.append(
                    Question(
                        "rule", reading.text[rule.span], rule.span,
                        "whether it holds for the clauses above it, too", "from there on",
                    )
                )  # fmt: skip
        elif rule.who:
            who = reader.names(rule.who, "responsible")
            for task in _tasks_in(reading, holds):
                blanket(task, rule.span, who)
    first_leading = [rule.span for rule in rules if rule.kind == "first_leads"]
    for _, clause in list(reading.clauses()):
        if clause.same_below and not any(span.overlaps(clause.span) for span in first_leading):
            last = clause.assignments[-1]
            group = [one for one in clause.assignments if one.role == last.role]
            for task in _tasks_in(reading, scope(text, annexes, clause.span.start)):
                blanket(task, clause.same_below, group)


def _tasks_in(reading: Reading, holds: Span) -> list[ReadTask]:
    return [task for task in reading.tasks if task.span.start in holds]
