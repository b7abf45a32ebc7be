"""A plan as Markdown (CommonMark): the notice's text, in its order, to read and quote."""

import re
from collections.abc import Sequence
from typing import Any

from app.kinds.document import marked

Document = dict[str, Any]
SPECIAL = re.compile(r"([\\`*_\[\]<>#|~!&])")
BULLET = re.compile(r"^(\s*)([-+=])")
NUMBER = re.compile(r"^(\s*\d+)([.)])")


def as_markdown(
    plan: Document, text: str, sections: Sequence[Document], tasks: Sequence[Document]
) -> str:
    """Headings are the plan, its sections, items and sub-items, each with its label and id."""
    parts = [f"# {escaped(marked(plan['title'], plan['is_example']))}"]
    issued = " · ".join(filter(None, (plan["document_number"], plan["issuer"], plan["issued_on"])))
    parts.append(f"{escaped(issued)}  \n`{plan['id']}`")
    if plan["addressees"]:
        line = next(line for line in text.split("\n") if plan["addressees"][0] in line)
        parts.append(escaped(line))
    parts += [_paragraphs(plan["preamble"])] if plan["preamble"] else []
    for section in sections:
        parts.append(f"## {section['label']}、{escaped(section['title'])}")
        parts.append(f"`{section['id']}`")
        parts += [_paragraphs(section["intro"])] if section["intro"] else []
        for task in tasks:
            if task["section"]["id"] == section["id"]:
                parts += _task(task)
    parts += [_paragraphs(plan["closing"])] if plan["closing"] else []
    return "\n\n".join(parts) + "\n"


def _task(task: Document) -> list[str]:
    depth = "###" if task["level"] == "item" else "####"
    parts = [f"{depth} {task['label']} {escaped(task['title'])}", f"`{task['id']}`"]
    if task["body"]:
        parts.append(_paragraphs(task["body"]))
    if task["assignment_clause"]:
        parts.append(f"（{escaped(task['assignment_clause'])}）")
    return parts


def _paragraphs(text: str) -> str:
    return "\n\n".join(escaped(line) for line in text.split("\n") if line.strip())


def escaped(text: str) -> str:
    """A line with all Markdown syntax escaped (CommonMark, section 2.4)."""
    plain = SPECIAL.sub(r"\\\1", text)
    return NUMBER.sub(r"\1\\\2", BULLET.sub(r"\1\\\2", plain))
