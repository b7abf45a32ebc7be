"""The server that is asked, and its answers."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import httpx2 as httpx

from conformance.contract import JSON_TYPE, Contract, Operation

Row = dict[str, Any]
Params = Mapping[str, str | int | Sequence[str]]
MOST_ROWS = 20_000  # of one list; what is longer is not compared row by row
LARGEST_PAGE = 1000
WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Finding:
    """One look: what was asked, what came, and what would be right."""

    ok: bool
    asked: str
    came: str
    right: str


class WrongAnswerError(Exception):
    """An answer that leaves nothing to look at."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.came)


class TooMuchError(Exception):
    """More than one looks through."""


@dataclass(frozen=True)
class Answer:
    """What came back; `body` is decoded from any content coding."""

    asked: str
    url: httpx.URL
    status: int
    headers: httpx.Headers
    body: bytes

    def expect(self, ok: object, came: object, right: object) -> Finding:
        """A finding about this answer."""
        return Finding(bool(ok), self.asked, str(came), str(right))

    def is_(self, status: int) -> Finding:
        return self.expect(self.status == status, self.summary, status)

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def summary(self) -> str:
        """Status and kind, and the beginning of what is no JSON."""
        begin = "" if "json" in self.media_type else f": {self.body[:60]!r}"
        return f"{self.status} {self.media_type or 'without a content type'}{begin}"

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Its JSON; raises WrongAnswerError for anything else."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise WrongAnswerError(self.expect(ok=False, came=self.summary, right="JSON")) from None

    def document(self) -> Any:
        """The JSON of a 200; raises WrongAnswerError for anything else."""
        if self.status != 200:
            raise WrongAnswerError(self.is_(200))
        return self.json()

    def ids(self) -> list[str]:
        """The ids of a page of a list."""
        return [key_of(row) for row in self.document()["data"]]


@dataclass
class Server:
    """Asks, and remembers what was answered to the very same question."""

    client: httpx.Client
    contract: Contract
    last_asked: str = ""
    requests: int = 0
    remembered: dict[Any, Answer] = field(default_factory=dict)

    def get(self, path: str, params: Params | None = None, **headers: str) -> Answer:
        """`GET`, answered from memory where it was asked before; `accept_language=` is a header."""
        key = (path, repr(params), tuple(sorted(headers.items())))
        if key not in self.remembered:
            self.remembered[key] = self.ask("GET", path, params, **headers)
        return self.remembered[key]

    def ask(self, method: str, path: str, params: Params | None = None, **headers: str) -> Answer:
        """Any request, really sent; raises httpx.HTTPError where no answer comes."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        query = str(httpx.QueryParams(params)) if params else ""
        target = f"{path}{'&' if '?' in path else '?'}{query}" if query else path
        shown = "".join(f" ({name.title()}: {value})" for name, value in given.items())
        self.last_asked = f"{method} {target}{shown}"
        self.requests += 1
        headers = {"accept-encoding": "identity", **given}
        answer = self.client.request(method, target, headers=headers, follow_redirects=False)
        return Answer(
            self.last_asked, answer.url, answer.status_code, answer.headers, answer.content
        )

    def follow(self, answer: Answer, link: str) -> Answer:
        """What a link of an answer leads to, on this server (RFC 3986, section 5)."""
        there = answer.url.join(link)
        if (there.scheme, there.netloc) != (answer.url.scheme, answer.url.netloc):
            right = "a link that stays on this server"
            raise WrongAnswerError(answer.expect(ok=False, came=link, right=right))
        return self.get(str(there))

    def rows(self, path: str, params: Params | None = None) -> list[Row]:
        """A whole list, or as much of it as the filters leave; raises TooMuchError."""
        found: list[Row] = []
        asked: dict[str, Any] = {**(params or {}), "limit": LARGEST_PAGE}
        while True:
            answer = self.get(path, asked)
            page = answer.document()
            found += page["data"]
            if page["page"]["total"] > MOST_ROWS or len(found) > MOST_ROWS:
                raise TooMuchError(f"{path} has more than {MOST_ROWS} rows")
            if not page["page"]["next"]:
                return found
            if not page["data"]:
                right = "next is null on the last page"
                raise WrongAnswerError(answer.expect(False, "an empty page with a next", right))
            asked["cursor"] = page["page"]["next"]

    def listed(self, resource: str) -> list[Row]:
        """All rows of a list of the contract; none where the contract has no such list."""
        path = f"/v1/{resource}"
        return self.rows(path) if self.contract.at(path) else []

    def ids(self, path: str, params: Params | None = None) -> list[str]:
        return [key_of(row) for row in self.rows(path, params)]

    def examples(self, operation: Operation, most: int = 1) -> list[str]:
        """Paths that an operation answers, made of what the lists of this server have."""
        if operation.required == {"q"}:
            words = [*self.words()][:most]
            return [f"{operation.path}?q={quote(word)}" for word in words]
        if operation.required == {"a", "b"}:
            pair = sorted(spread(self._first_ids("/v1/tasks"), 2))
            return [f"{operation.path}?a={pair[0]}&b={pair[1]}"] if len(pair) == 2 else []
        if "with" in operation.required:
            return [
                f"{operation.path.format(plan_id=later)}?with={earlier}"
                for later, earlier in self.successive()[:most]
            ]
        if operation.required == {"start", "end"}:
            plans = self._first_ids("/v1/plans")
            return [f"{operation.path_of(plan)}?start=0&end=1" for plan in plans[:most]]
        if operation.required:
            return self._of_plans(operation)[:most]
        if "number" in operation.fields:
            return self.pictures()[:most]
        if not operation.fields:
            return [operation.path]
        paths = [operation.path]
        for name, schema in operation.fields.items():
            filled = []
            for path in paths:
                begin, _, end = path.partition(f"{{{name}}}")
                values = schema.get("enum") or self._first_ids(begin.rstrip("/"))
                filled += [f"{begin}{value}{end}" for value in spread(values, most)]
            paths = filled[:most]
        return paths

    def _of_plans(self, operation: Operation) -> list[str]:
        """Paths of an operation that requires a plan, and perhaps a day: the last of its year."""
        return [
            f"{operation.path}?"
            + "&".join(
                f"{name}={plan['id'] if name == 'plan' else str(plan['year']) + '-12-31'}"
                for name in sorted(operation.required)
            )
            for plan in self.listed("plans")
        ]

    def successive(self) -> list[tuple[str, str]]:
        """The ids of plans that follow each other in a series, the later one first."""
        series: dict[str, list[tuple[str, str, str]]] = {}
        for plan in self.listed("plans"):
            if plan.get("series"):
                period = plan["period"] or {}
                start = str(period.get("start_on") or plan["issued_on"] or "")
                end = str(period.get("end_on") or plan["issued_on"] or "")
                series.setdefault(plan["series"], []).append((start, end, plan["id"]))
        return [
            (later[-1], earlier[-1])
            for plans in series.values()
            for earlier, later in pairwise(sorted(plans))
        ]

    def pictures(self) -> list[str]:
        """The paths of pictures of pages that this server publishes."""
        texts = [self.get(f"/v1/plans/{plan}/text") for plan in self._first_ids("/v1/plans")]
        pages = [page for text in texts for page in text.document()["pages"]]
        return [page["image"] for page in pages if page["image"]]

    def _first_ids(self, path: str) -> list[str]:
        return [key_of(row) for row in self.get(path).document()["data"]]

    def samples(self) -> Iterator[tuple[Operation, str]]:
        """One path for each operation that this server has something for."""
        for operation in self.contract.operations:
            for path in self.examples(operation):
                yield operation, path

    def words(self) -> Iterator[str]:
        """Words that some tasks have in their titles, each two characters long."""
        titles = [row["title"] for row in self.get("/v1/tasks").document()["data"]]
        found = (WORD.search(title) for title in spread(titles, 3))
        yield from dict.fromkeys(word[0][:2] for word in found if word)

    def json_paths(self) -> list[str]:
        """Samples that give JSON."""
        return [path for operation, path in self.samples() if JSON_TYPE in operation.gives]


def key_of(row: Row) -> str:
    """What names a row in its list: its number in the change feed, its id, or its version."""
    for name in ("seq", "id", "version"):
        if name in row:
            return str(row[name])
    raise KeyError("id")


def spread(values: Sequence[Any], most: int) -> list[Any]:
    """Some of many: the first, the last and between."""
    if len(values) <= most:
        return list(values)
    if most == 1:
        return [values[0]]
    return [values[i * (len(values) - 1) // (most - 1)] for i in range(most)]
