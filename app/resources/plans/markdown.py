"""A plan as Markdown (CommonMark): the notice's text, in its order, to read and quote."""

import re
from collections.abc import Sequence
from typing import Any

from app.enums import TaskLevel
from app.kinds.document import marked

Document = dict[str, Any]
LEVELS = list(TaskLevel)
DEEPEST = 6  # CommonMark, section 4.2
SPECIAL = re.compile(r"([\\`*_\[\]<>#|~!&])")
BULLET = re.compile(r"^(\s*)([-+=])")
NUMBER = re.compile(r"^(\s*\d+)([.)])")


def as_markdown(
    plan: Document, text: str, sections: Sequence[Document], tasks: Sequence[Document]
) -> str:
    """Headings are the plan, its sections, and its tasks of all levels, each with its label and id."""
    parts = [f"# {escaped(marked(plan['title'], plan['is_example']))}"]
    issued = " · ".join(filter(None, (plan["document_number"], plan["issuer"], plan["issued_on"])))
    parts.append(f"{escaped(issued)}  \n`{plan['id']}`" if issued else f"`{plan['id']}`")
    if plan["addressees"]:
        line = next(line for line in text.split("\n") if plan["addressees"][0] in line)
        parts.append(escaped(line))
    parts += [_paragraphs(plan["preamble"])] if plan["preamble"] else []
    # A section begins before its first task, or where that does, as in a table.
    rows = sorted([*sections, *tasks], key=lambda one: (one["span"]["start"], -one["span"]["end"]))
    for row, below in zip(rows, [*rows[1:], None], strict=True):
        end = min(row["span"]["end"], below["span"]["start"] if below else len(text))
        parts += _task(row, text[row["span"]["start"] : end]) if "level" in row else _section(row)
    parts += [_paragraphs(plan["closing"])] if plan["closing"] else []
    return "\n\n".join(parts) + "\n"


def _section(section: Document) -> list[str]:
    label = f"{section['label']}、" if section["label"] else ""
    parts = [f"## {label}{escaped(section['title'])}", f"`{section['id']}`"]
    return [*parts, _paragraphs(section["intro"])] if section["intro"] else parts


def _task(task: Document, own: str) -> list[str]:
    """`own` is the text of the task before its sub-tasks."""
    depth = LEVELS.index(task["level"]) + (3 if task["section"] else 2)
    label = f"{task['label']} " if task["label"] else ""
    parts = [f"{'#' * min(depth, DEEPEST)} {label}{escaped(task['title'])}", f"`{task['id']}`"]
    clauses = task["assignment_clauses"]
    if len(clauses) > 1:  # each behind the words that it is about
        words = own[own.index(task["title"]) + len(task["title"]) :]
        return [*parts, _paragraphs(words.removeprefix("。"))]
    if task["body"]:
        parts.append(_paragraphs(task["body"]))
    if len(clauses) == 1 and "\n" in clauses[0]["text"]:  # labels on lines, or cells without any
        return [*parts, "\n\n".join(_by_role(task["assignments"]))]
    return [*parts, *(f"（{escaped(clause['text'])}）" for clause in clauses)]


def _by_role(assignments: Sequence[Document]) -> list[str]:
    """A line for each role."""
    named: dict[str, list[str]] = {}
    for one in assignments:
        named.setdefault(one["role_label"], []).append(escaped(one["as_written"]))
    return [f"{role}：{'、'.join(names)}" for role, names in named.items()]


def _paragraphs(text: str) -> str:
    return "\n\n".join(escaped(line) for line in text.split("\n") if line.strip())


def escaped(text: str) -> str:
    """A line with all Markdown syntax escaped (CommonMark, section 2.4)."""
    plain = SPECIAL.sub(r"\\\1", text)
    return NUMBER.sub(r"\1\\\2", BULLET.sub(r"\1\\\2", plain))
