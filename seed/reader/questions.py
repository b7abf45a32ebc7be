"""The open questions of a reading, each with its place and a proposal, grouped."""

import re
from collections.abc import Sequence
from dataclasses import replace

from seed.reader.account import account
from seed.reader.bodies import Bodies
from seed.reader.clauses import ClauseReader
from seed.reader.name_lists import Assignment
from seed.reader.reading import Question, Reading
from seed.reader.rules import Rule
from seed.reader.signs import signs

BODY_KINDS = ("new_bodies", "unknown_body", "damaged_copy")


def ask(reading: Reading, reader: ClauseReader, rules: Sequence[Rule]) -> None:
    """Add what is open: bodies, roles, remarks, the account and the signs."""
    reading.questions += [
        *body_questions(reading, reader.bodies),
        *_roles(reading),
        *_remarks(reading, rules),
        *account(reading, reader.bodies),
        *signs(reading),
    ]


def body_questions(reading: Reading, bodies: Bodies) -> list[Question]:
    """Bodies that nobody has registered: the usual ones in one question, each odd one in its own.

    Their kinds are those of BODY_KINDS.
    """
    usual: dict[str, tuple[int, Question]] = {}
    odd: list[Assignment] = []
    assigned = [a for _, clause in reading.clauses() for a in clause.assignments]
    assigned += [a for task in reading.tasks for a in task.by_rule]
    for one in assigned:
        if one.agency:
            continue
        if bodies.by_rule(one.name) or bodies.is_collective(one.name):
            usual.setdefault(
                one.name,
                (
                    one.span.start,
                    Question("new_bodies", one.name, one.span, "", bodies.propose(one.name)),
                ),
            )
        else:
            odd.append(one)
    first_of = {one.name: one for one in reversed(odd)}
    hinted = set([*dict.fromkeys(one.name for one in odd)][:MOST])  # comparing names takes long
    alike = {name: _odd(first_of[name], {*usual, *bodies.names}, bodies) for name in hinted}
    asked = [
        replace(alike[one.name], span=one.span)
        if one.name in hinted
        else Question("unknown_body", one.name, one.span, "a body of the registry", None)
        for one in odd
    ]
    outside = [one for one in asked if one.expected == OUTSIDE]
    asked = [one for one in asked if one.expected != OUTSIDE]
    if outside:
        names = list(dict.fromkeys(one.text for one in outside))
        lines = list(dict.fromkeys(one.proposal for one in outside if one.proposal))
        proposal = "\n".join(lines) or None
        asked.append(replace(outside[0], text="、".join(names), proposal=proposal))
    damaged = {question.text for question in asked if "damaged" in question.expected}
    if len(damaged) >= 3:
        asked.append(
            Question(
                "damaged_copy", "、".join(sorted(damaged)), None,
                "another copy: this one has lost characters, in names and so perhaps elsewhere", None,
            )
        )  # fmt: skip
    if usual:
        first = min(usual.values(), key=lambda pair: pair[0])[1]
        together = Question(
            "new_bodies",
            "、".join(usual),
            first.span,
            "bodies of the registry; each has the name that bodies of this government usually have",
            "\n".join(q.proposal or "" for _, q in usual.values()),
        )
        return [together, *asked]
    return asked


PERHAPS = "a name of the registry; perhaps"
OUTSIDE = "bodies of the registry; enterprises, universities or branches, by the end of their names"
ENTERPRISE = re.compile(
    "(?:人民银行|银保监局|证监局|金融监管局|安全监管局|公司|集团|大学|学院|研究院|实验室|分行|分局|银行|中心|协会|学会|联盟|研究所|支行|办事处|医院|海关|电网|研究会)(?:（.+）)?"
)


def _odd(one: Assignment, names: set[str], bodies: Bodies) -> Question:
    expected = "a body of the registry"
    if re.search(ENTERPRISE.pattern + "$", one.name):
        expected = OUTSIDE
    proposal = bodies.propose(one.name)
    if nearest := bodies.misprint_of(one.name) or bodies.nearest(one.name):
        expected = f"{PERHAPS} a misprint of {nearest}"
    if nearest and not bodies.is_plausible(one.name):  # 省财政听: no new body, whatever it is
        meant = bodies.find(nearest)
        proposal = (
            f"- {{name: {one.name}, means: {meant.id}}}" if meant else bodies.propose(nearest)
        )
    if like := _like(one.name, names):
        expected = f"{PERHAPS} {like}, damaged"
    return Question("unknown_body", one.name, one.span, expected, proposal)


def _like(name: str, names: set[str]) -> str | None:
    """A name that differs by a character that was lost."""
    for other in sorted(names):
        if len(other) == len(name) + 1 and any(
            other[:i] + other[i + 1 :] == name for i in range(len(other))
        ):
            return other
    return None


def _roles(reading: Reading) -> list[Question]:
    return [
        Question("role", clause.text, clause.span, "牵头, 负责, 配合, 参与 or 指导", "responsible")
        for _, clause in reading.clauses()
        if any(one.role is None for one in clause.assignments)
    ]


def _remarks(reading: Reading, rules: Sequence[Rule]) -> list[Question]:
    """Sentences in a clause that are no rule."""
    return [
        Question("remark", reading.text[sentence], sentence, "a rule that is known, or nothing")
        for _, clause in reading.clauses()
        for sentence in clause.sentences
        if not any(rule.span.overlaps(sentence) for rule in rules)
    ]


MOST = 300  # questions that are listed one by one
# One decision for all that are alike: clauses without a role, roles in prose, names alone, a missing year.
TOGETHER = ("role", "prose_role", "year", "names")


def group(questions: Sequence[Question]) -> list[Question]:
    """One question for the same thing at many places, in the order of the text."""
    grouped: dict[tuple[str, str, str], list[Question]] = {}
    for question in questions:
        same = (
            re.sub(r"\d+", "0", question.text)
            if question.kind.startswith("sign_")
            else question.text
        )
        if question.kind in TOGETHER:
            same = ""
        grouped.setdefault((question.kind, same, question.expected), []).append(question)
    found = []
    for alike in grouped.values():
        first = alike[0]
        more = f" (and {len(alike) - 1} more)" if len(alike) > 1 else ""
        places = tuple(place for question in alike for place in question.places)
        found.append(replace(first, text=first.text + more, spans=places))
    found.sort(key=lambda q: (q.span.start if q.span else -1, q.kind))
    return [*found[:MOST], *_more(found[MOST:])]


def _more(questions: Sequence[Question]) -> list[Question]:
    """One question a kind for those beyond what anybody reads."""
    kinds: dict[str, list[Question]] = {}
    for question in questions:
        kinds.setdefault(question.kind, []).append(question)
    return [
        replace(
            alike[0],
            text=f"{alike[0].text} (and {len(alike) - 1} more of this kind)",
            spans=tuple(place for question in alike for place in question.places),
        )
        for alike in kinds.values()
    ]
