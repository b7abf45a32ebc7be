"""The restored text of a notice → its plan: `parse(text, …)`.

The genre: title, document number, addressees, cover note, signature and date, the plan's own
title, a preamble, sections 一、 with an intro, items （一） and sub-items 1. with an assignment clause
in brackets, a closing paragraph.  Every character belongs to exactly one node.
A line that no rule understands is refused with its number; nothing is skipped, nothing guessed.
"""

import re
from dataclasses import dataclass
from datetime import date

from seed.clauses import read_clause
from seed.commitments import digits_that_are_no_figures, read_targets, reject_numbers
from seed.editorial import Editorial
from seed.numerals import chinese_number, chinese_numeral
from seed.plan import Mention, Node, Plan, Section, Span, Target, Task
from seed.refusals import NoticeRefusedError, excerpt
from seed.registry import Registry
from seed.restore import DOCUMENT_NUMBER

NOTICE_TITLE = re.compile(
    r"(?P<issuer>[^\s，。]{2,40}?)关于(?:印发|下达|公布)(?P<title>.{4,80})的通知"
)
SIGNED_ON = re.compile(r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日")
NUMERALS = "一二三四五六七八九十"
SECTION = re.compile(rf"(?P<label>[{NUMERALS}]+)、(?P<heading>.+)")
ITEM = re.compile(rf"（(?P<label>[{NUMERALS}]+)）(?P<rest>.+)")
SUB_ITEM = re.compile(r"(?P<label>\d{1,2})[.．、](?P<rest>\D.*)")
CLAUSE = re.compile(r"(?<=。)（(?P<clause>[^（）]+)）。?$")
MARKERS = (SECTION, ITEM, SUB_ITEM)


@dataclass(frozen=True)
class Line:
    """A paragraph: its number from 1, its text, and where it starts."""

    number: int
    text: str
    start: int

    @property
    def span(self) -> Span:
        return Span(self.start, self.start + len(self.text))


class _Lines:
    """The paragraphs of a text, taken one after the other; each becomes a node."""

    def __init__(self, text: str) -> None:
        self.left: list[Line] = []
        self.nodes: list[Node] = []
        start = 0
        for number, line in enumerate(text.split("\n"), 1):
            if line:
                self.left.append(Line(number, line, start))
            start += len(line) + 1
        self.left.reverse()

    def peek(self) -> Line | None:
        return self.left[-1] if self.left else None

    def take(self, kind: str, pattern: re.Pattern[str] | None, expected: str) -> Line:
        """The next paragraph, which must fit the pattern as a whole."""
        line = self.peek()
        if line is None:
            raise NoticeRefusedError(None, "the text ends", expected)
        if pattern and not pattern.fullmatch(line.text):
            raise NoticeRefusedError(line.number, f"“{excerpt(line.text)}”", expected)
        self.nodes.append(Node(kind, line.span.start, line.span.end))
        return self.left.pop()


def parse(text: str, plan_id: str, registry: Registry, editorial: Editorial) -> Plan:
    """Read a restored notice.

    Raises NoticeRefusedError with the line and what was expected there.
    """
    lines = _Lines(text)
    known = registry.of_jurisdiction(editorial.jurisdiction)
    plan = _read_front(lines, plan_id, editorial)
    while (line := lines.peek()) and SECTION.fullmatch(line.text):
        _read_section(lines, plan, known, editorial)
    if not plan.sections or not all(section.items for section in plan.sections):
        bare = next((s.heading for s in plan.sections if not s.items), "no section")
        raise NoticeRefusedError(None, bare, "sections 一、 with items （一）")
    _read_back(lines, plan)
    plan.nodes = lines.nodes
    _find_targets(text, plan, editorial)
    _find_names(text, plan, known)
    _check_decisions(plan, editorial)
    return plan


def _read_front(lines: _Lines, plan_id: str, editorial: Editorial) -> Plan:
    first = lines.take(
        "notice_title", NOTICE_TITLE, "the title of a notice: …关于印发…的通知, on one line"
    )
    named = NOTICE_TITLE.fullmatch(first.text)
    assert named
    number = lines.take(
        "document_number", DOCUMENT_NUMBER, "the document number, as in 粤办函〔2022〕24号"
    )
    addressees = lines.take("addressees", re.compile("[^。]+："), "the addressees, ending in ：")
    signed_on = None
    title = named["title"].strip("《》")
    while (line := lines.peek()) and line.text != title:
        if SECTION.fullmatch(line.text):
            raise NoticeRefusedError(line.number, f"“{excerpt(line.text)}”", f"the title “{title}”")
        signed_on = _read_cover_line(lines, signed_on)
    lines.take("title", None, f"the title of the plan on a line of its own: {title}")
    preamble = []
    while (line := lines.peek()) and not SECTION.fullmatch(line.text):
        _refuse_markers(line, "一、 and a heading")
        preamble.append(lines.take("preamble", None, "").text)
    year = re.search(r"\d{4}", title) or re.search(r"\d{4}", number.text)
    assert year
    if int(year[0]) < 1:
        raise NoticeRefusedError(first.number, f"the year {year[0]}", "a year of the calendar")
    return Plan(
        id=plan_id,
        title=title,
        document_number=number.text,
        issuer=named["issuer"],
        issued_on=signed_on or date.min,
        year=int(year[0]),
        addressees=re.split("[，、]", addressees.text.rstrip("：")),
        preamble="\n".join(preamble) or None,
        closing=None,
        status=editorial.status,
        jurisdiction=editorial.jurisdiction,
    )


def _read_cover_line(lines: _Lines, signed_on: date | None) -> date | None:
    """A paragraph of the cover note, the signature, or the date below it."""
    line = lines.peek()
    assert line
    if dated := SIGNED_ON.fullmatch(line.text):
        if signed_on:
            raise NoticeRefusedError(line.number, f"a second date, {line.text}", "one date")
        lines.take("date", None, "")
        try:
            return date(int(dated["year"]), int(dated["month"]), int(dated["day"]))
        except ValueError:
            raise NoticeRefusedError(line.number, line.text, "a day of the calendar") from None
    _refuse_markers(line, "the cover note, the signature or the plan's title")
    if NOTICE_TITLE.fullmatch(line.text) or DOCUMENT_NUMBER.fullmatch(line.text):
        raise NoticeRefusedError(
            line.number, f"“{excerpt(line.text)}”, where a second notice begins", "one notice"
        )
    lines.take("cover" if line.text[-1] in "。：；" else "signature", None, "")
    return signed_on


def _refuse_markers(line: Line, expected: str) -> None:
    if any(marker.fullmatch(line.text) for marker in MARKERS):
        raise NoticeRefusedError(line.number, f"“{excerpt(line.text)}”", expected)


def _read_section(lines: _Lines, plan: Plan, registry: Registry, editorial: Editorial) -> None:
    line = lines.take("section_heading", SECTION, "一、 and a heading")
    named = SECTION.fullmatch(line.text)
    assert named
    ordinal = len(plan.sections) + 1
    _check_number(line, named["label"], chinese_numeral(ordinal), "section")
    if CLAUSE.search(line.text) or line.text.endswith("。"):
        raise NoticeRefusedError(line.number, f"“{excerpt(line.text)}”", "a heading, without 。")
    section = Section(
        f"{plan.id}-s{ordinal}", ordinal, named["label"], named["heading"], None, line.span
    )
    intro = lines.peek()
    if intro and not any(marker.fullmatch(intro.text) for marker in MARKERS):
        section.intro = lines.take("section_intro", None, "").text
    plan.sections.append(section)
    while (line_ := lines.peek()) and ITEM.fullmatch(line_.text):
        _read_item(lines, plan, section, registry, editorial)
    if section.items:
        section.span = Span(section.span.start, section.items[-1].span.end)


def _read_item(
    lines: _Lines, plan: Plan, section: Section, registry: Registry, editorial: Editorial
) -> None:
    line = lines.take("item", ITEM, "（一） and an item")
    named = ITEM.fullmatch(line.text)
    assert named
    ordinal = sum(len(s.items) for s in plan.sections) + 1
    _check_number(line, named["label"], chinese_numeral(ordinal), "item")
    item = _read_task(
        line, named, f"{plan.id}-t{ordinal}", str(ordinal), ordinal, f"（{named['label']}）", "item"
    )
    section.items.append(item)
    while (below := lines.peek()) and SUB_ITEM.fullmatch(below.text):
        sub_line = lines.take("sub_item", SUB_ITEM, "1. and a sub-item")
        sub = SUB_ITEM.fullmatch(sub_line.text)
        assert sub
        place = len(item.sub_items) + 1
        _check_number(sub_line, sub["label"], str(place), f"sub-item of {item.label}")
        code = f"{ordinal}.{place}"
        task = _read_task(
            sub_line, sub, f"{plan.id}-t{code}", code, place, f"{item.label}{place}", "subitem"
        )
        item.sub_items.append(task)
        _assign(task, sub_line, registry, editorial)
    if item.is_leaf:
        _assign(item, line, registry, editorial)
    elif item.assignment_clause or item.body:
        raise NoticeRefusedError(
            line.number,
            f"{item.label} with sub-items and a {'clause' if item.assignment_clause else 'body'}",
            "a title alone, its sub-items say the rest",
        )
    else:
        item.span = Span(item.span.start, item.sub_items[-1].span.end)


def _check_number(line: Line, found: str, expected: str, what: str) -> None:
    if found != expected:
        try:
            value = str(chinese_number(found)) if not found.isdigit() else found
        except ValueError:
            value = "no number"
        raise NoticeRefusedError(line.number, f"{what} {found} ({value})", f"{expected}, the next")


def _read_task(
    line: Line, named: re.Match[str], task_id: str, code: str, ordinal: int, label: str, level: str
) -> Task:
    title, stop, rest = named["rest"].partition("。")
    if not stop:
        raise NoticeRefusedError(line.number, f"“{excerpt(line.text)}”", "a title that ends in 。")
    clause = CLAUSE.search(line.text)
    body = rest[: len(rest) - len(clause[0])] if clause else rest
    return Task(
        id=task_id,
        code=code,
        ordinal=ordinal,
        label=label,
        level=level,
        title=title,
        body=body or None,
        assignment_clause=clause["clause"] if clause else None,
        span=line.span,
    )


def _assign(task: Task, line: Line, registry: Registry, editorial: Editorial) -> None:
    if task.assignment_clause is None:
        raise NoticeRefusedError(
            line.number,
            f"{task.label} without a clause",
            "（…牵头） at the end, who answers for it",
        )
    decided = next((d.role for d in editorial.roles if d.task == task.code), None)
    task.assignments = read_clause(task.assignment_clause, registry, decided, line.number)


def _read_back(lines: _Lines, plan: Plan) -> None:
    """The closing paragraphs, and the signature and date where they stand at the end."""
    closing: list[str] = []
    while line := lines.peek():
        _refuse_markers(line, "the closing paragraph, or the next number in its order")
        if SIGNED_ON.fullmatch(line.text) or (closing and line.text[-1] not in "。：；"):
            signed = _read_cover_line(lines, None if plan.issued_on == date.min else plan.issued_on)
            plan.issued_on = signed or plan.issued_on
            continue
        if not line.text.endswith("。") or NOTICE_TITLE.fullmatch(line.text):
            raise NoticeRefusedError(
                line.number, f"“{excerpt(line.text)}”", "the closing paragraph, ending in 。"
            )
        closing.append(lines.take("closing", None, "").text)
    plan.closing = "\n".join(closing) or None
    if plan.issued_on == date.min:
        raise NoticeRefusedError(None, "no date", "the date of the notice below the signature")


def _find_targets(text: str, plan: Plan, editorial: Editorial) -> None:
    figures: list[Span] = []
    no_figures = digits_that_are_no_figures(text, editorial)

    def targets_in(words: str | None, owner: Section | Task, before: str) -> list[Target]:
        if not words:
            return []
        start = text.index(f"{before}{words}", owner.span.start) + len(before)
        span = Span(start, start + len(words))
        found = read_targets(text, span, owner.id, plan.year, editorial, no_figures)
        figures.extend(found.figures)
        return found.targets

    for section in plan.sections:
        section.targets = targets_in(section.intro, section, f"{section.heading}\n")
        for task in section.tasks():
            task.targets = targets_in(task.body, task, f"{task.title}。")
    plan.rejected_numbers = reject_numbers(text, figures, editorial)


def _find_names(text: str, plan: Plan, registry: Registry) -> None:
    """Platforms and places, each where the text names it; the longest name wins."""
    for start, name in registry.named_in(text):
        task = _task_at(plan, start)
        section = next((s for s in plan.sections if s.span.start <= start < s.span.end), None)
        if platform := registry.platform_names.get(name):
            mention = Mention(platform.id, name, start, start + len(name))
            (task or section or plan).mentions.append(mention)
        elif task and (place := registry.places.get(name)) and place.code not in task.places:
            task.places.append(place.code)


def _task_at(plan: Plan, position: int) -> Task | None:
    """The innermost task at a position."""
    found = None
    for task in plan.tasks():
        if task.span.start <= position < task.span.end:
            found = task
    return found


def _check_decisions(plan: Plan, editorial: Editorial) -> None:
    """A decision that meets nothing is a mistake in it, or no longer needed."""
    codes = {task.code for task in plan.tasks()}
    statements = {(target.statement, target.as_written) for target in plan.targets()}
    for role in editorial.roles:
        if role.task not in codes:
            raise NoticeRefusedError(None, f"a role for task {role.task}", "a task of this plan")
    for target in editorial.targets:
        if not any(
            target.statement == statement and target.as_written in (None, written)
            for statement, written in statements
        ):
            raise NoticeRefusedError(
                None, f"a decision on “{target.statement}”", "the words of a target of this plan"
            )
    for number in editorial.numbers:
        if not any(number.reason == rejected.reason for rejected in plan.rejected_numbers):
            raise NoticeRefusedError(
                None, f"a decision on the number in “{number.text}”", "words of this notice"
            )
