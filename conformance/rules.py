"""Rules: a function a rule, its name and its docstring are the rule, and what it yields are looks.

A rule that looked at nothing had no data: it is skipped, and never said to be kept.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import httpx2 as httpx

from conformance.server import Finding, Server, TooMuchError, WrongAnswerError

Look = Callable[[Server], Iterator[Finding]]
MOST_FINDINGS = 3  # told of one rule; after that it is clear
NO_DATA = "no data"


@dataclass(frozen=True)
class Rule:
    """One sentence of the contract."""

    topic: str
    name: str
    sentence: str
    part: str  # of the contract
    look: Look


@dataclass
class Result:
    """What came of one rule."""

    rule: Rule
    looks: int = 0
    failures: list[Finding] = field(default_factory=list)
    skipped: str | None = None
    unanswered: bool = False

    @property
    def word(self) -> str:
        if self.failures:
            return "FAIL"
        return "skipped" if self.skipped else "ok"


EVERY: list[Rule] = []


def rule(part: str) -> Callable[[Look], Look]:
    """Registers a rule; `part` is where the contract says so."""

    def register(look: Look) -> Look:
        topic = look.__module__.rpartition(".")[2]
        EVERY.append(Rule(topic, look.__name__, (look.__doc__ or "").strip(), part, look))
        return look

    return register


def run(server: Server, rules: Iterable[Rule]) -> Iterator[Result]:
    """Each rule on the server; ends early where the server is gone."""
    for one in rules:
        result = _result(server, one)
        yield result
        if result.unanswered and not is_there(server):
            return


def is_there(server: Server) -> bool:
    """Whether anything answers."""
    try:
        server.ask("GET", "/v1")
    except httpx.TransportError:
        return False
    return True


def _result(server: Server, one: Rule) -> Result:
    result = Result(one)
    try:
        for finding in one.look(server):
            result.looks += 1
            if not finding.ok:
                result.failures.append(finding)
            if len(result.failures) == MOST_FINDINGS:
                break
    except WrongAnswerError as wrong:
        result.failures.append(wrong.finding)
    except TooMuchError as much:
        result.skipped = str(much)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        result.unanswered = isinstance(error, httpx.TransportError)
        came = f"no response: {type(error).__name__} {error}".rstrip()
        result.failures.append(Finding(False, server.last_asked, came, "an answer"))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        came = f"not the shape of the contract: {type(error).__name__} {error}"
        result.failures.append(Finding(False, server.last_asked, came, "what the schema says"))
    if not result.looks and not result.failures and not result.skipped:
        result.skipped = NO_DATA
    return result
