"""`make accuracy NOTICES=DIR`: how well notices are read, beside the answers in expected.json.

A table by notice, and one by kind of source and level of government: counts, clauses with their
roles, targets, open questions and seconds.  What is wrong and was not asked about stands apart,
each with what was read instead.
"""

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seed.reader.as_json import as_json
from seed.reader.bodies import Bodies, Known, known_from
from seed.reader.files import read_file
from seed.reader.reading import Reading
from seed.refusals import NoticeRefusedError
from seed.registry import read_registry

ROLES = ("lead", "responsible", "support", "guide")
KINDS = {".pdf": "PDF", ".md": "table", ".docx": "DOCX", ".txt": "text"}


@dataclass
class Row:
    """What one notice gave."""

    name: str
    kind: str
    level: str
    items: int = 0
    counts: Counter[bool] = field(default_factory=Counter)
    clauses: Counter[bool] = field(default_factory=Counter)
    targets: Counter[bool] = field(default_factory=Counter)
    questions: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)  # and asked about, at its place
    unasked: list[str] = field(default_factory=list)

    def note(self, words: str, place: tuple[int, int] | None, given: dict[str, Any]) -> None:
        """Record what is wrong: apart where no question covers its place."""
        asked = place is not None and any(
            one["span"] and one["span"]["start"] < place[1] and place[0] < one["span"]["end"]
            for one in given["questions"]
        )
        (self.wrong if asked else self.unasked).append(words)


def main(arguments: list[str]) -> int:
    """Print the table; 1 where anything is wrong, 2 where there is nothing to compare with."""
    if len(arguments) != 1 or not (answers_file := Path(arguments[0], "expected.json")).is_file():
        print(
            "error: give a directory of notices with its expected.json: make accuracy NOTICES=DIR",
            file=sys.stderr,
        )
        return 2
    folder = answers_file.parent
    known = known_from(read_registry())
    expected = json.loads(answers_file.read_text("utf-8"))["notices"]
    rows = [measure(folder, answers, known) for answers in expected]
    print(f"{'notice':34} {'kind':6} {'level':9} items counts  clauses targets questions seconds")
    for row in rows:
        print(
            f"{row.name[:33]:34} {row.kind:6} {row.level:9} {row.items:5} {_share(row.counts):>7} "
            f"{_share(row.clauses):>7} {_share(row.targets):>7} {row.questions:9} {row.seconds:7.2f}"
        )
    print(f"\n{'kind':6} {'level':9} notices items counts  clauses targets wrong and not asked")
    for group in sorted({(row.kind, row.level) for row in rows}):
        _print_group(*group, [row for row in rows if (row.kind, row.level) == group])
    _print_group("all", "", rows)
    for title, wrongs in (("Wrong and not asked", "unasked"), ("Wrong, and asked", "wrong")):
        print(f"\n{title}:")
        for row in rows:
            for wrong in getattr(row, wrongs):
                print(f"  {row.name[:12]}: {wrong}")
    return 1 if any(row.wrong or row.unasked for row in rows) else 0


def _print_group(kind: str, level: str, rows: list[Row]) -> None:
    shares = [
        _share(sum((getattr(row, name) for row in rows), Counter()))
        for name in ("counts", "clauses", "targets")
    ]
    items, unasked = sum(row.items for row in rows), sum(len(row.unasked) for row in rows)
    print(
        f"{kind:6} {level:9} {len(rows):7} {items:5} {shares[0]:>6} {shares[1]:>8} {shares[2]:>7} {unasked:7}"
    )


def _share(counted: Counter[bool]) -> str:
    return f"{counted[True]}/{counted.total()}"


def measure(folder: Path, answers: dict[str, Any], known: Known) -> Row:
    """Read one notice and compare it with its answers."""
    path = folder / answers["file"]
    code = answers.get("jurisdiction") or government_of(path, known)
    row = Row(path.stem, KINDS.get(path.suffix, "?"), known.governments[code].level)
    start = time.perf_counter()
    try:
        reading = read_file(path, Bodies(known, code))
    except NoticeRefusedError as refused:
        row.wrong.append(f"refused: {refused}")
        return row
    row.seconds = time.perf_counter() - start
    given = as_json(reading)
    row.items, row.questions = len(given["tasks"]), len(given["questions"])
    if path.suffix == ".txt" and max(map(len, path.read_text("utf-8").split("\n"))) > 5000:
        row.kind = "line"
    for name, value in answers["counts"].items():
        found = count_of(name, reading)
        if found is not None:
            row.counts[found == value] += 1
            if found != value:
                row.note(f"{name} {found}, not {value}", None, given)
    for clause in answers["clauses"]:
        row.clauses[_clause(clause, given, row)] += 1
    for target in answers["targets"]:
        if target.get("value") is None and target.get("due") is None:
            continue
        row.targets[_target(target, given, row)] += 1
    return row


def government_of(path: Path, known: Known) -> str:
    """The government that a text names most often in its first lines; the nation where none is."""
    if path.suffix not in (".txt", ".md"):
        return "330000"
    words = path.read_text("utf-8")
    if "国务院" in words[:80]:
        return "100000"
    counted = {
        code: words.count(one.name.removesuffix("省").removesuffix("市"))
        for code, one in known.governments.items()
        if code != "100000"
    }
    return max(counted, key=lambda code: counted[code])


def count_of(name: str, reading: Reading) -> Any:
    """What a count of the answers is here; None for what is no count of a reading."""
    tasks = reading.tasks
    depth = {
        1: [t for t in tasks if t.level == "item"],
        2: [t for t in tasks if t.level == "subitem"],
    }
    clauses = [len(task.clauses) for task in tasks]
    per_section = [sum(t.section == s.code for t in depth[1]) for s in reading.sections]
    groups = {
        "sections": len(reading.sections), "tasks_L2": len(depth[1]), "items_L2": len(depth[1]),
        "groups_L2": len(depth[1]), "tasks_L3": len(depth[2]), "measures_L3_total": len(depth[2]),
        "measures_L3_numbered": sum(t.label is not None for t in depth[2]),
        "measures_L3_unnumbered": sum(t.label is None for t in depth[2]),
        "L3_per_L2": [sum(c.parent == t.code for c in depth[2]) for t in depth[1]],
        "items_L2_per_section": per_section, "rows": len(tasks), "groups": len(reading.sections),
        "rows_per_group": per_section, "lead_clauses": sum(clauses), "lead_clauses_true": sum(clauses),
        "lead_clauses_L2": sum(len(t.clauses) for t in depth[1]),
        "lead_clauses_L3": sum(len(t.clauses) for t in depth[2]), "lead_cells": sum(clauses),
        "rows_without_support": sum(
            all(one.role != "support" for c in t.clauses for one in c.assignments) for t in tasks
        ),
        "rows_due_not_december": [
            int(t.code) for t in tasks
            if t.targets and t.targets[0].due_on and t.targets[0].due_on.month != 12
        ] if reading.outline.tables else None,
    }  # fmt: skip
    return groups.get(name)


def _plain(words: str) -> str:
    wide = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    return re.sub(r"[\s〔〕()（）]", "", words.translate(wide)).replace("\ue010", ".")


def _clause(expected: dict[str, Any], given: dict[str, Any], row: Row) -> bool:
    wanted = {role: [_plain(n.split("(")[0]) for n in expected[role]] for role in ROLES}
    words = _plain(expected["clause"])
    seen: list[Any] = []
    for task in given["tasks"]:
        for clause in task["clauses"]:
            if _plain(clause["text"]) != words:
                continue
            roles: dict[str, list[str]] = {role: [] for role in ROLES}
            for one in clause["assignments"]:
                roles.setdefault(one["role"], []).append(_plain(one["name"]))
            wanted_names = [
                _plain(n.split("damaged: ")[-1].rstrip(")")) for r in ROLES for n in expected[r]
            ]
            names = [n for r in ROLES for n in roles[r]]
            if all(len(roles[r]) == len(wanted[r]) for r in ROLES) and names == wanted_names:
                return True
            seen.append(roles)
    row.note(f"clause {expected['clause']}: {seen[:1]}", _place(words, given), given)
    return False


def _target(expected: dict[str, Any], given: dict[str, Any], row: Row) -> bool:
    words = _plain(expected["quote"])
    values = expected["value"] if isinstance(expected["value"], list) else [expected["value"]]
    near = list(_near(words, given))
    for value in values:
        if not any(_same(target, expected, value) for target in near):
            shown = [(t["value"], t["unit"], t["comparator"], t["due_on"]) for t in near]
            row.note(f"target {expected['quote']}: {shown}", _place(words, given), given)
            return False
    return True


def _place(words: str, given: dict[str, Any]) -> tuple[int, int] | None:
    """Where words of the answers stand in the text, whatever their marks."""
    kept = [index for index, char in enumerate(given["text"]) if _plain(char)]
    at = _plain(given["text"]).find(words)
    return (kept[at], kept[at + len(words) - 1] + 1) if at >= 0 else None


def _near(words: str, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for target in given["targets"]:
        start, end = target["span"]["start"], target["span"]["end"]
        around = _plain(given["text"][max(0, start - 60) : end + 60])
        statement = _plain(target["statement"])
        if words in around and (
            statement in words or words in statement or statement[-6:] in words
        ):
            yield target


def _same(target: dict[str, Any], expected: dict[str, Any], value: Any) -> bool:
    due = str(expected["due"] or "")
    return (
        target["value"] == value
        and (value is None or target["comparator"] == expected["comparator"])
        and (target["unit"] or "").removeprefix("个") == (expected["unit"] or "").removeprefix("个")
        and (target["due_on"] or "").startswith(due)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
