"""A reading in a few lines of YAML, as `tests/seed/pairs/` has it beside each notice.

`python -m tools.pair FILE --jurisdiction CODE` prints it; what it says is then read by a person.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from seed.reader.bodies import Bodies, known_from
from seed.reader.clauses import Clause
from seed.reader.files import read_file
from seed.reader.reading import Reading
from seed.reader.statements import Found
from seed.refusals import NoticeRefusedError
from seed.registry import read_registry
from seed.yaml_files import yaml_text

ROLES = ("lead", "responsible", "support", "guide")


def in_short(reading: Reading) -> dict[str, Any]:
    """What a notice says, without spans."""
    frame = reading.frame
    sections = {one.code: one for one in reading.sections}
    return {
        "jurisdiction": reading.jurisdiction,
        "title": frame.title,
        "document_number": frame.document_number,
        "issuer": frame.issuer,
        "issued_on": str(frame.issued_on) if frame.issued_on else None,
        "period": " to ".join(map(str, frame.period)) if frame.period else None,
        "sections": {
            code: _without_nothing(
                title=one.title, targets=[_target(target) for target in one.targets]
            )
            for code, one in sections.items()
        },
        "tasks": {
            task.code: _without_nothing(
                title=task.title,
                level=task.level,
                section=task.section,
                parent=task.parent,
                clauses=[_clause(clause) for clause in task.clauses],
                by_rule=[f"{one.name} {one.role}" for one in task.by_rule],
                targets=[_target(target) for target in task.targets],
            )
            for task in reading.tasks
        },
        "questions": [f"{one.kind}: {one.text}" for one in reading.questions],
    }


def _without_nothing(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, [])}


def _clause(clause: Clause) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for one in clause.assignments:
        named.setdefault(one.role or "none", []).append(one.name + ("" if one.agency else " ?"))
    return named


def _target(target: Found) -> str:
    figure = [target.value, target.value_upper, target.unit, target.comparator, target.direction]
    baseline = f"from {target.baseline:f}" if target.baseline is not None else None
    due = f"by {target.due_on} ({target.due_basis})" if target.due_on else None
    strength = None if target.strength == "firm" else target.strength
    words = [
        target.statement, "|", *figure, baseline, due, target.recurrence, *target.recurs_on,
        strength, "cumulative" if target.is_cumulative else None,
    ]  # fmt: skip
    return " ".join(
        f"{word:f}" if hasattr(word, "as_tuple") else str(word)
        for word in words
        if word is not None
    )


def main(arguments: list[str]) -> int:
    """Print the reading of a file."""
    parser = argparse.ArgumentParser(prog="python -m tools.pair", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--jurisdiction", required=True)
    given = parser.parse_args(arguments)
    bodies = Bodies(known_from(read_registry()), given.jurisdiction)
    print(yaml_text(in_short(read_file(given.file, bodies))), end="")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except NoticeRefusedError as refused:
        sys.exit(str(refused))
