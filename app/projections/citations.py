"""How an official would cite a task: 《title》（document number）第（十七）项第2点."""

import re
from collections.abc import Sequence
from typing import Any

from app.enums import TaskLevel

ANNEX = re.compile(r"a(\d+)-")
MARKED = re.compile("第.*[章节条篇部分]")  # a printed label that says itself what it is


def citation(plan: Any, section: Any, tasks: Sequence[Any]) -> str:
    """The citation of the last of a chain of tasks, from its item down.

    It consists of the printed labels, with the section's where the code has a hyphen, since numbers
    then begin anew in each section.  What has no printed label is cited by its title.
    """
    code = tasks[-1].code
    annex = ANNEX.match(code)
    within = code[annex.end() :] if annex else code
    parts = [f"附件{annex[1]}"] if annex else []
    if section is not None and "-" in within:
        parts.append(_numbered(section.label, section.title, "部分"))
    above = section.label if section is not None and within.endswith("-0") else ""
    for task in tasks:
        own = task.label and task.label.removeprefix(above or "")
        if not within.endswith("-0"):  # else the task is the section
            parts.append(_numbered(own, task.title, TaskLevel(task.level).label))
        above = task.label
    number = f"（{plan.document_number}）" if plan.document_number else ""
    return f"《{plan.title}》{number}{''.join(parts)}"


def _numbered(label: str | None, title: str, noun: str) -> str:
    if not label:
        return f"“{title}”"
    if MARKED.fullmatch(label):
        return label
    return f"第{label if label[0] in '（(' else label.rstrip('）)')}{noun}"
