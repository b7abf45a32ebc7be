"""What a person reads: a line a rule, and below those that failed what was asked and what came."""

from collections import Counter
from collections.abc import Iterator, Sequence

from conformance.rules import Result

LONGEST = 300


def lines_of(result: Result) -> Iterator[str]:
    """The line of a rule, and of each failure what was asked, what came and what is right."""
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
        yield f"        asked     {_short(failure.asked)}"
        yield f"        came      {_short(failure.came)}"
        yield f"        right     {_short(failure.right)}"
    yield f"        contract  {rule.part}"


def summary(results: Sequence[Result], rules: int, requests: int, seconds: float) -> Iterator[str]:
    """The last lines: how many, and whether the contract is kept."""
    words = Counter(result.word for result in results)
    if len(results) < rules:
        yield f"The server stopped answering; {rules - len(results)} rules were not asked."
    counts = f"{words['ok']} ok, {words['FAIL']} failed, {words['skipped']} skipped"
    yield f"{len(results)} rules: {counts}; {requests} requests in {seconds:.1f} s."


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
