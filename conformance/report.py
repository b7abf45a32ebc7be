"""The printed report: one line per rule, and the details of each failure."""

from collections import Counter
from collections.abc import Iterator, Sequence

from conformance.rules import Result

LONGEST = 300


def lines_of(result: Result) -> Iterator[str]:
    """One line for a rule; for each failure the request, the response and what was expected."""
    rule = result.rule
    line = f"{result.word:<7} {rule.topic}: {rule.sentence}"
    if result.skipped:
        yield f"{'skipped':<7} {rule.topic}: {rule.sentence} ({result.skipped})"
        return
    if not result.failures:
        yield f"{line} ({result.looks})"
        return
    yield line
    for failure in result.failures:
        yield f"        request   {_short(failure.asked)}"
        yield f"        response  {_short(failure.came)}"
        yield f"        expected  {_short(failure.right)}"
    yield f"        contract  {rule.part}"


def summary(results: Sequence[Result], rules: int, requests: int, seconds: float) -> Iterator[str]:
    """The last lines: the numbers of rules by result."""
    words = Counter(result.word for result in results)
    if len(results) < rules:
        yield f"The server stopped responding; {rules - len(results)} rules were not checked."
    counts = f"{words['ok']} ok, {words['FAIL']} failed, {words['skipped']} skipped"
    yield f"{len(results)} rules: {counts}; {requests} requests in {seconds:.1f} s."


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
