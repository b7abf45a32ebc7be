"""Search finds every stretch of a text, in either script, and ranks what it finds."""

import base64
import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opencc import OpenCC
from starlette.testclient import TestClient

from app.chinese.folding import folded, folded_with_places, search_key
from app.chinese.scripts import VARIANTS_FILE, variant_classes
from app.reading.cursors import _checksum
from tests.support.raw import Raw, ask_each
from tests.support.statements import selects

PLAN = "gd-dg-2022"
FIELDS = {"tasks": ("title", "body"), "targets": ("metric", "statement"), "platforms": ("name",)}
SIGN = r"[\s“”‘’「」『』《》〈〉\"'（）()\[\]【】〔〕{}、·・‧•+-]"
# Signs stay between two letters or digits of ours, and `++` behind one; else they are nothing.
ELSEWHERE = re.compile(rf"(?<![0-9a-z]|{SIGN}){SIGN}+|{SIGN}++(?![0-9a-z])")


@cache
def plain(text: str) -> str:
    """What a text says: an independent reading of the rules, for texts of the notice."""
    text = re.sub("[‐‑–—]", "-", unicodedata.normalize("NFKC", text).casefold())
    text = re.sub(r"(?<=[0-9a-z])\+\+", "\ue000", text)
    text = ELSEWHERE.sub("", text)
    return re.sub(rf"{SIGN}+", lambda signs: re.sub("[^+-]", "", signs[0]) or " ", text)


def words(q: str) -> list[str]:
    """The words of a query without phrases."""
    return [plain(word) for word in q.split() if plain(word)]


@cache  # nothing is written to what `client` reads
def everything(client: TestClient, resource: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(f"/v1/{resource}?limit=1000").json()["data"]
    return rows


@cache
def ids_of(client: TestClient, resource: str, query: str) -> frozenset[str]:
    """The rows of a list with some parameters."""
    page = client.get(f"/v1/{resource}?limit=1000&{query}").json()
    assert page["page"]["total"] == len(page["data"])
    return frozenset(row["id"] for row in page["data"])


def found(client: TestClient, resource: str, q: str, **more: str) -> list[str]:
    answer = client.get(f"/v1/{resource}", params={"q": q, "limit": "1000", **more})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["page"]["total"] == len(page["data"])
    return [row["id"] for row in page["data"]]


def texts(row: Mapping[str, Any], resource: str) -> list[str]:
    return [row[field] for field in FIELDS[resource] if row[field]]


def scan(client: TestClient, resource: str, *words: str) -> list[str]:
    """What a plain look for the words in every text finds."""
    return [
        row["id"]
        for row in everything(client, resource)
        for all_ in [[plain(text) for text in texts(row, resource)]]
        if all(any(plain(word) in text for text in all_) for word in words)
    ]


def found_each(client: TestClient, resource: str, queries: list[str]) -> list[list[str]]:
    """The same for many, with no change of threads for each."""
    path = f"/v1/{resource}".encode()
    raws = [Raw(path, urlencode({"q": q, "limit": "1000"}).encode()) for q in queries]
    ids = []
    for answer in ask_each(client, raws):
        assert answer.status == 200, answer.body
        page = json.loads(answer.body)
        assert page["page"]["total"] == len(page["data"])
        ids.append([row["id"] for row in page["data"]])
    return ids


@cache
def stretches(client: TestClient, resource: str, length: int) -> list[str]:
    """Every part of a text of so many characters that says something."""
    parts = {
        text[i : i + length]
        for row in everything(client, resource)
        for text in texts(row, resource)
        for i in range(len(text) - length + 1)
    }
    return sorted(part for part in parts if any(map(plain, part)))


@cache  # of many texts, hypothesis takes long to make a strategy
def a_stretch(client: TestClient, resource: str, length: int) -> st.SearchStrategy[str]:
    return st.sampled_from(stretches(client, resource, length))


# What is asked for everything there is, is asked of one database; both are asked for the words of the
# next test.
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize("resource", FIELDS)
def test_every_character_and_pair_is_found_just_where_it_stands(
    client: TestClient, resource: str
) -> None:
    texts_of = {
        row["id"]: [plain(text) for text in texts(row, resource)]
        for row in everything(client, resource)
    }
    for length in (1, 2):
        words = stretches(client, resource, length)
        assert len(words) > 100
        words = words[:: 1 if resource != "tasks" else 3]
        ids = found_each(client, resource, [f'"{word}"' for word in words])
        for word, ids_of_word in zip(words, ids, strict=True):
            said = plain(word)
            there = [i for i, all_ in texts_of.items() if any(said in t for t in all_)]
            assert ids_of_word == there, word


converter = cache(OpenCC)


def simplified(text: str) -> str:
    said: str = converter("t2s").convert(text)
    return said


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_words_of_up_to_8_characters_in_any_script_are_found_where_they_stand(
    client: TestClient, data: st.DataObject
) -> None:
    length = data.draw(st.integers(1, 8))
    word = data.draw(a_stretch(client, "tasks", length))
    script = data.draw(st.sampled_from(["s2t", "s2hk", "s2tw", None]))
    asked = converter(script).convert(word) if script else word
    assert found(client, "tasks", f'"{asked}"') == scan(client, "tasks", word)


@pytest.mark.parametrize(
    "q",
    ["%", "_", "*", "^", "AND", "NOT", "C++", "2026-", "\\", "t0数", ":", "数*", "数 (", '数 "',
     "NEAR(数 据)", "数据 OR 医保", "-数据", "“粤", "|", "&", "!", "<->", "é", "𠮷", "😀"],
)  # fmt: skip
def test_every_character_is_only_a_character(client: TestClient, q: str) -> None:
    assert found(client, "tasks", q) == scan(client, "tasks", *words(q))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("数据", "數據"),
        ("12345", "１２３４５"),
        ("pdmm", "ＰＤＭＭ"),
        ("5g", "5G"),
        ("一网统管 平台", "平臺　一網統管"),
        ("医疗", "醫療"),
        ("“粤政易”平台", "粤政易平台"),
        ("“互联网+监管”", "互联网监管"),
        ("互联网监管", "互联网 ＋ 监管".replace(" ", "\u200b")),
        ("“双随机、一公开”监管", "双随机一公开监管"),
        ("双随机、一公开", "双随机·一公开"),
        ("粤商通", "「粤商通」"),
        ("粤商通", "『粤商通』"),
        ("粤商通", "《粤商通》"),
        ("粤商通", "〈粤商通〉"),
        ("粤商通", "＂粤商通＂"),
        ("粤商通", "'粤商通'"),
        ("粤商通", "[粤]【商】｛通｝"),
        ("粤商通", "粤‧商•通"),
        ("粤商通", "粤-商—通"),
        ("粤商通", '"粤 商 通"'),
        ("居民", "居⺠"),
        ("行政", "⾏政"),
        ("行政", "\ufa08政"),
        ("居民", "居\u200b民"),
        ("居民", "居\u00ad民"),
        ("居民", "居民\ufe0f"),
        ("居民", "\u2060居\ufeff民"),
        ("居民", "\u202e居\u2066民\u2069"),
        ("居民", "居\U000e0100民"),
        ("1+N", "1 ＋ n".replace(" ", "\u200d")),
    ],
)
def test_what_is_written_otherwise_is_the_same(client: TestClient, one: str, other: str) -> None:
    assert found(client, "tasks", one)
    assert found(client, "tasks", one) == found(client, "tasks", other)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_quoted_name_is_found_with_what_follows_it(client: TestClient) -> None:
    text = client.get(f"/v1/plans/{PLAN}/text").json()["text"]
    quoted = [(m[1], m[2], m.start()) for m in re.finditer(r"“([^“”]+)”(\w\w)", text)]
    assert len(quoted) >= 59
    owners = [*everything(client, "tasks"), *everything(client, "sections")]
    for name, after, start in quoted:
        for hidden in ("", "”", "」"):
            hits = walk(client, f"/v1/search?q={quote(name + hidden + after)}&limit=1000")
            around = {
                row["id"] for row in owners if row["span"]["start"] <= start < row["span"]["end"]
            }
            ids = {hit["id"] for hit in hits}
            assert ids & around or ids == {PLAN}, name + hidden + after


@pytest.mark.parametrize(
    ("text", "same", "other"),
    [
        ("C++ 语言", ["C++", "c＋＋语言", "C++“语言”"], ["C+语言", "C语言"]),
        ("5G+政务", ["5G政务", "5g 政务", "５Ｇ＋政务"], ["5 G政务"]),
        ("数字政府2.0", ["数字政府2.0", "“数字政府” 2.0"], ["数字政府20", "数字政府2 0"]),
        ("1+N", ["1＋N", "1 + n"], ["1N", "1 N", "1-N"]),
        ("3至5个", ["３至５个", "3 至 5 个"], ["35个"]),
        ("a b", ["A  B", "a“b”", "a、b", "a (b"], ["ab"]),
        ("2022-2025年", ["2022—2025年", "2022 – 2025 年"], ["20222025年", "2022 2025年"]),
    ],
)
def test_signs_stay_between_latin_words_and_digits(
    text: str, same: list[str], other: list[str]
) -> None:
    for one in same:
        assert folded(one) in folded(text), one
        assert plain(one) in plain(text), one
    for one in other:
        assert folded(one) not in folded(text), one
        assert plain(one) not in plain(text), one


def test_all_words_must_be_there_and_a_phrase_is_one_word(client: TestClient) -> None:
    both = found(client, "tasks", "数据 医保")
    assert set(both) == set(found(client, "tasks", "数据")) & set(found(client, "tasks", "医保"))
    assert set(found(client, "tasks", "政务服务")) < set(found(client, "tasks", "政务 服务"))


@pytest.mark.parametrize(
    "filters",
    [
        "agency=省公安厅", "role=lead&agency=省政务服务数据管理局", "level=item", "leaf=true",
        "platform=粤省事", "has_targets=true", f"id={PLAN}-t1&id={PLAN}-t17.2&id=x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("q", ["数", "数据", "数字政府", "服务 平台"])
@pytest.mark.parametrize("sort", ["notice", "-title", "relevance"])
def test_words_and_filters_narrow_the_list_together(
    client: TestClient, filters: str, q: str, sort: str
) -> None:
    answer = client.get(f"/v1/tasks?{filters}&q={q}&sort={sort}&limit=2").json()
    wanted = ids_of(client, "tasks", filters) & ids_of(client, "tasks", f"q={q}")
    walked = walk(client, f"/v1/tasks?{filters}&q={q}&sort={sort}&limit=7")
    assert sorted(row["id"] for row in walked) == sorted(wanted)
    assert answer["page"]["total"] == len(wanted)


def walk(client: TestClient, url: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor: str | None = ""
    for _ in range(300):
        page = client.get(url + (f"&cursor={cursor}" if cursor else "")).json()
        rows += page["data"]
        cursor = page["page"]["next"]
        if cursor is None:
            return rows
    raise AssertionError("the walk does not end")


def test_the_title_goes_before_the_body(client: TestClient) -> None:
    rows = walk(client, "/v1/tasks?q=数据&sort=relevance&limit=7")
    in_title = ["数据" in row["title"] for row in rows]
    assert in_title == sorted(in_title, reverse=True)
    assert {True, False} == set(in_title)
    backwards = walk(client, "/v1/tasks?q=数据&sort=-relevance&limit=5")
    assert [row["id"] for row in backwards] == [row["id"] for row in reversed(rows)]


def test_a_rarer_word_in_the_title_goes_before_a_commoner_one(client: TestClient) -> None:
    hits = walk(client, "/v1/search?q=数据 平台&kind=task&limit=3")
    places = [(hit["score"], "数据" in hit["title"], "平台" in hit["title"]) for hit in hits]
    assert len(found(client, "tasks", "数据")) < len(found(client, "tasks", "平台"))
    assert places == sorted(places, reverse=True)
    assert len({score for score, *_ in places}) > 2


def test_search_finds_everything_that_the_lists_find(client: TestClient) -> None:
    for q in ("数", "粤商通", "平台 服务"):
        hits = walk(client, f"/v1/search?q={q}&limit=10")
        assert len({(hit["kind"], hit["id"]) for hit in hits}) == len(hits)
        for resource in FIELDS:
            kind = resource.removesuffix("s")
            of_kind = sorted(hit["id"] for hit in hits if hit["kind"] == kind)
            assert of_kind == sorted(found(client, resource, q))
    kinds = {hit["kind"] for hit in walk(client, "/v1/search?q=数&limit=1000")}
    assert kinds == {"plan", "section", "task", "agency", "target", "platform"}


def test_search_takes_kinds_and_plans(client: TestClient) -> None:
    hits = walk(client, f"/v1/search?q=数据&kind=agency&kind=section&plan={PLAN}&limit=50")
    assert {hit["kind"] for hit in hits} == {"section"}
    assert client.get("/v1/search?q=数据&plan=gd-dg-2021").status_code == 422


def test_a_snippet_shows_the_words_at_its_offsets(client: TestClient) -> None:
    for q in ("數據", "粤商通", "服务 平台", "200万", "一", "粤政易平台", "双随机一公开"):
        hits = walk(client, f"/v1/search?q={q}&limit=1000")
        assert hits, q
        for hit in hits:
            resource = client.get(hit["href"]).json()
            snippet = hit["snippet"]
            field = resource[snippet["field"]]
            assert hit["title"] in resource.values()
            if isinstance(field, str):
                text = field[snippet["start"] : snippet["start"] + len(snippet["text"])]
                assert text == snippet["text"]
            assert snippet["matches"]
            for match in snippet["matches"]:
                shown = snippet["text"][match["start"] : match["end"]]
                assert plain(simplified(shown)) in words(simplified(q))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/search", "q"),
        ("/v1/search?q=", "q"),
        ("/v1/search?q=%20", "q"),
        ('/v1/search?q=""', "q"),
        ("/v1/search?q=“", "q"),
        ("/v1/search?q=（", "q"),
        ("/v1/tasks?q=、%2B-", "q"),
        ("/v1/tasks?q=%E2%80%8B", "q"),
        ("/v1/tasks?q=%E3%80%80", "q"),
        ("/v1/tasks?sort=relevance", "sort"),
        ("/v1/search?q=数&kind=report", "kind"),
        ("/v1/search?q=" + "数" * 201, "q"),
        ("/v1/search?q=数%00", "q"),
        ("/v1/search?q=数&sort=title", "sort"),
    ],
)
def test_what_cannot_be_searched_is_422_and_named(client: TestClient, path: str, name: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    assert [error["name"] for error in answer.json()["errors"]] == [name]


def test_a_cursor_belongs_to_its_words(client: TestClient) -> None:
    cursor = client.get("/v1/search?q=数据&limit=1").json()["page"]["next"]
    assert client.get(f"/v1/search?q=数字&limit=1&cursor={cursor}").status_code == 422
    cursor = client.get("/v1/tasks?q=数据&sort=relevance&limit=1").json()["page"]["next"]
    assert client.get(f"/v1/tasks?q=数据&limit=1&cursor={cursor}").status_code == 422


@pytest.mark.parametrize(
    "last",
    [
        [10, [1, 2], 0, 1], [10, [], 0, 1], [10, ["x"], 0, 1], [10, [[]], 0, 1], [10, {}, 0, 1],
        [10, [1.5], 0, 1], [10, [1], 9, 1], [10, [1], -1, 1], [-1, [1], 0, 1], [10, [-1], 0, 1],
        [10, [1], 0, 2**80], [10, [1], 0, "1"], [10, [1], 0], "x", 1,
    ],
)  # fmt: skip
def test_a_cursor_that_somebody_made_up_is_refused(client: TestClient, last: Any) -> None:
    filters = json.dumps(["/v1/tasks", [["q", "数据"], ["sort", "relevance"]]]).encode()
    payload = json.dumps(last).encode()
    cursor = base64.urlsafe_b64encode(_checksum(payload, filters) + payload).decode().rstrip("=")
    answer = client.get(f"/v1/tasks?q=数据&sort=relevance&cursor={cursor}")
    assert answer.json()["type"] == "/problems/invalid-cursor"


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_a_part_of_a_text_folds_to_a_part_of_the_folded_text(a: str, b: str, c: str) -> None:
    assert folded(b) in folded(a + b + c)
    plain, places = folded_with_places(a + b + c)
    assert len(plain) == len(places)
    assert places == sorted(places)


@given(st.text(st.sampled_from("a1中é“（ 、·+-\u200b⺠⑴")), st.text(max_size=20))
def test_folding_again_changes_nothing(signs: str, text: str) -> None:
    for one in (signs, text, signs + text):
        assert folded(folded(one)) == folded(one)
        assert search_key(search_key(one)) == search_key(one)


@given(st.text(st.sampled_from("a1中é“（ 、·+-\u200b⺠⑴"), max_size=12), st.data())
def test_a_part_of_signs_and_words_folds_to_a_part(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    part = folded(text[start:end])
    whole, places = folded_with_places(text)
    assert part in whole
    if part:
        at = whole.index(part)
        assert folded(text[places[at] : places[at + len(part) - 1] + 1]) == part


def test_a_search_costs_a_fixed_number_of_statements(
    uncached: TestClient, statements: list[str]
) -> None:
    for path, most in (
        ("/v1/search?q=服务 平台&plan=gd-dg-2022", 5),
        ("/v1/tasks?q=服务 平台&agency=公安厅&sort=relevance", 3),
        ("/v1/tasks?q=数据", 2),
    ):
        statements.clear()
        assert uncached.get(path).status_code == 200
        assert selects(statements) == most, statements


def test_the_file_of_variants_is_what_opencc_says() -> None:
    assert VARIANTS_FILE.read_text("utf-8") == variant_classes()
