"""No request that needs no key costs much, whatever its parameters: measured in work, not in time.

64 KB at most, as a head has no more: 50 ms of the event loop, 10 statements, 20 errors.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from cProfile import Profile
from difflib import SequenceMatcher
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.main import create_app
from app.reading.search import GramSets
from app.settings import Settings
from tests.support.databases import Databases

LONGEST_QUERY = 65_000  # bytes
MOST_STATEMENTS = 10
MOST_ERRORS = 20
MOST_CALLS = 200_000  # of functions, of Python's and C's, which take 0.1 to 0.25 µs each
MOST_COMPARED = 250_000  # pairs of characters, by difflib
MOST_LOOKED_UP = (
    2_000  # terms of the text index, which take SQLite some 5 µs each, in the event loop
)
LONGEST_PROBLEM = 20_000  # bytes
IN_PATHS = {"plans": "gd-dg-2022", "agencies": "gd-energy", "targets": "gd-dg-2022-t17.2-k1"}


class Work(NamedTuple):
    """What a request cost, and its response."""

    status: int
    body: bytes
    statements: int
    calls: int
    compared: int
    looked_up: int

    @property
    def errors(self) -> list[Any]:
        found: list[Any] = json.loads(self.body)["errors"] if self.status >= 400 else []
        return found


class Meter:
    """Counts what is done while a request is handled; databases have threads or processes of their own."""

    def __init__(
        self, app: FastAPI, statements: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.app, self.statements = app, statements
        self.compared = self.looked_up = 0
        ratio = SequenceMatcher.ratio

        def counted(matcher: Any) -> float:
            self.compared += len(matcher.a) * len(matcher.b)
            return ratio(matcher)

        monkeypatch.setattr(SequenceMatcher, "ratio", counted)
        match = GramSets.process_bind_param

        def looked_up(kind: GramSets, sets: Any, dialect: Any) -> str:
            self.looked_up += sum(len(group) for groups in sets for group in groups)
            return match(kind, sets, dialect)

        monkeypatch.setattr(GramSets, "process_bind_param", looked_up)

    async def request(self, path: str, query: bytes) -> Work:
        sent: list[Any] = []
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query,
            "headers": [(b"host", b"testserver"), (b"accept-language", b"zh-CN")],
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        async def send(message: Any) -> None:
            sent.append(message)

        self.compared = self.looked_up = 0
        self.statements.clear()
        with Profile() as profile:
            await self.app(scope, receive, send)
        calls = sum(entry.callcount for entry in profile.getstats())
        body = b"".join(message.get("body", b"") for message in sent)
        return Work(
            sent[0]["status"], body, len(self.statements), calls, self.compared, self.looked_up
        )

    def requests(self, *asked: tuple[str, bytes]) -> list[Work]:
        """One after the other, in one event loop; the first request of all fills what is cached."""

        async def ask() -> list[Work]:
            async with self.app.router.lifespan_context(self.app):
                await self.request("/v1/tasks", b"agency=x&q=x&limit=1")
                return [await self.request(path, query) for path, query in asked]

        return asyncio.run(ask())


def service_on(url: str) -> FastAPI:
    return create_app(Settings(database_url=url, cache_megabytes=0, webhook_delivery=False))


@pytest.fixture
def meter(database_url: str, statements: list[str], monkeypatch: pytest.MonkeyPatch) -> Meter:
    return Meter(service_on(database_url), statements, monkeypatch)


@pytest.fixture
def meter_of_parsing(
    on_sqlite: Databases, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Meter]:
    """For what is refused before any database is asked."""
    with on_sqlite.loaded() as url:
        yield Meter(service_on(url), statements, monkeypatch)


class Asked(NamedTuple):
    """A parameter of an operation that needs no key."""

    path: str
    name: str
    repeatable: bool
    others: str  # what the operation needs beside it


@pytest.fixture(scope="module")
def parameters() -> list[Asked]:
    """All of them, by the contract."""
    document = create_app(Settings(database_url="sqlite://")).openapi()
    shared = document["components"]["parameters"]
    found = []
    for template, operations in document["paths"].items():
        operation = operations.get("get")
        if operation is None or operation["security"]:
            continue
        given = [shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p
                 for p in operation["parameters"]]  # fmt: skip
        resource = f"{template}/".split("/")[2]
        path = template.replace("{field}", "agency")
        for one in given:
            if one["in"] == "path":
                path = path.replace(
                    f"{{{one['name']}}}", IN_PATHS.get(resource, "gd-dg-2022-t17.2")
                )
        needed = {
            p["name"]: p.get("example", "x") for p in given if p["required"] and p["in"] == "query"
        }
        for one in given:
            if one["in"] == "query":
                others = "".join(f"&{n}={v}" for n, v in needed.items() if n != one["name"])
                found.append(Asked(path, one["name"], "items" in one["schema"], others))
    assert len({one.path for one in found}) > 25
    return found


def repeated(name: str, values: Iterator[str]) -> bytes:
    """As many values as fit, and as may be there."""
    query = ""
    for _, value in zip(range(1000), values, strict=False):
        if len(query) + len(name) + len(value.encode()) > LONGEST_QUERY:
            break
        query += f"&{name}={value}"
    return query[1:].encode()


def assert_bounded(work: Work, asked: object) -> None:
    assert work.status in (200, 404, 422), (asked, work.body[:500])
    assert work.statements <= MOST_STATEMENTS, asked
    assert work.calls <= MOST_CALLS, (asked, work.calls)
    assert work.compared <= MOST_COMPARED, (asked, work.compared)
    assert work.looked_up <= MOST_LOOKED_UP, (asked, work.looked_up)
    assert len(work.errors) <= MOST_ERRORS, asked
    if work.status >= 400:
        assert len(work.body) <= LONGEST_PROBLEM, asked


def test_a_thousand_wrong_values_of_any_repeatable_parameter(
    meter: Meter, parameters: list[Asked], databases: Databases
) -> None:
    """Of every operation that needs no key, and of every parameter that it takes several values of."""
    asked = [one for one in parameters if one.repeatable]
    if databases.kind == "postgresql":  # operations look names up alike: each name once
        asked = list({one.name: one for one in reversed(asked)}.values())
    assert {"agency", "id", "kind", "name", "place", "plan", "unit", "year"} <= {
        p.name for p in asked
    }
    queries = [
        (one.path, repeated(one.name, (f"zz{n}" for n in range(1000))) + one.others.encode())
        for one in asked
    ]
    for one, work in zip(asked, meter.requests(*queries), strict=True):
        assert_bounded(work, one)
        assert work.status == 422 or one.name == "id", one


@pytest.mark.parametrize(
    "values",
    [
        [f"省公安厅{n:03}" + "a" * 180 for n in range(400)],
        [f"{n:04}" * 49 for n in range(400)],
        [f"公安厅{n},民政厅{n},粤政" for n in range(1000)],
        ["gd-" + "ab" * 20 + str(n) for n in range(1000)],
        ["ﷺ" * 60 + str(n) for n in range(300)],  # 18 characters each, where it is folded
    ],
    ids=["long names", "long digits", "several as one", "like ids", "what folding makes longer"],
)
def test_names_that_are_nearly_known(meter: Meter, values: list[str]) -> None:
    names = ("agency", "platform", "place", "plan", "section", "parent")
    alone = [("/v1/tasks", repeated(name, iter(values))) for name in names]
    few = b"&".join(repeated(name, iter(values[:40])) for name in names)
    for work in meter.requests(*alone, ("/v1/tasks", few[:LONGEST_QUERY])):
        assert_bounded(work, values[0])
        assert len(work.errors) == MOST_ERRORS


def test_any_parameter_at_its_longest(meter_of_parsing: Meter, parameters: list[Asked]) -> None:
    different = {one.name: one for one in parameters}.values()  # `read_query` is one for all
    assert {"cursor", "sort", "q", "changed_since", "limit", "due_from"} <= {
        p.name for p in different
    }
    for fill in ("x", "%41", "%E7%9C%81", "9", "+", ","):
        asked = [
            (
                one.path,
                f"{one.name}={fill * (LONGEST_QUERY // len(fill) - 20)}{one.others}".encode(),
            )
            for one in different
        ]
        for one, work in zip(different, meter_of_parsing.requests(*asked), strict=True):
            assert_bounded(work, (fill, one))
            assert work.status == 422, (fill, one)
            assert work.statements == 0, (fill, one)


@pytest.mark.parametrize(
    "query",
    [
        b"&" * LONGEST_QUERY,
        b"=&" * (LONGEST_QUERY // 2),
        b"a&" * (LONGEST_QUERY // 2),
        b"a&" * 1999,
        b"agency&" * (LONGEST_QUERY // 7),
        b"lang=zh-Hant&" * (LONGEST_QUERY // 13),
        b"sort=code&" * 1999,
        b"a" * LONGEST_QUERY,
        b"%61" * (LONGEST_QUERY // 3),
        b"%E7%9C%81" * (LONGEST_QUERY // 9),
        "".join(f"agncy{n}=1&" for n in range(1500)).encode(),
        "".join(f"{'perPage' * 9}{n}=1&" for n in range(900)).encode(),
    ],
    ids=lambda query: query[:12].decode(),
)  # fmt: skip
def test_names_that_no_parameter_has(meter: Meter, query: bytes) -> None:
    for work in meter.requests(("/v1/tasks", query), ("/v1/tasks/gd-dg-2022-t1", query)):
        assert_bounded(work, query[:40])
        assert work.status == 422


def test_a_query_of_many_words(meter: Meter) -> None:
    words = ["".join(chr(97 + (n + i) % 26) for i in range(3)) for n in range(50)]
    for path in ("/v1/search?", "/v1/tasks?sort=relevance&", "/v1/targets?"):
        base, _, query = path.partition("?")
        asked = [
            (base, f"{query}q={'+'.join(words[:number])}".encode()) for number in (1, 5, 12, 13, 49)
        ]
        asked += [(base, f"{query}q={'a'.join('bcdefghij' * 11)[:200]}".encode())]
        works = meter.requests(*asked)
        assert [work.status for work in works] == [200, 200, 200, 422, 422, 200]
        for work in works:
            assert_bounded(work, path)


def test_a_query_of_many_words_that_are_found(meter: Meter, client: TestClient) -> None:
    """All in a title, so that a row may have each of 16 scores."""
    tasks = client.get("/v1/tasks?limit=1000").json()["data"]
    task = max(tasks, key=lambda one: len(one["title"]))
    title = task["title"]
    cut = [title[start : start + len(title) - n] for n in (3, 4, 5) for start in range(n + 1)]
    longest = cut[:12]
    shortest = list(dict.fromkeys(re.findall(r"[\u4e00-\u9fff]", title)))[:12]
    for words in (longest, shortest):
        query = urlencode({"q": " ".join(words)}).encode()
        asked = [("/v1/search", query), ("/v1/tasks", query + b"&sort=relevance")]
        for work in meter.requests(*asked):
            assert task["id"] in {one["id"] for one in json.loads(work.body)["data"]}
            assert_bounded(work, words)


def test_a_path_of_any_length(meter: Meter) -> None:
    for path in ("/v1/tasks/", "/v1/facets/tasks/", "/v1/plans/gd-dg-2022/", "/v1/", "/"):
        for fill in ("x", "/x", ".."):
            (work,) = meter.requests((path + fill * (60_000 // len(fill)), b""))
            assert work.status in (404, 422)
            assert_bounded(work, (path, fill))


def test_thousands_that_are_asked_for_are_given(client: TestClient) -> None:
    """The bound is for nonsense: a thousand ids, and names of agencies as often, are looked up."""
    ids = [task["id"] for task in client.get("/v1/tasks?limit=1000").json()["data"]]
    query = "limit=1000&" + "&".join(f"id={id_}" for id_ in (ids * 14)[:1000])
    assert client.get(f"/v1/tasks?{query}").json()["page"]["total"] == len(ids)
    agencies = "&".join(["agency=公安厅", "agency=省民政厅"] * 500)
    assert client.get(f"/v1/tasks?{agencies}").json()["page"]["total"] > 0
