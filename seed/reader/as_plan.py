"""A reading without open questions → the plan that is stored and written as `plan.yaml`."""

import re
from collections.abc import Iterator, Sequence

from app.enums import PlanKind
from seed.editorial import Editorial
from seed.plan import (
    Assignment,
    Baseline,
    Clause,
    Mention,
    Node,
    Period,
    Plan,
    PlanReading,
    RejectedNumber,
    Section,
    Span,
    Target,
    Task,
)
from seed.reader import clauses as read_clauses
from seed.reader import name_lists
from seed.reader import text as read_text
from seed.reader.account import shares
from seed.reader.bodies import Bodies, known_from
from seed.reader.explained import NUMERAL
from seed.reader.layout import paragraphs_of
from seed.reader.modes import mode_of
from seed.reader.read import read
from seed.reader.reading import Reading, ReadSection, ReadTask
from seed.reader.statements import Found
from seed.refusals import NoticeRefusedError
from seed.registry import Registry

NODES = {"item": "item", "subitem": "sub_item", "measure": "measure", "point": "point"}
LARGEST_ORDINAL = 999_999  # a longer number in a table is a reference of its own
# Digits that stand in times, whether these set a date or not.
TIMES = (
    (re.compile(r"\d{4}年\d{1,2}月\d{1,2}日"), "date"),
    (re.compile(r"〔\d{4}〕\d+号"), "document_number"),
    (re.compile(r"\d{4}[-—～~至]\d{4}年"), "year"),
    (re.compile(r"(?:截至|到|至)?\d{4}年(?:\d{1,2}月)?"), "year"),
    (re.compile(r"(?<![\d.])\d{1,2}月"), "date"),
)


def parse(text: str, plan_id: str, registry: Registry, decisions: Editorial) -> Plan:
    """The plan of a restored text.

    Raises NoticeRefusedError with the line of the first open question, and what was expected there.
    """
    bodies = Bodies(known_from(registry), decisions.jurisdiction)
    reading = read(paragraphs_of(text), bodies, decisions)
    return as_plan(reading, plan_id, registry.of_jurisdiction(decisions.jurisdiction), decisions)


def as_plan(
    reading: Reading,
    plan_id: str,
    registry: Registry,
    decisions: Editorial,
    signs_acknowledged: int = 0,
) -> Plan:
    """The plan of a reading, and how many signs of a wrong one a person acknowledged.

    Raises NoticeRefusedError for open questions, and where neither the notice nor a person says its title.
    """
    for question in reading.questions:
        raise NoticeRefusedError(
            reading.text.line_of(question.span.start) if question.span else None,
            f"{question.kind}: {question.text}"
            + (f"; {len(reading.questions) - 1} more" if len(reading.questions) > 1 else ""),
            question.expected,
        )
    frame = reading.frame
    addressees = (frame.addressees or "").rstrip("：")
    title = frame.plan_title or frame.notice_title
    if not title:
        raise NoticeRefusedError(
            None, "a notice without a title", "`title: {value: …, reason: …}` in editorial.yaml"
        )
    plan = Plan(
        id=plan_id,
        title=title,
        kind=decisions.kind or _kind(title),
        document_number=frame.document_number,
        issuer=frame.issuer,
        issued_on=frame.issued_on,
        period=Period(*frame.period) if frame.period else None,
        series=decisions.series,
        supersedes=decisions.supersedes,
        continues=list(decisions.continues),
        addressees=re.split("[，、]", addressees) if addressees else [],
        preamble="\n".join(frame.texts("preamble")) or None,
        closing="\n".join(frame.texts("closing")) or None,
        status=decisions.status,
        jurisdiction=decisions.jurisdiction,
        reading=PlanReading(
            decisions.read_on,
            decisions.read_by,
            decisions.checked_on,
            decisions.checked_by,
            *shares(reading),
            signs_acknowledged,
        ),
    )
    for ordinal, section in enumerate(reading.sections, 1):
        plan.sections.append(_section(reading, section, ordinal, plan_id))
    plan.items = _items(reading, plan_id, None)
    plan.nodes = sorted(_nodes(reading), key=lambda node: node.start)
    plan.rejected_numbers = _rejected(reading)
    _find_names(reading.text.text, plan, registry)
    return plan


def _kind(title: str) -> str:
    """The kind of plan that a title says, where nobody decided otherwise."""
    kinds = (
        (r"年(?:度)?(?:重点)?工作(?:要点|计划|安排)", PlanKind.ANNUAL_PLAN),
        ("行动计划|行动方案|三年行动", PlanKind.ACTION_PLAN),
        ("分工", PlanKind.DIVISION_OF_TASKS),
        ("措施", PlanKind.MEASURES),
    )
    return next((kind for words, kind in kinds if re.search(words, title)), PlanKind.OTHER)


def _section(reading: Reading, section: ReadSection, ordinal: int, plan_id: str) -> Section:
    intro = "\n".join(reading.text[span] for span in section.intro)
    stored = Section(
        f"{plan_id}-s{section.code}",
        ordinal,
        section.code,
        section.label,
        section.title,
        intro or None,
        _span(section.span),
    )
    if any(task.part is section.part for task in reading.tasks if task.part):
        stored.intro = None  # it is the body of the one task that the section holds
    stored.targets = _targets(stored.id, section.targets)
    stored.items = _items(reading, plan_id, section.code)
    return stored


def _items(reading: Reading, plan_id: str, section: str | None) -> list[Task]:
    """The items of a section, or those of none, with all below them."""
    below: dict[str | None, list[ReadTask]] = {}
    for task in reading.tasks:
        if task.section == section:
            below.setdefault(task.parent, []).append(task)

    def stored(parent: ReadTask | None, above: str) -> list[Task]:
        made = []
        for place, task in enumerate(below.get(parent.code if parent else None, ()), 1):
            label = None if task.label is None else f"{above}{task.label}"
            made.append(_task(reading, task, plan_id, label, place))
            made[-1].sub_items = stored(task, label or "")
        return made

    return stored(None, "")


def _task(reading: Reading, task: ReadTask, plan_id: str, label: str | None, place: int) -> Task:
    number = int(re.sub(r"\D", "", task.code.rsplit(".", 1)[-1].rsplit("-", 1)[-1]))
    stored = Task(
        id=f"{plan_id}-t{task.code}",
        code=task.code,
        ordinal=number if number <= LARGEST_ORDINAL else place,
        label=label,
        level=task.level,
        title=task.title,
        body="\n".join(_own_words(reading, task)) or None,
        span=_span(task.span),
        clauses=[_clause(reading, clause) for clause in task.clauses],
        targets=_targets(f"{plan_id}-t{task.code}", task.targets),
    )
    for index, clause in enumerate(task.clauses):
        stored.assignments += [_assignment(one, index) for one in clause.assignments]
    stored.assignments += [_assignment(one, None) for one in task.by_rule]
    return stored


def _clause(reading: Reading, clause: read_clauses.Clause) -> Clause:
    """Labels on lines of their own, and the cells of a row, are one clause with a line for each."""
    places = (clause.span, *clause.read)
    return Clause(
        "\n".join(reading.text[span] for span in places),
        Span(min(span.start for span in places), max(span.end for span in places)),
        _span(clause.covers),
    )


def _assignment(one: name_lists.Assignment, clause: int | None) -> Assignment:
    if not one.agency or not one.role:
        raise NoticeRefusedError(None, f"“{one.as_written}”", "a registered body with a role")
    rule = _span(one.rule) if one.rule else None
    return Assignment(one.agency, one.role, one.as_written, one.prefix, clause, rule)


def _own_words(reading: Reading, task: ReadTask) -> Iterator[str]:
    """The words of a task: its paragraphs, and the parts of one that its clauses divide."""
    for span in task.own:
        behind = span.start
        for clause in sorted(task.clauses, key=lambda one: one.outer):
            if clause.outer.overlaps(span):
                yield from _words(reading.text.text[behind : clause.outer.start])
                behind = max(behind, clause.outer.end)
        yield from _words(reading.text.text[behind : span.end])


def _words(text: str) -> Iterator[str]:
    if text.strip("。 \n"):
        yield text.strip("\n").lstrip("。，：；、 ")


def _targets(owner: str, found: Sequence[Found]) -> list[Target]:
    return [_target(f"{owner}-k{number}", one) for number, one in enumerate(found, 1)]


def _target(target_id: str, one: Found) -> Target:
    return Target(
        id=target_id,
        metric=one.metric,
        statement=one.statement,
        kind=one.kind,
        comparator=one.comparator,
        value=one.value,
        value_upper=one.value_upper,
        unit=one.unit,
        as_written=one.as_written,
        is_cumulative=one.is_cumulative,
        is_average=one.is_average,
        direction=one.direction,
        scope=one.scope,
        baseline=None if one.baseline is None else Baseline(one.baseline, one.baseline_on),
        strength=one.strength,
        due_on=one.due_on,
        due_basis=(one.due_basis or "stated") if one.due_on else None,
        recurrence=one.recurrence,
        recurs_on=one.recurs_on,
        span=_span(one.span),
        reason=f"{one.kind}: {one.as_written}" + (f"; {one.reason}" if one.reason else ""),
    )


def _span(span: read_text.Span) -> Span:
    return Span(span.start, span.end)


def _nodes(reading: Reading) -> Iterator[Node]:
    for paragraph, kind in reading.frame.kinds:
        yield Node(kind, paragraph.span.start, paragraph.span.end)
    for one in reading.indicators:
        if isinstance(one.owner, ReadSection) or one.owner.row is not one.row:
            yield Node("row", one.row.span.start, one.row.span.end)
    headings = {id(section.part) for section in reading.sections if section.part}
    for owner in reading.owners():
        is_section = isinstance(owner, ReadSection)
        if isinstance(owner, ReadTask) and owner.row:
            yield Node("row", owner.span.start, owner.span.end)
        if owner.part is None or not is_section and id(owner.part) in headings:
            continue  # a group of rows, or the one task of a section
        first, *rest = owner.part.own
        kind = "section_heading" if isinstance(owner, ReadSection) else NODES[owner.level]
        yield Node(kind, first.span.start, first.span.end)
        for paragraph in rest:
            kind = "section_intro" if is_section else kind
            yield Node(kind, paragraph.span.start, paragraph.span.end)


def _rejected(reading: Reading) -> list[RejectedNumber]:
    """Every number that is no figure of a target, with the rule that says why."""
    text = reading.text.text
    figures = [one.figure for _, one in reading.targets() if one.figure]
    times = [
        (match.start(), match.end(), reason)
        for pattern, reason in TIMES
        for match in pattern.finditer(text)
    ]
    explained = [(one.span.start, one.span.end, one.rule) for one in reading.explained]
    rejected = []
    for numbers, reasons in (
        (re.compile(r"\d+(?:\.\d+)?"), [*times, *explained]),
        (re.compile(f"[{NUMERAL}]+"), explained),
    ):
        for number in numbers.finditer(text):
            if any(number.start() in figure for figure in figures):
                continue
            reason = next((r for s, e, r in reasons if s <= number.start() < e), "number")
            rejected.append(RejectedNumber(number[0], number.start(), number.end(), reason))
    return sorted(rejected, key=lambda number: number.start)


def _find_names(text: str, plan: Plan, registry: Registry) -> None:
    """Platforms and places, each where the text names it; the longest name wins."""
    tasks = plan.tasks()
    for start, name in registry.named_in(text):
        task = _task_at(tasks, start)
        section = next((s for s in plan.sections if s.span.start <= start < s.span.end), None)
        if platform := registry.platform_names.get(name):
            end = start + len(name)
            mention = Mention(platform.id, name, start, end, mode_of(text, start, end))
            (task or section or plan).mentions.append(mention)
        elif task and (place := registry.places.get(name)) and place.code not in task.places:
            task.places.append(place.code)


def _task_at(tasks: Sequence[Task], position: int) -> Task | None:
    """The innermost task at a position."""
    found = None
    for task in tasks:
        if task.span.start <= position < task.span.end:
            found = task
    return found
