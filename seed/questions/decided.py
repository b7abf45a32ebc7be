"""What a person decided about a question: the proposal that was accepted, by whom and when."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from seed.questions.identity import LENGTH
from seed.refusals import NoticeRefusedError, excerpt

FIELDS = ("question", "kind", "words", "value", "by", "date")
HASH = re.compile(rf"[0-9a-f]{{{LENGTH}}}")
LONGEST_NAME = 60
LONGEST_TEXT = 500
MOST_BODIES = 500

Value = str | list[dict[str, Any]]


@dataclass(frozen=True)
class Decided:
    """An accepted proposal.  `question` is the hash of the words for which it was accepted."""

    question: str
    kind: str
    words: str
    value: Value
    by: str
    date: date

    def as_data(self) -> dict[str, Any]:
        """The record as it is written."""
        return {name: getattr(self, name) for name in FIELDS}


def decided_from(entry: Any, file: str) -> Decided:
    """The record that was written; refuses any other shape."""
    if not isinstance(entry, dict) or set(entry) != set(FIELDS):
        raise NoticeRefusedError(
            None, f"{file}: {excerpt(str(entry))}", f"the fields {', '.join(FIELDS)}"
        )
    question = entry["question"]
    if not isinstance(question, str) or not HASH.fullmatch(question):
        raise NoticeRefusedError(
            None, f"{file}: question {excerpt(str(question))}", f"{LENGTH} hexadecimal digits"
        )
    for name in ("kind", "words"):
        if not isinstance(entry[name], str):
            raise NoticeRefusedError(None, f"{file}: {name} of {question}", "a text")
    if type(entry["date"]) is not date:
        raise NoticeRefusedError(None, f"{file}: date of {question}", "a date such as 2026-11-27")
    return Decided(
        question,
        entry["kind"],
        entry["words"],
        value_of(entry["value"], f"{file}: value of {question}"),
        person(entry["by"], file),
        entry["date"],
    )


def value_of(value: Any, what: str) -> Value:
    """A text, or entries for the registry."""
    if isinstance(value, str) and value.strip() and len(value) <= LONGEST_TEXT:
        return " ".join(value.split())
    entries = isinstance(value, list) and 0 < len(value) <= MOST_BODIES
    if entries and all(isinstance(entry, dict) and "name" in entry for entry in value):
        return list(value)
    raise NoticeRefusedError(
        None, f"{what}: {excerpt(str(value))}",
        f"a text of at most {LONGEST_TEXT} characters, or entries with a name each",
    )  # fmt: skip


def person(name: Any, file: str) -> str:
    """The name of a person."""
    plain = " ".join(name.split()) if isinstance(name, str) else ""
    if not plain or len(plain) > LONGEST_NAME or not plain.isprintable():
        raise NoticeRefusedError(
            None, f"{file}: by {excerpt(str(name))}", "the name of the person, such as 王芳"
        )
    return plain


def plain_name(name: str) -> str:
    """A person's name for comparing: 王 芳 is 王芳."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
