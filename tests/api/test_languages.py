"""Traditional Chinese for those who prefer it; what is cited stays the notice's own script."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.chinese.folding import folded
from app.enums import Script
from app.http.languages import in_script
from app.main import create_app
from app.settings import Settings
from tests.support.cache import cache_of
from tests.support.stored import snapshot

TASK = "/v1/tasks/gd-dg-2022-t17.2"


@pytest.mark.parametrize(
    ("preference", "language"),
    [
        (None, "zh-Hans"),
        ("", "zh-Hans"),
        ("*", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-Hans-HK", "zh-Hans"),
        ("en-GB,fr", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK,zh;q=0.9", "zh-Hant"),
        ("ZH-mo", "zh-Hant"),
        ("zh-Hant", "zh-Hant"),
        ("zh-hant-hk", "zh-Hant"),
        ("en, zh-TW;q=0.3", "zh-Hant"),
        ("zh-CN;q=0.5, zh-TW;q=0.6", "zh-Hant"),
        ("zh-TW;q=0.5, zh-CN;q=0.6", "zh-Hans"),
        ("zh-TW;q=0", "zh-Hans"),
        ("zh-TW;q=x", "zh-Hans"),
        ("zh-TWO", "zh-Hans"),
    ],
)
def test_the_language_is_looked_up(
    client: TestClient, preference: str | None, language: str
) -> None:
    headers = {} if preference is None else {"Accept-Language": preference}
    answer = client.get(TASK, headers=headers)
    assert answer.headers["content-language"] == language
    assert "Accept-Language" in answer.headers["vary"]
    assert answer.json()["title"] == {
        "zh-Hans": "提高“粤商通”平台涉企服务水平",
        "zh-Hant": "提高“粵商通”平臺涉企服務水平",
    }[language]  # fmt: skip


@pytest.mark.parametrize("path", [TASK, "/v1", "/v1/tasks", "/v1/plans/gd-dg-2022/text",
                                  "/v1/search?q=数据", "/v1/facets/tasks/agency"])  # fmt: skip
def test_lang_goes_before_the_header_everywhere(client: TestClient, path: str) -> None:
    mark = "&" if "?" in path else "?"
    for lang, other in (("zh-Hant", "zh-CN"), ("zh-Hans", "zh-TW")):
        answer = client.get(f"{path}{mark}lang={lang}", headers={"Accept-Language": other})
        assert (answer.status_code, answer.headers["content-language"]) == (200, lang)


@pytest.mark.parametrize("query", ["lang=zh-TW", "lang=en", "lang=", "lang=zh-Hant&lang=zh-Hans"])
@pytest.mark.parametrize("path", [TASK, "/v1/tasks"])
def test_another_language_is_422_once(client: TestClient, path: str, query: str) -> None:
    answer = client.get(f"{path}?{query}")
    assert answer.status_code == 422
    assert [error["name"] for error in answer.json()["errors"]] == ["lang"]


def test_only_words_are_converted(client: TestClient) -> None:
    """Ids, spans, numbers and enums are the same; words are the same words."""

    def compare(one: Any, other: Any) -> None:
        if isinstance(one, dict):
            assert one.keys() == other.keys()
            for key in one:
                compare(one[key], other[key])
        elif isinstance(one, list):
            for pair in zip(one, other, strict=True):
                compare(*pair)
        elif isinstance(one, str):
            assert (folded(one), len(one)) == (folded(other), len(other))
            assert one == other or not one.isascii()
        else:
            assert one == other

    for path in ("/v1/tasks?limit=1000", "/v1/targets", "/v1/plans", "/v1/agencies", "/v1"):
        answer = client.get(path, headers={"Accept-Language": "zh-HK"})
        compare(client.get(path).json(), answer.json())
        assert int(answer.headers["content-length"]) > 0


def test_a_walk_in_one_language_stays_in_it(client: TestClient) -> None:
    first = client.get("/v1/tasks?limit=40&lang=zh-Hant")
    rest = client.get(first.links["next"]["url"])
    assert rest.headers["content-language"] == "zh-Hant"
    cursor = first.json()["page"]["next"]
    assert client.get(f"/v1/tasks?limit=40&cursor={cursor}").json()["data"]


def test_what_was_received_stays_as_it_came(client: TestClient) -> None:
    path = "/v1/plans/gd-dg-2022/text"
    hans, hant = client.get(path).json(), client.get(f"{path}?lang=zh-Hant").json()
    assert [c["raw"] for c in hans["corrections"]] == [c["raw"] for c in hant["corrections"]]
    assert hans["text_sha256"] == hant["text_sha256"]
    assert hans["text"] != hant["text"]
    text = client.get(f"{path}?lang=zh-Hant&format=text")
    assert text.text == hant["text"]
    assert text.headers["content-language"] == "zh-Hant"


@pytest.mark.parametrize("path", [TASK, "/v1/tasks?id=none"])  # one without any Chinese
def test_etags_differ_by_language_and_each_gives_304(client: TestClient, path: str) -> None:
    tags = {}
    for lang in Script:
        answer = client.get(path, headers={"Accept-Language": lang})
        tags[lang] = answer.headers["etag"]
        again = client.get(path, headers={"Accept-Language": lang, "If-None-Match": tags[lang]})
        assert again.status_code == 304
    assert len(set(tags.values())) == 2
    for lang, other in zip(Script, reversed(Script), strict=True):
        headers = {"Accept-Language": lang, "If-None-Match": tags[other]}
        assert client.get(path, headers=headers).status_code == 200


def test_spellings_of_a_language_share_one_cached_response(database_url: str) -> None:
    app = create_app(Settings(database_url=database_url))
    with TestClient(app) as client:
        for spelling in ("zh-TW", "zh-HK;q=0.9", "zh-Hant, en", "zh-CN", "de", "zh"):
            client.get(TASK, headers={"Accept-Language": spelling})
        assert len(cache_of(app.middleware_stack).responses.entries) == 2


@pytest.mark.parametrize(
    ("preference", "language", "title"),
    [
        ("zh-TW", "zh-Hant", "參數不符合要求"),
        ("zh", "zh-Hans", "参数不符合要求"),
        ("en, zh-TW;q=0.5", "en", "Invalid parameters"),
    ],
)
def test_problems_are_told_in_the_language_of_the_reader(
    client: TestClient, preference: str, language: str, title: str
) -> None:
    answer = client.get("/v1/tasks?agency=公安局", headers={"Accept-Language": preference})
    assert answer.headers["content-language"] == language
    assert answer.json()["title"] == title
    asked = client.get("/v1/tasks?agency=公安局&lang=zh-Hant", headers={"Accept-Language": "en"})
    assert asked.json()["title"] == "參數不符合要求"


def test_conversion_keeps_the_number_of_characters_of_all_documents(database_url: str) -> None:
    stored = snapshot(database_url)
    assert len(stored) == 1 + 6 + 76 + 18 + 38 + 166 + 2
    for *_, document in stored:
        converted = in_script(document, Script.HANT)
        assert len(converted) == len(document)
        assert json.loads(converted).keys() == json.loads(document).keys()
