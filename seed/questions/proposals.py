"""What accepting a question means: every kind has a proposal that can be accepted as it stands.

Accepting never invents anything: bodies are registered or recognised, a role or a unit is supplied,
words are explained, or the reading stands as it is.
"""

import re
from collections.abc import Collection
from typing import Any

import yaml

from app.enums import Role
from seed.questions.decided import Value
from seed.questions.identity import assignments
from seed.reader.bodies import HANDED_ON, Bodies, plain
from seed.reader.questions import PERHAPS
from seed.reader.reading import Question, Reading

BODIES = ("new_bodies", "unknown_body")
NAME = "body"  # a decision on what a name means in this notice
# Accepting these says that words hold no commitment: one by one, never by --all.
EXPLAINING = {
    "number": "not a target",
    "negated": "not a target",
    "date": "not a deadline",
    "bracket": "not a clause",
    "label": "not a clause",
    "paragraph": "not a part of the plan",
    "remark": "not a rule of the document",
    "prose_role": "not an assignment",
    "year": "not a deadline",
    "names": "not an assignment",
}
ONE_BY_ONE = {*EXPLAINING, "unit", "whose", "sign_inside", "lost_table", "private_use_glyph"}
# Accepting these lets the reading stand.
AS_READ = {
    "comparison": "as printed",
    "decision": "the words decide nothing",
    "damaged_copy": "no better copy exists",
    "lost_table": "the rows as they were read",
}
AS_IN_THE_ORIGINAL = "as in the original"
NO_UNIT = "no unit"
NOBODY = "nobody"
UNIT_BEHIND = re.compile(r"[\u4e00-\u9fffA-Za-z/]{1,4}(?=[，。；、）\n]|以[上下内]|左右)")


def proposal_for(question: Question, reading: Reading, bodies: Bodies) -> Value:
    """What can be accepted as it stands."""
    if question.kind in BODIES:
        return _with_short_forms(_entries(question, bodies), reading, bodies)
    if question.kind == "role":
        return question.proposal or Role.RESPONSIBLE
    if question.kind == "unit":
        return question.proposal or _unit(question, reading)
    if question.kind in EXPLAINING:
        return EXPLAINING[question.kind]
    return question.proposal or AS_READ.get(question.kind, AS_IN_THE_ORIGINAL)


def _unit(question: Question, reading: Reading) -> str:
    behind = question.span and UNIT_BEHIND.match(reading.text.text, question.span.end)
    return behind[0] if behind else NO_UNIT


def _entries(question: Question, bodies: Bodies) -> list[dict[str, Any]]:
    """The proposed lines for the registry, with ids that nobody has, or what a misprint means."""
    taken = {body.id for body in bodies.known.bodies}
    proposed: list[dict[str, Any]] = yaml.load(question.proposal or "[]", yaml.CSafeLoader)
    entries: dict[str, dict[str, Any]] = {}
    if not proposed:
        name = re.sub(r" \(and \d+ more\)$", "", question.text)
        return [{"name": name, "means": NOBODY}]
    for entry in proposed:  # 市委组织部 and 市委组织部（市人才办） are one body
        first = entries.setdefault(entry["name"], entry)
        if "means" in entry:
            continue
        if first is not entry:
            first["aliases"] = list(dict.fromkeys([*first["aliases"], *entry["aliases"]]))
            continue
        entry["id"] = _free(entry["id"], taken)
        taken.add(entry["id"])
    return [*entries.values()]


def _with_short_forms(
    entries: list[dict[str, Any]], reading: Reading, bodies: Bodies
) -> list[dict[str, Any]]:
    """Entries with the short forms that are printed: 公安厅 in 省财政厅、公安厅 is 省公安厅.

    One that could mean another body is left out, also where no body of the other name is known: behind
    省委组织部、 a registered 农办 of 省农办 would be read without a question.
    """
    printed: dict[str, set[str]] = {}
    for one in assignments(reading):
        name, short = plain(one.name), plain(one.as_written)
        usual = (prefix + short for prefix in HANDED_ON if prefix != one.prefix)
        if one.prefix and one.prefix + short == name and not any(map(bodies.by_rule, usual)):
            printed.setdefault(short, set()).add(name)
    for entry in entries:
        others = {
            name
            for body in bodies.known.bodies
            if body.region == entry.get("region")
            for name in body.names
        }
        others.update(name for one in entries for name in (one["name"], *one.get("aliases", ())))
        for short, names in sorted(printed.items()):
            if "id" in entry and names == {entry["name"]} and short not in others:
                entry["aliases"].append(short)
    return entries


def is_one_by_one(kind: str, proposal: Value, expected: str) -> bool:
    """Whether a proposal could hide a commitment or a body, and is never accepted by --all.

    A name that may be a misprint or damaged would be registered as a body that does not exist.
    """
    return (
        kind in ONE_BY_ONE
        or PERHAPS in expected
        or (not isinstance(proposal, str) and any("means" in entry for entry in proposal))
    )


def _free(proposed: str, taken: Collection[str]) -> str:
    number = 2
    free = proposed
    while free in taken:
        free = f"{proposed}-{number}"
        number += 1
    return free
