"""What decides whether a generator is proven."""

import pytest

from sdks import facts
from sdks.__main__ import BEGIN, END, Line, Outcome, between, table, together


def test_a_program_that_prints_the_facts_differs_nowhere() -> None:
    assert facts.difference("agency a\nagain 304\n", ["agency a", "again 304"]) is None


@pytest.mark.parametrize(
    ("printed", "where"),
    [
        ("agency b\nagain 304\n", "line 1 is “agency b”, not “agency a”"),
        ("agency a\n", "1 lines, not 2"),
        ("", "0 lines, not 2"),
        ("agency a\nagain 304\nmore\n", "3 lines, not 2"),
    ],
)
def test_other_facts_are_found_and_named(printed: str, where: str) -> None:
    assert facts.difference(printed, ["agency a", "again 304"]) == where


def test_only_what_is_between_the_markers_is_written() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert between(text, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    with pytest.raises(ValueError, match="no place"):
        between("no markers", "new")


def test_a_failure_and_a_missing_tool_are_told_apart_and_shown() -> None:
    passed, absent, failed = (
        Outcome("mypy"),
        Outcome("not run: no node", not_run=True),
        Outcome("**failed**: tsc", failed=True),
    )
    lines = [
        Line("one", "1.0", (passed, together([passed, absent]), passed, passed)),
        Line("two", "2.0", (passed, failed, passed, passed)),
    ]
    assert [(line.failed, line.not_run) for line in lines] == [(False, True), (True, False)]
    assert table(lines).splitlines()[2:] == [
        "| one | 1.0 | mypy | mypy; not run: no node | mypy | mypy |",
        "| two | 2.0 | mypy | **failed**: tsc | mypy | mypy |",
    ]
