"""`questions.yaml` of a plan: what is open, each with a proposal, and what was accepted, by whom.

`python -m seed read PLAN` writes it.  Accepting is removing the `# ` before `accept: true`, after
changing the proposal where it is not right; accepted entries stay when it is written again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from seed.questions.decided import Decided, Value, decided_from, person, value_of
from seed.questions.supplied import FORM, TAKES_ONE
from seed.refusals import NoticeRefusedError
from seed.safe_files import write_at_once
from seed.yaml_files import read_yaml

NAME = "questions.yaml"
HEADER = """\
# Written by `python -m seed read {plan}`.
# To accept a proposal, change it where it is not right and remove the `# ` before `accept: true`.
# Enter your name once, after `read_by:`.  Then run `python -m seed read {plan}` again.
# Accepted entries are stored below; other comments are not.
"""
MEANS = "  # A body that is registered already: - {}; no body at all: means: nobody\n"
SUPPLIES = f"  # A target all the same: proposal: '{FORM}'\n"
OPEN_FIELDS = {"number", "question", "kind", "place", "words", "expected", "proposal"}


@dataclass(frozen=True)
class Asked:
    """An open question as it is listed: its number, its hash, its place, its proposal."""

    number: int
    question: str
    kind: str
    place: str
    words: str
    expected: str
    proposal: Value
    accepted: bool = False

    def decided(self, by: str, on: date, value: Value | None = None) -> Decided:
        """The decision to accept the proposal, or another value."""
        given = self.proposal if value is None else value
        return Decided(self.question, self.kind, self.words, given, by, on)


@dataclass(frozen=True)
class Sheet:
    """The content of a plan's `questions.yaml`: who read the plan and when, too."""

    read_by: str | None = None
    read_on: date | None = None
    asked: tuple[Asked, ...] = ()
    decided: Mapping[str, Decided] = field(default_factory=dict)

    @property
    def people(self) -> set[str]:
        """Everybody who had a part in the reading."""
        return {one.by for one in self.decided.values()} | (
            {self.read_by} if self.read_by else set()
        )

    def with_decided(self, more: Iterable[Decided]) -> "Sheet":
        """The sheet with further decisions."""
        return replace(self, decided={**self.decided, **{one.question: one for one in more}})


def read_sheet(folder: Path) -> Sheet:
    """The sheet of a plan; an empty one where none was written.

    Raises NoticeRefusedError for any other shape.
    """
    path = folder / NAME
    if not path.exists():
        return Sheet()
    given = read_yaml(path)
    if not isinstance(given, dict) or set(given) != {"read_by", "read_on", "open", "accepted"}:
        raise NoticeRefusedError(
            None, f"{NAME} of another shape", "read_by, read_on, open, accepted"
        )
    if given["read_on"] is not None and type(given["read_on"]) is not date:
        raise NoticeRefusedError(None, f"{NAME}: read_on", "a date such as 2026-11-27, or null")
    records = [decided_from(entry, NAME) for entry in _list(given, "accepted")]
    return Sheet(
        person(given["read_by"], NAME) if given["read_by"] is not None else None,
        given["read_on"],
        tuple(_asked(entry) for entry in _list(given, "open")),
        {one.question: one for one in records},
    )


def _list(given: dict[str, Any], name: str) -> list[Any]:
    entries = given[name] or []
    if not isinstance(entries, list):
        raise NoticeRefusedError(None, f"{NAME}: {name}", "a list")
    return entries


def _asked(entry: Any) -> Asked:
    if not isinstance(entry, dict) or set(entry) - {"accept"} != OPEN_FIELDS:
        raise NoticeRefusedError(
            None, f"{NAME}: an open question of another shape", f"{', '.join(sorted(OPEN_FIELDS))}"
        )
    accept = entry.get("accept", False)
    texts = [entry[name] for name in ("question", "kind", "place", "words", "expected")]
    if type(entry["number"]) is not int or not all(isinstance(text, str) for text in texts):
        raise NoticeRefusedError(None, f"{NAME}: question {entry['number']}", "as it was written")
    if type(accept) is not bool:
        raise NoticeRefusedError(
            None, f"{NAME}: accept: {accept} of question {entry['number']}", "accept: true"
        )
    proposal = value_of(entry["proposal"], f"{NAME}: proposal of question {entry['number']}")
    question, kind, place, words, expected = texts
    return Asked(entry["number"], question, kind, place, words, expected, proposal, accept)


def sheet_text(plan: str, sheet: Sheet) -> str:
    """The sheet as it is written."""
    return "".join(
        [
            HEADER.format(plan=plan),
            _line("read_by", sheet.read_by, ""),
            _line("read_on", sheet.read_on, ""),
            "open:\n" if sheet.asked else "open: []\n",
            *(line for asked in sheet.asked for line in _entry(asked)),
            "accepted:\n" if sheet.decided else "accepted: []\n",
            *(f"- {one_line(one.as_data())}\n" for one in sheet.decided.values()),
        ]
    )


def _entry(asked: Asked) -> Iterator[str]:
    yield _line("number", asked.number, "- ")
    for name in ("question", "kind", "place", "words", "expected"):
        yield _line(name, getattr(asked, name))
    if isinstance(asked.proposal, str):
        yield _line("proposal", asked.proposal)
        if asked.kind in TAKES_ONE:
            yield SUPPLIES
    else:
        yield "  proposal:\n"
        yield from (f"  - {one_line(entry)}\n" for entry in asked.proposal)
        yield MEANS.format(one_line({"name": asked.proposal[0]["name"], "means": "ID"}))
    yield "  accept: true\n" if asked.accepted else "  # accept: true\n"


def _line(name: str, value: Any, indent: str = "  ") -> str:
    return f"{indent}{name}: {one_line(value)}\n"


def one_line(value: Any) -> str:
    """A value in one line of YAML, with escapes where a character cannot be printed."""
    line = _dumped(value, escape=False)
    return line if line.isprintable() else _dumped(value, escape=True)


def _dumped(value: Any, *, escape: bool) -> str:
    dumped = yaml.dump(
        value, Dumper=yaml.CSafeDumper, allow_unicode=not escape, sort_keys=False,
        default_flow_style=True, width=1_000_000_000,
    )  # fmt: skip
    return dumped.removesuffix("\n").removesuffix("\n...")


def write_sheet(folder: Path, sheet: Sheet) -> None:
    """Write the sheet of a plan where it differs; the caller holds the lock."""
    path = folder / NAME
    content = sheet_text(folder.name, sheet).encode()
    if not path.is_file() or path.read_bytes() != content:
        write_at_once(path, content)
