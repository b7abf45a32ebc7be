"""Sentences of the document that say how it is to be read: the only inferences there are.

列第一位者为牵头单位，下同 makes the first of a clause its lead, from there on.
以下均需试点城市政府落实 adds a body to every task that has a clause, from there on.
"""

import re
from dataclasses import dataclass, replace

from seed.reader.clauses import Clause
from seed.reader.name_lists import Assignment
from seed.reader.outline import NOTE
from seed.reader.reading import ReadTask
from seed.reader.role_words import FIRST_LEADS
from seed.reader.text import Span

BLANKET = re.compile(
    r"以下(?:各项|任务|措施|工作|各条|各点)*(?:均|都|各)?(?:需|须|应|由|请)*(?P<who>(?:[^。，；（）]|（[^（）]{1,12}）){2,30}?)(?:负责|组织|具体|抓好|结合实际)*(?:落实|实施|负责)(?:，?(?:不再(?:一一)?(?:列出|重复|赘述)|下同))*"
)


@dataclass(frozen=True)
class Rule:
    """A sentence of the document and what it says."""

    kind: str  # first_leads | blanket
    span: Span
    begins: int  # where it holds from
    who: Span | None = None


def find_rules(text: str) -> list[Rule]:
    """The rules that a document states, in its order."""
    found = [
        Rule("first_leads", Span(*m.span()), _begins(text, m.start()))
        for m in FIRST_LEADS.finditer(text)
    ]
    found += [
        Rule("blanket", Span(*m.span()), m.start(), Span(*m.span("who")))
        for m in BLANKET.finditer(text)
    ]
    return sorted(found, key=lambda rule: rule.span)


def _begins(text: str, start: int) -> int:
    """A note holds for what stands above it, too; other sentences from there on."""
    return 0 if NOTE.match(text, text.rfind("\n", 0, start) + 1) else start


def first_leads(clause: Clause, rule: Rule) -> None:
    """Make the first of those who answer for a task its lead, where the clause names none."""
    roles = [one.role for one in clause.assignments]
    if "lead" in roles or "responsible" not in roles:
        return
    at = roles.index("responsible")
    clause.assignments[at] = replace(clause.assignments[at], role="lead", rule=rule.span)
    clause.rule = rule.span


def blanket(task: ReadTask, rule: Span, who: list[Assignment]) -> None:
    """Add the bodies of a rule to a task that has a clause behind it."""
    if not any(clause.outer.start > rule.start for clause in task.clauses):
        return
    named = {one.name for clause in task.clauses for one in clause.assignments}
    task.by_rule += [replace(one, rule=rule) for one in who if one.name not in named]
