"""Words that readers stumble over do not come back; CONTRIBUTING.md has the list for people."""

import re
from pathlib import Path

import pytest

from tests.support import ROOT

SCOPE = [
    "README.md",
    "CONTRIBUTING.md",
    "docs",
    "openapi.yaml",
    "app",
    "seed/intake",
    "seed/load.py",
]  # files, and folders with all that is in them
TEXTS = {".md", ".py", ".yaml"}

# What must not be written, what to write instead, and a sentence where it was found.
WORDS = [
    (
        r"(?<!idempotent_)(?<!seed )(?<![/.,\x22`])(?<!- )[Aa]nswer(?![:=])",  # but names of the contract
        "response, to respond",
        "Finished answers stay in memory.",
    ),
    (r"\bkept\b(?!\.json)", "cached, stored", "ours, SQLite, nothing kept"),
    (r"\btold\b", "notified, subscribers; recorded", "Who is told of changes."),
    (r"\bat the (?:most|least)\b", "at most, at least", "hits on a page, at the most"),
    (
        r"\b(?:is|are|was|were) (?:an? )?[2-5]\d\d\b(?!,|\.\d| (?:characters|bytes|rows|ms|[kKMG]B))",
        "returns 422",
        "More than 2,000 events are 422.",
    ),
    (r"\bcosts? a 304\b", "returns 304", "Asking again costs a 304."),
    (r"\bshall\b", "must", "who shall do what"),
    (r"\bhow far\b", "the status, the progress", "how far the task is"),
    (r"\b[Ww]hat (?:it|they) (?:is|are) (?:of|from)\b", "the resource", "and what they are of"),
    (r"\ball that is of it\b", "everything that belongs to it", "a plan: it and all that is of it"),
    (r"\bof which (?:it|they) (?:is|are)\b", "reference date", "the day of which it is true"),
    (r"\btrue of this day\b", "as of this date", "true of this day or later"),
    (r"\bwhat is there\b", "the resource, the data", "the same: what is there"),
    (r"\bwho says it\b", "reporting agency", "who says it"),
    (r"\b(?:for|from) whoever\b", "for those who", "for whoever wants to be a witness"),
    (r"\b(?:make|makes) known\b", "publishes", "what coordinators make known"),
    (r"\bspeaks? for\b|\ballow_to_speak\b", "a delegation", "who speaks for a collective"),
    (r"\bgiv(?:e|es|en) up\b", "failed", "waits until it is given up"),
    (r"\b(?:first|each|every|next) look\b", "poll", "before its first look into the outbox"),
    (r"\bwhat c[ao]mes? of (?:it|a|each)\b", "the outcome", "a delivery, and what came of it"),
    (r"\bsealed\b", "opaque, with a checksum", "opaque and sealed"),
    (r"\b(?:no|the old|that) (?:key|one) holds\b", "is valid", "without it no key holds"),
    (r"\bfacts about the same\b", "facts for the same target", "other facts about the same"),
    (r"\b(?:as|in which) (?:it|they) came\b", "as received; in order of arrival", "as it came"),
    (r"\b(?:is|be) there (?:only )?(?:once|twice)\b", "appear once", "may be there only once"),
    (r"\bEnough to show\b", "Reference to a …", "Enough to show a task and to follow it."),
    (r"\bdoes not fit\b", "is invalid", "It does not fit; see the contract."),
    (r"\bno whole key\b", "a malformed key", "This is no whole key"),
    (r"\b_?[Ss]aid\b", "recorded, AppendOnly", "class Said"),
    (r"\b(?:errors\.|class )?Words\b(?=[(:\]]| \|)|\bwords=", "Message, message=", "Words(zh, en)"),
    (r"\bwanted\b", "params", "id of the item whose sub-items are wanted"),
    (r"\b(?:look_ups|fitting|settle)\b", "lookups, conditions, resolve_defaults", "settle(given)"),
    (
        r"\bin_arm\b|\bby_reading\b|\bHasGramsByWalking\b|\bSURE\b",
        "in_tier, scan_text",
        "in_arm(1)",
    ),
    (r"\b(?:TAKEN_FOR|LONGEST_REST)\b", "LEASE, MAX_BACKOFF", "TAKEN_FOR = 60"),
    (r"\b(?:own_hosts|may_be_called)\b", "allowed_hosts, is_allowed", "may_be_called(host)"),
]


def files() -> list[Path]:
    """Every text in scope."""
    paths = [ROOT / name for name in SCOPE]
    found = [path for path in paths if path.is_file()]
    found += [each for path in paths if path.is_dir() for each in path.rglob("*")]
    return sorted(path for path in found if path.suffix in TEXTS)


def lines(path: Path) -> list[tuple[int, str]]:
    """Its lines with their numbers, without the list of words itself."""
    numbered = list(enumerate(path.read_text("utf-8").splitlines(), 1))
    if path.name == "CONTRIBUTING.md":
        start = next(number for number, line in numbered if line == "| not | but |")
        end = next(number for number, line in numbered[start:] if not line)
        return numbered[: start - 1] + numbered[end:]
    return numbered


def found_in(line: str) -> list[tuple[str, str]]:
    """What is written there that must not be, each with what to write instead."""
    hits = [(re.search(pattern, line), instead) for pattern, instead, _ in WORDS]
    return [(hit[0], instead) for hit, instead in hits if hit]


def test_words_that_readers_stumble_over_are_not_written() -> None:
    assert all((ROOT / name).exists() for name in SCOPE)
    faults = [
        f"{path.relative_to(ROOT)}:{number}: “{word}”, better: {instead}"
        for path in files()
        if found_in(path.read_text("utf-8"))  # in few, and a text is searched faster than its lines
        for number, line in lines(path)
        for word, instead in found_in(line)
    ]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize(("pattern", "instead", "sentence"), WORDS)
def test_each_pattern_finds_what_it_is_for(pattern: str, instead: str, sentence: str) -> None:
    assert re.search(pattern, sentence)
    assert not re.search(pattern, instead)


@pytest.mark.parametrize(
    "sentence",
    [
        "It returns 422, and the limit is 200 characters.",
        "A checkpoint is stored in kept.json.",
        "Neither limit is 4,096.",
        "At most two exports run at a time.",
    ],
)
def test_plain_sentences_are_let_through(sentence: str) -> None:
    assert found_in(sentence) == []
