"""A reading without open questions → the plan that is stored and written as `plan.yaml`."""

import re
from collections.abc import Iterator, Sequence

from app.enums import PlanKind
from seed.editorial import Editorial
from seed.plan import (
    Assignment,
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
from seed.reader.account import shares
from seed.reader.bodies import Bodies, known_from
from seed.reader.explained import NUMERAL
from seed.reader.layout import paragraphs_of
from seed.reader.read import read
from seed.reader.reading import Reading, ReadSection, ReadTask
from seed.reader.statements import Found
from seed.refusals import NoticeRefusedError
from seed.registry import Registry

NODES = {"item": "item", "subitem": "sub_item"}
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


def as_plan(reading: Reading, plan_id: str, registry: Registry, decisions: Editorial) -> Plan:
    """The plan of a reading.

    Raises NoticeRefusedError for open questions, and for what a stored plan has no place for yet.
    """
    for question in reading.questions:
        raise NoticeRefusedError(
            reading.text.line_of(question.span.start) if question.span else None,
            f"{question.kind}: {question.text}"
            + (f"; {len(reading.questions) - 1} more" if len(reading.questions) > 1 else ""),
            question.expected,
        )
    _refuse_what_has_no_place(reading)
    frame = reading.frame
    addressees = (frame.addressees or "").rstrip("：")
    title = frame.plan_title or frame.notice_title or ""
    plan = Plan(
        id=plan_id,
        title=title,
        kind=decisions.kind or _kind(title),
        document_number=decisions.document_number or frame.document_number,
        issuer=decisions.issuer or frame.issuer,
        issued_on=decisions.issued_on or frame.issued_on,
        period=decisions.period or (Period(*frame.period) if frame.period else None),
        series=decisions.series,
        supersedes=decisions.supersedes,
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
            signs_acknowledged=0,  # there is no way yet to acknowledge one
        ),
    )
    for section in reading.sections:
        plan.sections.append(_section(reading, section, plan_id))
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


def _refuse_what_has_no_place(reading: Reading) -> None:
    missing = [] if reading.sections else ["sections"]
    missing += [
        f"{task.code} with {what}"
        for task in reading.tasks
        for what, there in (
            ("several clauses", len(task.clauses) > 1),
            ("a clause beside parts of its own", task.clauses and _has_parts(reading, task)),
            ("no clause and no parts", not task.clauses and not _has_parts(reading, task)),
            (f"the level {task.level}", task.level not in NODES),
            ("a body by a rule of the document", task.by_rule),
            ("no section", task.section is None),
        )
        if there
    ]
    if missing:
        raise NoticeRefusedError(
            None, f"a plan without {missing[0]}" if "with" not in missing[0] else missing[0],
            "what a stored plan has a place for",
        )  # fmt: skip


def _has_parts(reading: Reading, task: ReadTask) -> bool:
    return any(one.parent == task.code for one in reading.tasks)


def _section(reading: Reading, section: ReadSection, plan_id: str) -> Section:
    intro = "\n".join(reading.text[span] for span in section.intro)
    stored = Section(
        f"{plan_id}-s{section.ordinal}",
        section.ordinal,
        section.label or "",
        section.title,
        intro or None,
        Span(section.span.start, section.span.end),
    )
    stored.targets = _targets(stored.id, section.targets)
    tasks = [task for task in reading.tasks if task.section == section.code]
    for item in (task for task in tasks if task.parent is None):
        stored.items.append(_task(reading, item, plan_id, None))
        parts = [task for task in tasks if task.parent == item.code]
        stored.items[-1].sub_items = [_task(reading, part, plan_id, item) for part in parts]
    return stored


def _task(reading: Reading, task: ReadTask, plan_id: str, parent: ReadTask | None) -> Task:
    clause = task.clauses[0] if task.clauses else None
    body = "\n".join(_own_words(reading, task)) or None
    ordinal = int(re.sub(r"\D", "", task.code.rsplit(".", 1)[-1].rsplit("-", 1)[-1]))
    stored = Task(
        id=f"{plan_id}-t{task.code}",
        code=task.code,
        ordinal=ordinal,
        label=f"{parent.label}{task.label}" if parent else task.label or "",
        level=task.level,
        title=task.title,
        body=body,
        assignment_clause=clause.text if clause else None,
        span=Span(task.span.start, task.span.end),
    )
    stored.assignments = [
        Assignment(one.agency or "", one.role or "", one.as_written, one.prefix)
        for one in (clause.assignments if clause else ())
    ]
    stored.targets = _targets(stored.id, task.targets)
    return stored


def _own_words(reading: Reading, task: ReadTask) -> Iterator[str]:
    """The paragraphs of a task without its clause."""
    for span in task.own:
        words = reading.text[span]
        for clause in task.clauses:
            if clause.outer.overlaps(span):
                words = reading.text.text[span.start : clause.outer.start]
        if words.strip():
            yield words


def _targets(owner: str, found: Sequence[Found]) -> list[Target]:
    return [_target(f"{owner}-k{number}", one) for number, one in enumerate(found, 1)]


def _target(target_id: str, one: Found) -> Target:
    if (
        one.due_on is None
        or one.baseline is not None
        or one.recurrence
        or one.strength != "firm"
        and one.kind != "deadline"
    ):
        raise NoticeRefusedError(
            None, f"“{one.statement}”, without a date or with what no stored target has",
            "what a stored plan has a place for",
        )  # fmt: skip
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
        due_on=one.due_on,
        due_basis="plan_year" if one.due_basis == "plan_end" else "stated",
        span=Span(one.span.start, one.span.end),
        reason=f"{one.kind}: {one.as_written}" + (f"; {one.reason}" if one.reason else ""),
    )


def _nodes(reading: Reading) -> Iterator[Node]:
    for paragraph, kind in reading.frame.kinds:
        yield Node(kind, paragraph.span.start, paragraph.span.end)
    for owner in reading.owners():
        assert owner.part
        first, *rest = owner.part.own
        is_section = isinstance(owner, ReadSection)
        kind = "section_heading" if is_section else NODES[owner.level]  # type: ignore[union-attr]
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
            reason = next(r for s, e, r in reasons if s <= number.start() < e)
            rejected.append(RejectedNumber(number[0], number.start(), number.end(), reason))
    return sorted(rejected, key=lambda number: number.start)


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
