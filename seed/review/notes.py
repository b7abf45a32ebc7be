"""What was read of each paragraph, in words for the column beside it."""

from collections.abc import Iterator
from dataclasses import dataclass

from seed.reader.name_lists import Assignment
from seed.reader.reading import Reading, ReadSection, ReadTask
from seed.reader.statements import Found

ROLES = {"lead": "牵头", "responsible": "负责", "support": "配合", "guide": "指导"}
COMPARATORS = {"gte": "≥", "lte": "≤", "gt": "＞", "lt": "＜", "eq": "＝", "about": "≈"}
FRAME = {
    "notice_title": "标题 title of the notice",
    "title": "标题 title of the plan",
    "document_number": "文号 document number",
    "addressees": "主送 addressees",
    "cover": "印发说明 cover note",
    "signature": "落款 signature",
    "date": "日期 date",
    "preamble": "引言 preamble",
    "closing": "结语 closing",
    "cc": "抄送 copies to",
}


@dataclass(frozen=True)
class Note:
    """A line beside the text: its kind, and what was read."""

    kind: str
    text: str


def notes_of(reading: Reading) -> dict[int, list[Note]]:
    """The notes by the number of the paragraph that they stand beside."""
    notes: dict[int, list[Note]] = {p.number: [] for p in reading.text.paragraphs}

    def add(position: int, note: Note) -> None:
        notes[reading.text.line_of(position)].append(note)

    for paragraph, kind in reading.frame.kinds:
        add(paragraph.span.start, Note("frame", FRAME.get(kind, kind)))
    for paragraph, rule in reading.outline.set_aside:
        add(paragraph.span.start, Note("aside", f"未计入 set aside: {rule}"))
    for paragraph in reading.outline.contents:
        add(paragraph.span.start, Note("aside", "目录 table of contents"))
    for owner in reading.owners():
        add(owner.span.start, _owner(owner))
        for clause in owner.clauses:
            for note in _assignments(clause.assignments):
                add(clause.outer.start, note)
        if isinstance(owner, ReadTask):
            for note in _assignments(owner.by_rule):
                add(owner.span.start, Note(note.kind, f"{note.text} (by a rule of the document)"))
    for _, target in reading.targets():
        add(target.span.start, Note("target", target_in_words(target)))
    return notes


def _owner(owner: ReadSection | ReadTask) -> Note:
    if isinstance(owner, ReadSection):
        return Note("section", f"部分 section {owner.code}: {owner.title}")
    parent = f" in {owner.parent or owner.section}" if owner.parent or owner.section else ""
    return Note("task", f"任务 task {owner.code} ({owner.level}{parent}): {owner.title}")


def _assignments(assignments: list[Assignment]) -> Iterator[Note]:
    """The names of a clause, one line a role."""
    for role in dict.fromkeys(one.role for one in assignments):
        names = "、".join(
            one.name if one.agency else f"{one.name}？" for one in assignments if one.role == role
        )
        yield Note("clause", f"{ROLES.get(role or '', '？')} {role or 'no role'}: {names}")


def target_in_words(target: Found) -> str:
    """A target in a line: metric, comparison, value, unit, and when."""
    words = [f"指标 {target.metric}"]
    if target.value is not None:
        sign = COMPARATORS.get(target.comparator or "", target.comparator or "")
        upper = f"–{target.value_upper:f}" if target.value_upper is not None else ""
        words.append(f"{sign} {target.value:f}{upper} {target.unit or ''}".strip())
    else:
        words.append(target.kind)
    if target.baseline is not None:
        words.append(f"(基数 baseline {target.baseline:f})")
    if target.due_on:
        words.append(f"截至 {target.due_on.isoformat()} ({target.due_basis})")
    if target.recurrence:
        words.append(f"每 {target.recurrence} {' '.join(target.recurs_on)}".strip())
    if target.strength != "firm":
        words.append(f"[{target.strength}]")
    return " ".join(words)
