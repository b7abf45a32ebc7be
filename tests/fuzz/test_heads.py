"""Whatever a header holds, reading it takes no more work than reading an ordinary one."""

import sys
from types import FrameType
from typing import Any

import pytest
from starlette.datastructures import Headers

from app.http.etags import is_known, matches_strongly
from app.http.languages import CHINESE
from app.http.negotiation import MAX_RANGES, MAX_SUBTAGS, acceptable, preferred
from tests.fuzz import corpus
from tests.support.raw import Raw, Service

MOST_MORE = 10_000  # lines of Python, for all headers together
LIST, TASK = b"/v1/tasks", b"/v1/tasks/gd-dg-2022-t1"
REQUESTS = {
    "a list": Raw(LIST, b"limit=1"),
    "an export that is refused": Raw(LIST, b"format=csv&cursor=x"),
    "a preflight": Raw(LIST, method="OPTIONS"),
    "a write": Raw(TASK + b"/reports", method="POST", body=b"{}"),
    "a problem": Raw(LIST, b"limit=0"),
}


def lines_of(service: Service, raw: Raw) -> int:
    """How many lines of Python run for a request."""
    lines = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    sys.settrace(trace)
    try:
        service.ask(raw)
    finally:
        sys.settrace(None)
    return lines


@pytest.mark.parametrize("what", REQUESTS)
def test_a_header_at_its_worst_takes_the_work_of_an_ordinary_one(
    services: list[Service], what: str
) -> None:
    ordinary = REQUESTS[what]
    service = services[0]
    service.ask(ordinary)
    found = []
    for name, part in corpus.WORST.items():
        value = (part * corpus.LONGEST_HEAD)[: corpus.LONGEST_HEAD]
        headers = tuple((header, value) for header in corpus.READ_ANYWHERE)
        raw = Raw(ordinary.path, ordinary.query, ordinary.method, headers, ordinary.body)
        lines = lines_of(service, raw)
        if lines > lines_of(service, ordinary) + MOST_MORE:
            found.append(f"{name}: {lines} lines")
    assert not found


class Counted(dict[str, str]):
    """Counts what is compared with its keys."""

    characters = 0

    def __contains__(self, key: object) -> bool:
        self.characters += len(str(key))
        return super().__contains__(key)


@pytest.mark.parametrize("part", corpus.WORST.values(), ids=corpus.WORST)
def test_few_characters_of_a_language_header_are_compared(part: bytes) -> None:
    tags = Counted(CHINESE)
    header = (part * corpus.LONGEST_HEAD)[: corpus.LONGEST_HEAD].decode("latin-1")
    assert preferred(header, tags, "none") in ("none", "zh-Hans")
    assert tags.characters <= MAX_RANGES * MAX_SUBTAGS * 100


def test_a_right_range_is_found_among_wrong_ones_up_to_the_limit() -> None:
    wrong = ["x" * 101, "a;q=2", ";", "", "x-" * 40]
    assert preferred(",".join([*wrong, "zh-TW"]), CHINESE, "none") == "zh-Hant"
    many = ["a"] * (MAX_RANGES - 1)
    assert preferred(",".join([*many, "zh-TW"]), CHINESE, "none") == "zh-Hant"
    assert preferred(",".join([*many, "a", "zh-TW"]), CHINESE, "none") == "none"
    assert acceptable(",".join([*many, "text/csv"]), ["a/b", "text/csv"]) == "text/csv"
    assert acceptable(",".join([*many, "a", "text/csv"]), ["a/b", "text/csv"]) is None
    assert preferred("zh-Hant-" + "-".join("abcdefghijklmno"), CHINESE, "none") == "zh-Hant"


def test_an_entity_tag_is_found_in_a_list_of_any_length() -> None:
    others = ", ".join(f'"{number}"' for number in range(10_000))
    for given, weakly, strongly in (
        (f'{others}, "tag"', True, True),
        (f'W/"tag", {others}', True, False),
        (f'W/"tag", {others}, "tag"', True, True),
        (f'{others}, "tag-gzip"', False, True),
        (others, False, False),
        ("*", True, True),
    ):
        assert is_known(Headers({"if-none-match": given}), '"tag"') is weakly
        assert matches_strongly(['"other"', '"tag"'], given) is strongly
